/* SPDX-License-Identifier: MIT */
/* Ends by the signal that is its first argument; with a second one it leaves a core dump, where the signal makes one.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

int main(int argc, char **argv) {
  struct rlimit core = {0, 0};
  if (argc > 2) core.rlim_cur = core.rlim_max = RLIM_INFINITY;
  if (setrlimit(RLIMIT_CORE, &core) != 0) return 251;
  raise(argc > 1 ? atoi(argv[1]) : 0);
  return 250; /* the signal did not end it */
}
