/* SPDX-License-Identifier: MIT */
/* speaker OUT ERR: writes OUT to standard output, ERR to standard error and stays until it is killed. */
#define _GNU_SOURCE
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv) {
  for (int i = 1; i < argc && i < 3; i++) {
    if (write(i, argv[i], strlen(argv[i])) < 0) return 1;
  }
  alarm(300); /* nobody is left behind by a test that was killed itself */
  for (;;) pause();
}
