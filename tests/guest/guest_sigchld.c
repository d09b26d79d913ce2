/* SPDX-License-Identifier: MIT
 *
 * Hosts that take or lose the exit statuses of their children: the library still finishes every call, and tells the
 * exact code where the kernel keeps it or SP_ELOST where it does not, never an invented one.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "host.h"
#include "host_state.h"
#include "sandbox.h"

static bool exit_is_kept;

static void require_outcome(int line, int rc, int64_t code, int64_t want, const sp_error *err) {
  if (!exit_is_kept) {
    host_require_code(__FILE__, line, "the call", rc, SP_ELOST, err);
    return;
  }
  host_require_code(__FILE__, line, "the call", rc, SP_OK, err);
  host_require_int(__FILE__, line, "the return code", code, want);
}
#define REQUIRE_OUTCOME(rc, code, want, err) require_outcome(__LINE__, (rc), (code), (want), (err))

static void require_result(int line, int rc, sp_result *r, int64_t want, const sp_error *err) {
  REQUIRE(r != NULL);
  require_outcome(line, rc, sp_result_returncode(r), want, err);
  if (!exit_is_kept) REQUIRE(sp_result_returncode(r) == SP_NO_RETURNCODE);
}

/* Every way to learn of an end, where nobody can wait for it. */
static void run_unwaitable(void) {
  sp_error err = SP_ERROR_INIT;
  sp_result *r = NULL;
  int rc = sp_run(SHELL("echo hi; exit 7"), &SP_OPTIONS(.flags = SP_CAPTURE), &r, &err);
  require_result(__LINE__, rc, r, 7, &err);
  REQUIRE_OUTPUT(r, SP_OUT, "hi\n");
  sp_result_free(r);
  r = NULL;
  rc = sp_run(SHELL("kill -HUP $$"), NULL, &r, &err);
  require_result(__LINE__, rc, r, -SIGHUP, &err);
  sp_result_free(r);
  r = NULL;
  REQUIRE_CODE(sp_run(ARGV("sleep", "1000"), &SP_OPTIONS(.timeout_ms = 50), &r, &err), SP_ETIMEDOUT, &err);
  sp_result_free(r);
  sp_command stages[] = {{SHELL("echo x"), NULL}, {SHELL("cat; exit 6"), NULL}};
  sp_process *p = NULL;
  r = NULL;
  REQUIRE_CODE(sp_pipeline(stages, 2, &SP_OPTIONS(.std_out.kind = SP_PIPE), &p, &err), SP_OK, &err);
  rc = sp_communicate(p, NULL, 0, SP_FOREVER, &r, &err);
  require_result(__LINE__, rc, r, 6, &err);
  REQUIRE_OUTPUT(r, SP_OUT, "x\n");
  sp_result_free(r);
  sp_process_free(p);
}

static void wait_unwaitable(void) {
  sp_error err = SP_ERROR_INIT;
  sp_process *p = NULL;
  int64_t code = 0;
  REQUIRE_CODE(sp_popen(SHELL("read x; exit 9"), &SP_OPTIONS(.std_in.kind = SP_PIPE), &p, &err), SP_OK, &err);
  REQUIRE_INT(sp_poll(p, NULL), 0);
  REQUIRE_CODE(sp_wait(p, 20, NULL, &err), SP_ETIMEDOUT, &err);
  REQUIRE_CODE(sp_close_stream(p, SP_IN), SP_OK, NULL);
  for (int again = 0; again < 2; again++) {
    int rc = sp_wait(p, SP_FOREVER, &code, &err);
    REQUIRE_OUTCOME(rc, code, 9, &err);
  }
  code = 0;
  int rc = sp_poll(p, &code);
  REQUIRE_INT(rc, exit_is_kept ? 1 : SP_ELOST);
  REQUIRE_INT(code, exit_is_kept ? 9 : 0);
  REQUIRE_CODE(sp_kill(p, &err), SP_OK, &err);
  sp_process_free(p);
  REQUIRE_CODE(sp_popen(ARGV("sleep", "1000"), NULL, &p, &err), SP_OK, &err);
  rc = sp_stop(p, SP_FOREVER, &code, &err);
  REQUIRE_OUTCOME(rc, code, -SIGTERM, &err);
  sp_process_free(p);
}

static void without_zombies(void) {
  static host_fds before;
  host_fds_take(&before);
  char *state = host_state_take();
  exit_is_kept = host_kernel_keeps_exit();
  run_unwaitable();
  wait_unwaitable();
  char *later = host_state_take();
  host_state_require_same(state, later);
  host_fds_require_released(&before);
  host_require_no_children();
  free(state);
  free(later);
}

HOST_TEST(host_that_ignores_sigchld) {
  REQUIRE(signal(SIGCHLD, SIG_IGN) != SIG_ERR);
  without_zombies();
}

HOST_TEST(host_that_wants_no_zombies) {
  REQUIRE(sigaction(SIGCHLD, &(struct sigaction){.sa_handler = SIG_DFL, .sa_flags = SA_NOCLDWAIT}, NULL) == 0);
  without_zombies();
}

/* Before Linux 6.15 nobody remembers the code of a child that was reaped: it is lost, and not made up. */
static void forget_exits(void) {
  static const sandbox_rule rules[] = {{SYS_ioctl, SANDBOX_EQUALS, 1, (uint32_t)_IOWR(0xFF, 11, char[72])},
                                       {SYS_ioctl, SANDBOX_EQUALS, 1, (uint32_t)_IOWR(0xFF, 11, char[64])},
                                       {0, SANDBOX_ALWAYS, 0, 0}};
  sandbox_forbid(rules, ENOTTY);
  REQUIRE(!host_kernel_keeps_exit());
}

HOST_TEST(host_that_ignores_sigchld_on_an_older_kernel) {
  forget_exits();
  REQUIRE(signal(SIGCHLD, SIG_IGN) != SIG_ERR);
  without_zombies();
}

static struct {
  sem_t took;
  int64_t pid;
  bool done;
} thief;

static void *steal(void *arg) {
  (void)arg;
  while (!__atomic_load_n(&thief.done, __ATOMIC_ACQUIRE)) {
    int64_t pid = waitpid(-1, NULL, 0);
    if (pid > 0) {
      __atomic_store_n(&thief.pid, pid, __ATOMIC_RELEASE);
      sem_post(&thief.took);
      continue;
    }
    struct timespec ts = {0, 1000000};
    if (errno == ECHILD) nanosleep(&ts, NULL);
  }
  return NULL;
}

static void await_theft(int64_t pid) {
  do
    while (sem_wait(&thief.took) < 0) {
    }
  while (__atomic_load_n(&thief.pid, __ATOMIC_ACQUIRE) != pid);
}

static void start_thief(pthread_t *thread) {
  exit_is_kept = host_kernel_keeps_exit();
  REQUIRE(sem_init(&thief.took, 0, 0) == 0);
  REQUIRE(pthread_create(thread, NULL, steal, NULL) == 0);
}

static void end_thief(pthread_t thread) {
  __atomic_store_n(&thief.done, true, __ATOMIC_RELEASE);
  REQUIRE(pthread_join(thread, NULL) == 0);
}

/* The status is gone for certain before the library asks for it. */
static void ask_after_theft(void) {
  pthread_t thread;
  start_thief(&thread);
  for (int way = 0; way < 5; way++) {
    sp_error err = SP_ERROR_INIT;
    sp_process *p = NULL;
    sp_result *r = NULL;
    int64_t code = 0;
    REQUIRE_CODE(sp_popen(SHELL("echo last words; exit 9"), &SP_OPTIONS(.flags = SP_CAPTURE), &p, &err), SP_OK, &err);
    await_theft(sp_pid(p));
    int rc = SP_OK;
    if (way == 0) rc = sp_wait(p, SP_FOREVER, &code, &err);
    if (way == 1) rc = sp_wait(p, 0, &code, &err);
    if (way == 2) rc = sp_stop(p, 1000, &code, &err);
    if (way == 3) rc = sp_poll(p, &code);
    if (way == 3 && rc == 1) rc = SP_OK;
    if (way == 4) {
      REQUIRE_CODE(sp_kill(p, &err), SP_OK, &err);
      rc = sp_communicate(p, NULL, 0, SP_FOREVER, &r, &err);
      require_result(__LINE__, rc, r, 9, &err);
      REQUIRE_OUTPUT(r, SP_OUT, "last words\n");
      sp_result_free(r);
    } else {
      REQUIRE_OUTCOME(rc, code, 9, &err);
    }
    sp_process_free(p);
  }
  end_thief(thread);
}

HOST_TEST(status_stolen_before_the_call) { ask_after_theft(); }

HOST_TEST(status_stolen_on_an_older_kernel) {
  forget_exits();
  ask_after_theft();
}

/* Theft and wait race each other; whoever wins, the code is right. */
HOST_TEST(status_stolen_during_the_call) {
  pthread_t thread;
  start_thief(&thread);
  for (int i = 0; i < 50; i++) {
    sp_error err = SP_ERROR_INIT;
    sp_result *r = NULL;
    char line[32] = "exit 0";
    line[5] = (char)('0' + i % 10);
    int rc = sp_run(SHELL(line), i % 2 ? &SP_OPTIONS(.flags = SP_CAPTURE) : NULL, &r, &err);
    if (rc == SP_ELOST && !exit_is_kept)
      REQUIRE(sp_result_returncode(r) == SP_NO_RETURNCODE);
    else {
      REQUIRE_CODE(rc, SP_OK, &err);
      REQUIRE_INT(sp_result_returncode(r), i % 10);
    }
    sp_result_free(r);
  }
  end_thief(thread);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(host_that_ignores_sigchld),
      cmocka_unit_test(host_that_wants_no_zombies),
      cmocka_unit_test(host_that_ignores_sigchld_on_an_older_kernel),
      cmocka_unit_test(status_stolen_before_the_call),
      cmocka_unit_test(status_stolen_on_an_older_kernel),
      cmocka_unit_test(status_stolen_during_the_call),
  };
  return cmocka_run_group_tests_name("guest_sigchld", tests, NULL, NULL);
}
