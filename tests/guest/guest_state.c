/* SPDX-License-Identifier: MIT
 *
 * What the host is like before and after a session that uses everything.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

#include "host.h"
#include "host_state.h"
#include "session.h"

static void on_signal(int sig) { (void)sig; }

/* A host with a taste of its own, so that a return to defaults is seen. */
static void furnish(void) {
  static char stack[65536];
  REQUIRE(sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof stack}, NULL) == 0);
  struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_ONSTACK | SA_RESTART};
  sigaddset(&action.sa_mask, SIGHUP);
  REQUIRE(sigaction(SIGCHLD, &action, NULL) == 0);
  REQUIRE(sigaction(SIGUSR1, &action, NULL) == 0);
  action.sa_flags = SA_NODEFER;
  REQUIRE(sigaction(SIGRTMIN + 3, &action, NULL) == 0);
  REQUIRE(sigaction(SIGTERM, &action, NULL) == 0);
  REQUIRE(signal(SIGUSR2, SIG_IGN) != SIG_ERR);
  sigset_t mask;
  sigemptyset(&mask);
  sigaddset(&mask, SIGUSR1);
  sigaddset(&mask, SIGRTMAX);
  REQUIRE(pthread_sigmask(SIG_SETMASK, &mask, NULL) == 0);
  umask(027);
  REQUIRE(chdir("/usr") == 0);
  struct itimerval far = {{1000, 0}, {1000, 0}};
  REQUIRE(setitimer(ITIMER_REAL, &far, NULL) == 0);
  REQUIRE(setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0}) == 0);
  REQUIRE(setenv("HOST", "furnished", 1) == 0);
}

/* A thread that only keeps its mask, until its pipe is closed. */
static void *park(void *arg) {
  const int *ends = arg;
  sigset_t mask;
  sigemptyset(&mask);
  sigaddset(&mask, SIGCHLD);
  sigaddset(&mask, SIGWINCH);
  pthread_sigmask(SIG_SETMASK, &mask, NULL);
  char byte;
  while (read(ends[0], &byte, 1) == 1) {
  }
  return NULL;
}

HOST_TEST(session_changes_nothing) {
  furnish();
  int ends[2];
  pthread_t thread;
  REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
  REQUIRE(pthread_create(&thread, NULL, park, ends) == 0);
  /* Its mask is set once it has taken the first byte. */
  REQUIRE(write(ends[1], "", 1) == 1);
  int waiting;
  do REQUIRE(ioctl(ends[0], FIONREAD, &waiting) == 0);
  while (waiting > 0);
  static host_fds before, after;
  host_fds_take(&before);
  char *state = host_state_take();
  session_everything();
  char *later = host_state_take();
  host_state_require_same(state, later);
  host_fds_take(&after);
  host_fds_require(&before, &after, HOST_FDS_CACHED);
  host_fds_require_released(&before);
  free(later);
  later = host_state_take();
  host_state_require_same(state, later);
  host_require_no_children();
  close(ends[1]);
  pthread_join(thread, NULL);
  free(state);
  free(later);
}

HOST_TEST(thread_that_blocks_all_signals_keeps_its_mask) {
  sigset_t mask;
  sigfillset(&mask);
  sigdelset(&mask, SIGCHLD); /* it would stay pending, as it should */
  REQUIRE(pthread_sigmask(SIG_SETMASK, &mask, NULL) == 0);
  char *state = host_state_take();
  session_everything();
  char *later = host_state_take();
  host_state_require_same(state, later);
  free(state);
  free(later);
}

/* Whether the standard descriptors are open or not: they stay so, and none of the library's lands there. */
static void session_without(int closed) {
  /* Hosts of this program are forked from one process, so each one starts complete. */
  for (int fd = 0; fd < 3; fd++)
    if (closed & 1 << fd) close(fd);
  static host_fds before, after;
  host_fds_take(&before);
  session_run();
  session_talk();
  session_pipeline();
  session_cancel();
  session_failures();
  session_extras();
  session_orphans();
  host_fds_take(&after);
  host_fds_require(&before, &after, HOST_FDS_CACHED);
  host_fds_require_released(&before);
}

#define WITHOUT(n) \
  HOST_TEST(standard_descriptors_closed_##n) { session_without(n); }
WITHOUT(1)
WITHOUT(2)
WITHOUT(3)
WITHOUT(4)
WITHOUT(5)
WITHOUT(6)
WITHOUT(7)

/* New ids clear the dumpable flag of the memory that a vfork child shares with the host. */
HOST_TEST(child_with_other_ids_leaves_the_host_dumpable) {
  if (geteuid() != 0) host_skip("only root can give a child another user");
  REQUIRE(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0);
  session_user();
  REQUIRE_INT(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 1);
}

HOST_TEST(child_with_other_ids_leaves_the_host_undumpable) {
  if (geteuid() != 0) host_skip("only root can give a child another user");
  REQUIRE(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0);
  session_user();
  REQUIRE_INT(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(session_changes_nothing),
      cmocka_unit_test(thread_that_blocks_all_signals_keeps_its_mask),
      cmocka_unit_test(standard_descriptors_closed_1),
      cmocka_unit_test(standard_descriptors_closed_2),
      cmocka_unit_test(standard_descriptors_closed_3),
      cmocka_unit_test(standard_descriptors_closed_4),
      cmocka_unit_test(standard_descriptors_closed_5),
      cmocka_unit_test(standard_descriptors_closed_6),
      cmocka_unit_test(standard_descriptors_closed_7),
      cmocka_unit_test(child_with_other_ids_leaves_the_host_dumpable),
      cmocka_unit_test(child_with_other_ids_leaves_the_host_undumpable),
  };
  return cmocka_run_group_tests_name("guest_state", tests, NULL, NULL);
}
