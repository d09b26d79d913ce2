/* SPDX-License-Identifier: MIT */
/* Prints the signal lines of /proc/self/status: the mask, what is ignored and what is caught. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

int main(void) {
  char line[256];
  FILE *status = fopen("/proc/self/status", "re");
  if (status == NULL) return 1;
  while (fgets(line, sizeof line, status) != NULL) {
    if (strncmp(line, "Sig", 3) == 0 && strncmp(line, "SigQ", 4) != 0) fputs(line, stdout);
  }
  fclose(status);
  return 0;
}
