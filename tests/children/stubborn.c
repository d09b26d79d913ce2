/* SPDX-License-Identifier: MIT */
/* Ignores SIGTERM, says "ready", never reads and never ends by itself. */
#define _GNU_SOURCE
#include <signal.h>
#include <unistd.h>

int main(void) {
  signal(SIGTERM, SIG_IGN);
  if (write(1, "ready\n", 6) != 6) return 1;
  alarm(300); /* nobody is left behind by a test that was killed itself */
  for (;;) pause();
}
