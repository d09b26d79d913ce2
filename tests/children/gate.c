/* SPDX-License-Identifier: MIT */
/* gate FD PROGRAM ARGUMENTS: waits until the other end of the pipe FD is closed, then becomes PROGRAM. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv) {
  char byte;
  if (argc < 3) return 250;
  int fd = atoi(argv[1]);
  while (read(fd, &byte, 1) > 0) continue;
  close(fd);
  execv(argv[2], argv + 2);
  return 251;
}
