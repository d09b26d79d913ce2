/* SPDX-License-Identifier: MIT */
/* Prints the environment, each entry followed by a NUL. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

extern char **environ;

int main(void) {
  for (char **entry = environ; *entry != NULL; entry++) fwrite(*entry, 1, strlen(*entry) + 1, stdout);
  return fflush(stdout) == 0 ? 0 : 1;
}
