/* SPDX-License-Identifier: MIT */
/* holder FD CODE [daemon]: leaves a grandchild behind that holds every descriptor open, and exits with CODE when that
 * one has said "held". It stays until the other end of the pipe FD is closed; as a daemon it leaves the session and
 * group. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv) {
  char byte = 'x';
  int said[2];
  if (argc < 3 || pipe(said) != 0) return 250;
  pid_t pid = fork();
  if (pid != 0) {
    close(said[1]);
    return pid > 0 && read(said[0], &byte, 1) == 1 ? atoi(argv[2]) : 251;
  }
  if (argc > 3 && (setsid() < 0 || fork() != 0)) _exit(0);
  if (write(1, "held\n", 5) != 5 || write(said[1], &byte, 1) != 1) _exit(1);
  alarm(300); /* nobody is left behind by a test that was killed itself */
  while (read(atoi(argv[1]), &byte, 1) > 0) continue;
  _exit(0);
}
