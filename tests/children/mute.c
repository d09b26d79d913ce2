/* SPDX-License-Identifier: MIT */
/* Closes its output streams, and with an argument its input too, and stays until it is killed. */
#define _GNU_SOURCE
#include <unistd.h>

int main(int argc, char **argv) {
  (void)argv;
  close(1);
  close(2);
  if (argc > 1) close(0);
  alarm(300); /* nobody is left behind by a test that was killed itself */
  for (;;) pause();
}
