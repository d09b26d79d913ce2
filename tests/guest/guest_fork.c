/* SPDX-License-Identifier: MIT
 *
 * A host that forks while its processes run. The forked child may free what it inherited and start anew; nothing that
 * it does reaches the processes, tokens or descriptors of its parent, nor descriptors of its own.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "host.h"
#include "host_state.h"
#include "session.h"

typedef pid_t (*fork_fn)(void);

static sp_process *start_cat(uint64_t flags, sp_cancel *token) {
  sp_error err = SP_ERROR_INIT;
  sp_process *p = NULL;
  sp_options opt = {.size = sizeof opt, .flags = flags, .std_in.kind = SP_PIPE, .std_out.kind = SP_PIPE};
  opt.cancel = token;
  REQUIRE_CODE(sp_popen(ARGV("cat"), &opt, &p, &err), SP_OK, &err);
  return p;
}

static void require_cat_alive(sp_process *p) {
  sp_error err = SP_ERROR_INIT;
  char byte = 0;
  REQUIRE_INT(sp_write(p, "k", 1, SP_FOREVER, &err), 1);
  REQUIRE_INT(sp_read(p, SP_OUT, &byte, 1, SP_FOREVER, &err), 1);
  REQUIRE_INT(byte, 'k');
}

/* The child is killed by it, and may need more than the moment that freeing gives it. */
static void free_killed(sp_process *p) {
  int64_t pids[2];
  const size_t n = sp_stage_count(p);
  for (size_t i = 0; i < n; i++) pids[i] = sp_pid(sp_stage_at(p, i));
  sp_process_free(p);
  for (size_t i = 0; i < n; i++) host_await_death(pids[i]);
}

static void await_success(pid_t pid) {
  int status;
  REQUIRE(pid > 0);
  REQUIRE(waitpid(pid, &status, 0) == pid);
  REQUIRE_INT(status, 0);
}

static void require_refused(sp_process *p) {
  sp_error err = SP_ERROR_INIT;
  char byte;
  const char *line = NULL;
  size_t len = 0;
  REQUIRE_CODE(sp_write(p, "x", 1, 0, &err), SP_EINVAL, &err);
  REQUIRE_CODE(sp_read(p, SP_OUT, &byte, 1, 0, &err), SP_EINVAL, &err);
  REQUIRE_CODE(sp_read_line(p, SP_OUT, 0, &line, &len, &err), SP_EINVAL, &err);
  REQUIRE_CODE(sp_communicate(p, NULL, 0, 0, NULL, &err), SP_EINVAL, &err);
  REQUIRE_CODE(sp_wait(p, 0, NULL, &err), SP_EINVAL, &err);
  REQUIRE_CODE(sp_poll(p, NULL), SP_EINVAL, NULL);
  REQUIRE_CODE(sp_stop(p, 0, NULL, &err), SP_EINVAL, &err);
  REQUIRE_CODE(sp_kill(p, &err), SP_EINVAL, &err);
  REQUIRE_CODE(sp_kill_group(p, SIGKILL, &err), SP_EINVAL, &err);
  REQUIRE_CODE(sp_close_stream(p, SP_ERR + 1), SP_EINVAL, NULL);
  REQUIRE_INT(sp_stream_release(p, SP_IN), -1);
  REQUIRE_CODE(sp_close(p), SP_EINVAL, NULL);
}

static void fork_and_refuse(fork_fn make) {
  sp_process *p = start_cat(SP_NEW_GROUP | SP_KILL_ON_FREE, NULL);
  sp_process *pipes = NULL;
  sp_command stages[] = {{ARGV("cat"), NULL}, {ARGV("cat"), NULL}};
  sp_options opt = {.size = sizeof opt, .flags = SP_NEW_GROUP | SP_KILL_ON_FREE, .std_in.kind = SP_PIPE};
  opt.std_out.kind = SP_PIPE;
  REQUIRE_CODE(sp_pipeline(stages, 2, &opt, &pipes, NULL), SP_OK, NULL);
  pid_t pid = make();
  if (pid == 0) {
    require_refused(p);
    require_refused(pipes);
    sp_process_free(p);
    sp_process_free(pipes);
    session_everything();
    host_require_no_children();
    _exit(0);
  }
  await_success(pid);
  require_cat_alive(p);
  require_cat_alive(pipes);
  free_killed(p);
  free_killed(pipes);
  sp_release_caches();
  host_require_no_children();
}

HOST_TEST(handles_are_refused_after_fork) {
  fork_and_refuse(fork);
  /* Now with loops and caches in place. */
  session_everything();
  fork_and_refuse(fork);
}

/* _Fork() runs no pthread_atfork() handlers. */
HOST_TEST(handles_are_refused_after_bare_fork) {
  session_everything();
  fork_and_refuse(_Fork);
}

/* The copies go at once, not with the handle, which must not take what has their numbers then. */
HOST_TEST(copies_of_pipes_can_be_closed) {
  sp_process *p = start_cat(SP_KILL_ON_FREE, NULL);
  int in = (int)sp_stream_handle(p, SP_IN), out = (int)sp_stream_handle(p, SP_OUT);
  pid_t pid = fork();
  if (pid == 0) {
    REQUIRE_CODE(sp_close_stream(p, SP_IN), SP_OK, NULL);
    REQUIRE_CODE(sp_close_stream(p, SP_OUT), SP_OK, NULL);
    REQUIRE(fcntl(in, F_GETFD) == -1 && fcntl(out, F_GETFD) == -1);
    int mine[2];
    REQUIRE(pipe(mine) == 0);
    REQUIRE(dup2(mine[0], in) == in && dup2(mine[1], out) == out);
    REQUIRE_CODE(sp_close_stream(p, SP_IN), SP_OK, NULL);
    sp_process_free(p);
    REQUIRE(fcntl(in, F_GETFD) != -1 && fcntl(out, F_GETFD) != -1);
    _exit(0);
  }
  await_success(pid);
  require_cat_alive(p);
  free_killed(p);
}

HOST_TEST(session_in_every_generation) {
  session_everything();
  for (int generation = 0; generation < 3; generation++) {
    pid_t pid = fork();
    if (pid == 0) continue;
    session_everything();
    await_success(pid);
    _exit(0);
  }
  session_everything();
}

/* The eventfd or pipe behind a token is shared with the parent; the token is not. */
HOST_TEST(token_of_the_parent_is_not_triggered) {
  sp_error err = SP_ERROR_INIT;
  sp_cancel *token = NULL;
  REQUIRE_CODE(sp_cancel_new(&token, &err), SP_OK, &err);
  sp_process *p = start_cat(0, token);
  pid_t pid = fork();
  if (pid == 0) {
    sp_cancel_trigger(token);
    REQUIRE_CODE(sp_run(ARGV("true"), &SP_OPTIONS(.cancel = token), NULL, &err), SP_EINVAL, &err);
    sp_cancel_free(token);
    sp_process_free(p);
    _exit(0);
  }
  await_success(pid);
  REQUIRE_CODE(sp_wait(p, 0, NULL, &err), SP_ETIMEDOUT, &err);
  require_cat_alive(p);
  pid = fork();
  if (pid == 0) {
    sp_cancel_reset(token);
    _exit(0);
  }
  sp_cancel_trigger(token);
  await_success(pid);
  REQUIRE_CODE(sp_wait(p, SP_FOREVER, NULL, &err), SP_ECANCELED, &err);
  sp_cancel_reset(token);
  sp_cancel_free(token);
  REQUIRE_CODE(sp_stop(p, 0, NULL, &err), SP_OK, &err);
  sp_process_free(p);
}

enum { OWN_FILES = 80 };

/* Opens own files on every number that the library may remember. */
static void open_own_files(int own[OWN_FILES]) {
  for (int i = 0; i < OWN_FILES; i++) {
    own[i] = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    REQUIRE(own[i] > 2);
  }
}

static void require_own_files(const int own[OWN_FILES]) {
  struct stat zero, now;
  REQUIRE(stat("/dev/zero", &zero) == 0);
  for (int i = 0; i < OWN_FILES; i++) {
    REQUIRE(fstat(own[i], &now) == 0);
    REQUIRE(now.st_rdev == zero.st_rdev && (fcntl(own[i], F_GETFL) & O_NONBLOCK) == 0);
    REQUIRE_INT(fcntl(own[i], F_GETFD), FD_CLOEXEC);
  }
}

static void *run_often(void *arg) {
  const bool *done = arg;
  while (!__atomic_load_n(done, __ATOMIC_ACQUIRE))
    REQUIRE_CODE(sp_run(ARGV("true"), &SP_OPTIONS(.flags = SP_CAPTURE), NULL, NULL), SP_OK, NULL);
  return NULL;
}

HOST_TEST(descriptors_of_the_child_are_its_own) {
  session_everything();
  sp_cancel *token = NULL;
  REQUIRE_CODE(sp_cancel_new(&token, NULL), SP_OK, NULL);
  sp_process *p = start_cat(0, token), *q = start_cat(SP_NEW_GROUP | SP_KILL_ON_FREE, NULL);
  for (int order = 0; order < 2; order++) {
    pid_t pid = fork();
    if (pid == 0) {
      int own[OWN_FILES];
      host_close_all();
      open_own_files(own);
      if (order == 0) session_everything();
      require_own_files(own);
      sp_process_free(p);
      sp_process_free(q);
      sp_cancel_free(token);
      require_own_files(own);
      sp_release_caches();
      session_everything();
      require_own_files(own);
      _exit(0);
    }
    await_success(pid);
  }
  require_cat_alive(p);
  require_cat_alive(q);
  free_killed(q);
  REQUIRE_CODE(sp_stop(p, 0, NULL, NULL), SP_OK, NULL);
  sp_process_free(p);
  sp_cancel_free(token);
}

/* No lock of another thread is held for ever in the child. */
HOST_TEST(fork_during_the_calls_of_other_threads) {
  const char *sanitize = getenv("SP_SANITIZE");
  if (sanitize != NULL && *sanitize != '\0') host_skip("the sanitizers' own locks stay held in such a child");
  bool done = false;
  pthread_t threads[3];
  for (size_t i = 0; i < 3; i++) REQUIRE(pthread_create(&threads[i], NULL, run_often, &done) == 0);
  for (int i = 0; i < 40; i++) {
    pid_t pid = fork();
    if (pid == 0) {
      sp_release_caches();
      REQUIRE_CODE(sp_run(ARGV("true"), &SP_OPTIONS(.flags = SP_CAPTURE), NULL, NULL), SP_OK, NULL);
      session_talk();
      _exit(0);
    }
    await_success(pid);
  }
  __atomic_store_n(&done, true, __ATOMIC_RELEASE);
  for (size_t i = 0; i < 3; i++) REQUIRE(pthread_join(threads[i], NULL) == 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(handles_are_refused_after_fork),         cmocka_unit_test(handles_are_refused_after_bare_fork),
      cmocka_unit_test(copies_of_pipes_can_be_closed),          cmocka_unit_test(session_in_every_generation),
      cmocka_unit_test(token_of_the_parent_is_not_triggered),   cmocka_unit_test(descriptors_of_the_child_are_its_own),
      cmocka_unit_test(fork_during_the_calls_of_other_threads),
  };
  return cmocka_run_group_tests_name("guest_fork", tests, NULL, NULL);
}
