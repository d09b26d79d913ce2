/* SPDX-License-Identifier: MIT */
/* signal_child [SECONDS]: the child of the signal examples. Waits for SIGUSR1, by default at most 3 seconds. */
#define _POSIX_C_SOURCE 200809L
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/select.h>
#include <unistd.h>

static volatile sig_atomic_t received;

static void on_usr1(int signum) { received = signum; }

int main(int argc, char **argv) {
  struct timespec limit = {.tv_sec = argc > 1 ? atoi(argv[1]) : 3};
  struct sigaction action = {.sa_handler = on_usr1};
  sigset_t usr1, unblocked;
  int pid = (int)getpid();

  setvbuf(stdout, NULL, _IOLBF, BUFSIZ); /* the parent waits for our lines */
  printf("CHILD %6d: Setting up signal handler\n", pid);
  sigemptyset(&usr1);
  sigaddset(&usr1, SIGUSR1);
  sigprocmask(SIG_BLOCK, &usr1, &unblocked); /* until pselect(): a signal that comes now must not be missed */
  sigaction(SIGUSR1, &action, NULL);
  printf("CHILD %6d: Pausing to wait for signal\n", pid);

  pselect(0, NULL, NULL, NULL, &limit, &unblocked);
  printf("CHILD %6d: %s\n", pid, received ? "Received USR1" : "Never received signal");
  return 0;
}
