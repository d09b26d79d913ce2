/* SPDX-License-Identifier: MIT
 *
 * Failures that pass: a program that is still open for writing somewhere (ETXTBSY), a user with no process left
 * (EAGAIN). They are tried again for a bounded time.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "host.h"
#include "host_state.h"

/* A program of our own, that others may have open. */
typedef struct program {
  char folder[64];
  char path[80];
} program;

/* The process that holds it open for writing until its pipe ends, and what tells its releaser that a call begins. */
static struct {
  program program;
  int pipe_end;
  pid_t holder;
  sem_t begun;
} busy;

static void make_program(program *made) {
  char *found = NULL;
  struct stat st;
  REQUIRE_CODE(sp_which("true", NULL, &found, NULL), SP_OK, NULL);
  snprintf(made->folder, sizeof made->folder, "/tmp/sp-fault-XXXXXX");
  REQUIRE(mkdtemp(made->folder) != NULL);
  snprintf(made->path, sizeof made->path, "%s/program", made->folder);
  int from = open(found, O_RDONLY | O_CLOEXEC), to = open(made->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
  REQUIRE(from >= 0 && to >= 0 && fstat(from, &st) == 0);
  for (off_t left = st.st_size; left > 0;) {
    ssize_t n = sendfile(to, from, NULL, (size_t)left);
    REQUIRE(n > 0);
    left -= n;
  }
  close(from);
  close(to);
  sp_mem_free(found);
}

static void remove_program(const program *made) { REQUIRE(unlink(made->path) == 0 && rmdir(made->folder) == 0); }

static void hold_program(void) {
  int ends[2], ready[2];
  char byte;
  make_program(&busy.program);
  REQUIRE(pipe2(ends, O_CLOEXEC) == 0 && pipe2(ready, O_CLOEXEC) == 0);
  busy.holder = fork();
  if (busy.holder == 0) {
    close(ends[1]);
    if (open(busy.program.path, O_WRONLY | O_CLOEXEC) < 0 || write(ready[1], "", 1) != 1) _exit(1);
    _exit(read(ends[0], &byte, 1) == 0 ? 0 : 2);
  }
  close(ends[0]);
  close(ready[1]);
  REQUIRE(read(ready[0], &byte, 1) == 1);
  close(ready[0]);
  busy.pipe_end = ends[1];
}

static void end_holder(void) {
  int status;
  close(busy.pipe_end);
  REQUIRE(waitpid(busy.holder, &status, 0) == busy.holder);
  REQUIRE_INT(status, 0);
}

/* Long enough for a first attempt to fail, which nothing outside tells. */
static void pause_for_an_attempt(void) {
  struct timespec ts = {0, 20000000};
  nanosleep(&ts, NULL);
}

static void *release_later(void *arg) {
  while (sem_wait(&busy.begun) != 0) {
  }
  pause_for_an_attempt();
  ((void (*)(void))arg)();
  return NULL;
}

static int run_while_releasing(void (*release)(void), const char *const argv[], sp_error *err) {
  pthread_t thread;
  union {
    void (*function)(void);
    void *object;
  } arg = {release};
  REQUIRE(sem_init(&busy.begun, 0, 0) == 0);
  REQUIRE(pthread_create(&thread, NULL, release_later, arg.object) == 0);
  REQUIRE(sem_post(&busy.begun) == 0);
  int rc = sp_run(argv, &SP_OPTIONS(.flags = SP_CHECK), NULL, err);
  REQUIRE(pthread_join(thread, NULL) == 0);
  return rc;
}

HOST_TEST(busy_program_is_tried_again) {
  hold_program();
  sp_error err = SP_ERROR_INIT;
  REQUIRE_CODE(run_while_releasing(end_holder, ARGV(busy.program.path), &err), SP_OK, &err);
  remove_program(&busy.program);
  host_require_no_children();
}

static void *write_and_run(void *arg) {
  (void)arg;
  for (int i = 0; i < 40; i++) {
    sp_error err = SP_ERROR_INIT;
    program made;
    make_program(&made);
    REQUIRE_CODE(sp_run(ARGV(made.path), &SP_OPTIONS(.flags = SP_CHECK), NULL, &err), SP_OK, &err);
    remove_program(&made);
  }
  return NULL;
}

/* The children of the other threads have, until they execute, a copy of the descriptor that wrote the program. */
HOST_TEST(programs_just_written_in_many_threads) {
  pthread_t threads[4];
  for (size_t i = 0; i < 4; i++) REQUIRE(pthread_create(&threads[i], NULL, write_and_run, NULL) == 0);
  for (size_t i = 0; i < 4; i++) REQUIRE(pthread_join(threads[i], NULL) == 0);
}

HOST_TEST(busy_program_fails_in_bounded_time) {
  hold_program();
  static host_fds before;
  host_fds_take(&before);
  sp_error err = SP_ERROR_INIT;
  int64_t start = host_now_ms();
  int rc = sp_run(ARGV(busy.program.path), &SP_OPTIONS(.flags = SP_CAPTURE), NULL, &err);
  REQUIRE(rc == SP_EACCESS || rc == SP_ESYS);
  REQUIRE_INT(err.code, rc);
  REQUIRE_INT(err.sys_errno, ETXTBSY);
  REQUIRE_INT(err.step, SP_AT_EXEC);
  REQUIRE(strcmp(err.path, busy.program.path) == 0);
  REQUIRE(host_now_ms() - start < host_slow(5000));
  host_fds_require_released(&before);
  end_holder();
  host_require_no_children();
  remove_program(&busy.program);
}

enum { ORDINARY = 54399 };

/* Becomes a user that may have `most` processes, threads included. */
static void become_limited(rlim_t most) {
  const char *sanitize = getenv("SP_SANITIZE");
  if (sanitize != NULL && *sanitize != '\0') host_skip("a sanitizer has threads of its own, which count");
  if (geteuid() != 0) host_skip("needs a user of its own");
  REQUIRE(setrlimit(RLIMIT_NPROC, &(struct rlimit){most, most}) == 0);
  REQUIRE(setgroups(0, NULL) == 0 && setgid(ORDINARY) == 0 && setuid(ORDINARY) == 0);
}

HOST_TEST(no_process_left_fails_in_bounded_time) {
  become_limited(1);
  static host_fds before;
  host_fds_take(&before);
  sp_options kinds[2] = {{.size = sizeof kinds[0], .flags = SP_CAPTURE}, {.size = sizeof kinds[0]}};
  for (int i = 0; i < 2; i++) {
    sp_error err = SP_ERROR_INIT;
    int64_t start = host_now_ms();
    REQUIRE_CODE(sp_run(ARGV("true"), &kinds[i], NULL, &err), SP_ESYS, &err);
    REQUIRE_INT(err.sys_errno, EAGAIN);
    REQUIRE_INT(err.step, SP_AT_FORK);
    REQUIRE(host_now_ms() - start < host_slow(5000));
  }
  host_require_no_children();
  host_fds_require_released(&before);
}

static void reap_blocker(void) {
  REQUIRE(kill(busy.holder, SIGKILL) == 0);
  REQUIRE(waitpid(busy.holder, NULL, 0) == busy.holder);
}

/* The host, its releasing thread and the blocker fill the limit, until the blocker is reaped. */
HOST_TEST(no_process_left_is_tried_again) {
  become_limited(3);
  busy.holder = fork();
  if (busy.holder == 0)
    for (;;) pause();
  REQUIRE(busy.holder > 0);
  sp_error err = SP_ERROR_INIT;
  REQUIRE_CODE(run_while_releasing(reap_blocker, ARGV("true"), &err), SP_OK, &err);
  host_require_no_children();
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(busy_program_is_tried_again),        cmocka_unit_test(programs_just_written_in_many_threads),
      cmocka_unit_test(busy_program_fails_in_bounded_time), cmocka_unit_test(no_process_left_fails_in_bounded_time),
      cmocka_unit_test(no_process_left_is_tried_again),
  };
  return cmocka_run_group_tests_name("fault_exec", tests, NULL, NULL);
}
