/* SPDX-License-Identifier: MIT */
/* Prints every argument, argv[0] included, each followed by a NUL, so that no byte of an argument is ambiguous. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv) {
  for (int i = 0; i < argc; i++) fwrite(argv[i], 1, strlen(argv[i]) + 1, stdout);
  return fflush(stdout) == 0 ? 0 : 1;
}
