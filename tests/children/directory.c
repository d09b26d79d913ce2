/* SPDX-License-Identifier: MIT */
/* Prints the working directory. */
#define _GNU_SOURCE
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
  char path[PATH_MAX];
  if (getcwd(path, sizeof path) == NULL) return 1;
  return fputs(path, stdout) < 0;
}
