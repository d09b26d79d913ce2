/* SPDX-License-Identifier: MIT */
/* Says "ready"; at SIGTERM it says "bye" and exits with 42; never ends by itself. */
#define _GNU_SOURCE
#include <signal.h>
#include <unistd.h>

static void leave(int sig) {
  (void)sig;
  ssize_t n = write(1, "bye\n", 4);
  _exit(n == 4 ? 42 : 1);
}

int main(void) {
  signal(SIGTERM, leave);
  if (write(1, "ready\n", 6) != 6) return 1;
  alarm(300); /* nobody is left behind by a test that was killed itself */
  for (;;) pause();
}
