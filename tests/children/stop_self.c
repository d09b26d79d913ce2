/* SPDX-License-Identifier: MIT */
/* Stops itself; when it is continued it exits with the code that is its argument. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  raise(SIGSTOP);
  return argc == 2 ? atoi(argv[1]) : 250;
}
