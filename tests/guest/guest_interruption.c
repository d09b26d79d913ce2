/* SPDX-License-Identifier: MIT
 *
 * A host whose own SIGCHLD handler interrupts system calls: its handler is called as before, and the library's calls
 * go on, unless they were told to return.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "host.h"

static volatile int chld_count;

static void on_chld(int sig) {
  (void)sig;
  chld_count++;
}

typedef struct latch {
  int waiter;
  int fd;
} latch;

static void *close_when_blocked(void *arg) {
  const latch *l = arg;
  host_await_blocked(l->waiter);
  close(l->fd);
  return NULL;
}

/* A child of the host's own ends while `p` is waited for, and the handler interrupts the wait. */
static int wait_interrupted(sp_process *p, sp_error *err) {
  int ends[2], status = 0;
  REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
  pid_t own = fork();
  if (own == 0) {
    char byte;
    close(ends[1]);
    _exit(read(ends[0], &byte, 1) == 0 ? 5 : 6);
  }
  latch l = {(int)syscall(SYS_gettid), ends[1]};
  pthread_t thread;
  sigset_t chld, mask;
  sigemptyset(&chld);
  sigaddset(&chld, SIGCHLD);
  /* The signal is for this thread. */
  REQUIRE(pthread_sigmask(SIG_BLOCK, &chld, &mask) == 0);
  REQUIRE(pthread_create(&thread, NULL, close_when_blocked, &l) == 0);
  REQUIRE(pthread_sigmask(SIG_SETMASK, &mask, NULL) == 0);
  int rc = sp_wait(p, 500, NULL, err);
  REQUIRE(pthread_join(thread, NULL) == 0);
  while (waitpid(own, &status, 0) < 0) REQUIRE_INT(errno, EINTR);
  REQUIRE(WIFEXITED(status) && WEXITSTATUS(status) == 5);
  close(ends[0]);
  return rc;
}

HOST_TEST(host_with_an_interrupting_sigchld_handler) {
  REQUIRE(sigaction(SIGCHLD, &(struct sigaction){.sa_handler = on_chld}, NULL) == 0);
  sp_error err = SP_ERROR_INIT;
  sp_process *p = NULL;
  REQUIRE_CODE(sp_popen(ARGV("sleep", "1000"), NULL, &p, &err), SP_OK, &err);
  int64_t start = host_now_ms();
  REQUIRE_CODE(wait_interrupted(p, &err), SP_ETIMEDOUT, &err);
  REQUIRE(host_now_ms() - start >= 499);
  REQUIRE_INT(chld_count, 1);
  REQUIRE_CODE(sp_stop(p, 0, NULL, &err), SP_OK, &err);
  sp_process_free(p);
  REQUIRE_INT(chld_count, 2);
  REQUIRE_CODE(sp_popen(ARGV("sleep", "1000"), &SP_OPTIONS(.flags = SP_RETURN_ON_SIGNAL), &p, &err), SP_OK, &err);
  REQUIRE_CODE(wait_interrupted(p, &err), SP_EINTR, &err);
  REQUIRE_CODE(sp_kill(p, &err), SP_OK, &err);
  host_await_death(sp_pid(p));
  REQUIRE_CODE(sp_wait(p, SP_FOREVER, NULL, &err), SP_OK, &err);
  sp_process_free(p);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(host_with_an_interrupting_sigchld_handler)};
  return cmocka_run_group_tests_name("guest_interruption", tests, NULL, NULL);
}
