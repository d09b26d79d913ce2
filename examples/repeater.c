/* SPDX-License-Identifier: MIT */
/* The child of interaction.c: repeats its input line by line, and says on standard error when it starts and ends. */
#include <stdio.h>

int main(void) {
  char text[256];

  fputs("repeater: starting\n", stderr);
  while (fgets(text, sizeof text, stdin) != NULL) {
    fputs(text, stdout);
    fflush(stdout); /* to a pipe stdio writes only when its buffer is full: without this the parent waits for ever */
  }
  fputs("repeater: exiting\n", stderr);
  return 0;
}
