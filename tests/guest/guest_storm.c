/* SPDX-License-Identifier: MIT
 *
 * Signals without end, and threads without number.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/close_range.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "host.h"
#include "host_state.h"
#include "sandbox.h"
#include "session.h"

static pid_t host_pid;
static volatile int handled, handled_in_child;

/* A child shares the host's memory until it executes, and would be seen here if it ran the host's handler. */
static void count_signal(int sig) {
  (void)sig;
  if (syscall(SYS_getpid) == host_pid)
    handled++;
  else
    handled_in_child++;
}

static void storm(int which, int sig, int flags) {
  host_pid = getpid();
  static host_fds before;
  host_fds_take(&before);
  REQUIRE(sigaction(sig, &(struct sigaction){.sa_handler = count_signal, .sa_flags = flags}, NULL) == 0);
  REQUIRE(setitimer((__itimer_which_t)which, &(struct itimerval){{0, 1000}, {0, 1000}}, NULL) == 0);
  do session_everything();
  while (handled < 10);
  REQUIRE(setitimer((__itimer_which_t)which, &(struct itimerval){{0, 0}, {0, 0}}, NULL) == 0);
  REQUIRE_INT(handled_in_child, 0);
  host_fds_require_released(&before);
  host_require_no_children();
}

HOST_TEST(storm_of_sigalrm_with_restart) { storm(ITIMER_REAL, SIGALRM, SA_RESTART); }

HOST_TEST(storm_of_sigalrm_without_restart) { storm(ITIMER_REAL, SIGALRM, 0); }

HOST_TEST(storm_of_sigprof_with_restart) { storm(ITIMER_PROF, SIGPROF, SA_RESTART); }

HOST_TEST(storm_of_sigprof_without_restart) { storm(ITIMER_PROF, SIGPROF, 0); }

static void *signal_the_group(void *arg) {
  const bool *done = arg;
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, NULL);
  while (!__atomic_load_n(done, __ATOMIC_ACQUIRE)) {
    kill(0, SIGUSR1);
    struct timespec ts = {0, 200000};
    nanosleep(&ts, NULL);
  }
  return NULL;
}

/* Children are in the host's process group and are hit before, during and after their exec. */
static void storm_on_group(void) {
  REQUIRE(setpgid(0, 0) == 0);
  host_pid = getpid();
  REQUIRE(sigaction(SIGUSR1, &(struct sigaction){.sa_handler = count_signal, .sa_flags = SA_RESTART}, NULL) == 0);
  bool done = false;
  pthread_t thread;
  REQUIRE(pthread_create(&thread, NULL, signal_the_group, &done) == 0);
  for (int i = 0; i < 300; i++) {
    sp_error err = SP_ERROR_INIT;
    sp_result *r = NULL;
    REQUIRE_CODE(sp_run(ARGV("true"), NULL, &r, &err), SP_OK, &err);
    int64_t code = sp_result_returncode(r);
    REQUIRE(code == 0 || code == -SIGUSR1);
    sp_result_free(r);
  }
  __atomic_store_n(&done, true, __ATOMIC_RELEASE);
  REQUIRE(pthread_join(thread, NULL) == 0);
  REQUIRE(handled > 0);
  REQUIRE_INT(handled_in_child, 0);
  host_require_no_children();
}

HOST_TEST(storm_on_the_process_group) { storm_on_group(); }

/* Where the kernel does not clear the handlers of a child, it has the host's for a moment. */
HOST_TEST(storm_on_the_process_group_without_clone3) {
  static const sandbox_rule rules[] = {{SANDBOX_CLONE3, SANDBOX_ALWAYS, 0, 0}, {0, SANDBOX_ALWAYS, 0, 0}};
  sandbox_forbid(rules, ENOSYS);
  storm_on_group();
}

/* A child's descriptors are its own three and the one that lists them, whatever the other threads have open. */
static void require_clean_child(void) {
  sp_error err = SP_ERROR_INIT;
  sp_result *r = NULL;
  sp_options opt = {.size = sizeof opt, .flags = SP_CAPTURE | SP_CHECK, .input = "", .input_len = 0};
  REQUIRE_CODE(sp_run(ARGV("ls", "/proc/self/fd"), &opt, &r, &err), SP_OK, &err);
  REQUIRE_OUTPUT(r, SP_OUT, "0\n1\n2\n3\n");
  sp_result_free(r);
  /* Not even where nothing is closed but what is close-on-exec. */
  opt.flags |= SP_KEEP_FDS;
  REQUIRE_CODE(sp_run(ARGV("ls", "/proc/self/fd"), &opt, &r, &err), SP_OK, &err);
  REQUIRE_OUTPUT(r, SP_OUT, "0\n1\n2\n3\n");
  sp_result_free(r);
}

static pthread_barrier_t start;

static void *spawn_some(void *arg) {
  long number = (long)arg;
  pthread_barrier_wait(&start);
  for (int i = 0; i < 3; i++) {
    char word[32], want[34];
    sp_error err = SP_ERROR_INIT;
    sp_result *r = NULL;
    snprintf(word, sizeof word, "%ld.%d", number, i);
    snprintf(want, sizeof want, "%s\n", word);
    REQUIRE_CODE(sp_run(ARGV("echo", word), &SP_OPTIONS(.flags = SP_CAPTURE), &r, &err), SP_OK, &err);
    REQUIRE_OUTPUT(r, SP_OUT, want);
    sp_result_free(r);
  }
  require_clean_child();
  session_talk();
  session_failures();
  return NULL;
}

HOST_TEST(many_threads_at_once) {
  enum { THREADS = 64 };
  static host_fds before, after;
  pthread_t threads[THREADS];
  /* Whatever started the tests may have left descriptors open. */
  REQUIRE(close_range(3, ~0u, CLOSE_RANGE_CLOEXEC) == 0);
  require_clean_child();
  host_prime_threads();
  sp_release_caches();
  host_fds_take(&before);
  char *state = host_state_take();
  REQUIRE(pthread_barrier_init(&start, NULL, THREADS) == 0);
  for (long i = 0; i < THREADS; i++) REQUIRE(pthread_create(&threads[i], NULL, spawn_some, (void *)i) == 0);
  for (size_t i = 0; i < THREADS; i++) REQUIRE(pthread_join(threads[i], NULL) == 0);
  host_await_single_thread();
  char *later = host_state_take();
  host_state_require_same(state, later);
  host_fds_take(&after);
  host_fds_require(&before, &after, HOST_FDS_CACHED);
  host_fds_require_released(&before);
  host_require_no_children();
  free(state);
  free(later);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(storm_of_sigalrm_with_restart), cmocka_unit_test(storm_of_sigalrm_without_restart),
      cmocka_unit_test(storm_of_sigprof_with_restart), cmocka_unit_test(storm_of_sigprof_without_restart),
      cmocka_unit_test(storm_on_the_process_group),    cmocka_unit_test(storm_on_the_process_group_without_clone3),
      cmocka_unit_test(many_threads_at_once),
  };
  return cmocka_run_group_tests_name("guest_storm", tests, NULL, NULL);
}
