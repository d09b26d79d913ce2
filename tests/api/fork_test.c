/* SPDX-License-Identifier: MIT
 *
 * A host that forks: its copy may not touch the handles made before, but may start children of its own.
 */
#include "fixture.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct {
  sp_process *process;
  sp_cancel *cancel;
  pid_t pid;
} inherited;

static void expect_refused(int64_t rc, const sp_error *err) {
  check(rc == SP_EINVAL);
  check(err == NULL || (err->code == SP_EINVAL && strstr(err->message, "fork") != NULL));
}

static void refuse_everything(void *arg) {
  const inherited *all = arg;
  sp_process *p = all->process;
  sp_error err = SP_ERROR_INIT;
  char byte;
  const char *line;
  size_t len;
  expect_refused(sp_wait(p, 0, NULL, &err), &err);
  expect_refused(sp_poll(p, NULL), NULL);
  expect_refused(sp_communicate(p, NULL, 0, 0, NULL, &err), &err);
  expect_refused(sp_stop(p, 0, NULL, &err), &err);
  expect_refused(sp_send_signal(p, SIGKILL, &err), &err);
  expect_refused(sp_terminate(p, &err), &err);
  expect_refused(sp_kill(p, &err), &err);
  expect_refused(sp_kill_group(p, SIGKILL, &err), &err);
  expect_refused(sp_read(p, SP_OUT, &byte, 1, 0, &err), &err);
  expect_refused(sp_read_line(p, SP_OUT, 0, &line, &len, &err), &err);
  expect_refused(sp_write(p, "x", 1, 0, &err), &err);
  check(sp_close_stream(p, SP_IN) == SP_OK); /* gives up this copy alone */
  const sp_options options = {.size = sizeof options, .cancel = all->cancel};
  expect_refused(sp_run(LIST("true"), &options, NULL, &err), &err);
  sp_process_free(p);
  sp_cancel_free(all->cancel);
  check(kill(all->pid, 0) == 0); /* it lives: freeing here did not kill it, although it was started so */
}

static void start_own_children(void *arg) {
  const inherited *all = arg;
  sp_error err = SP_ERROR_INIT;
  for (int i = 0; i < 3; i++) {
    const sp_command stages[] = {{LIST("echo", "piped"), NULL}, {LIST("cat"), NULL}};
    const sp_options capture = {.size = sizeof capture, .flags = SP_CAPTURE};
    sp_process *p = NULL;
    check_ok(sp_pipeline(stages, 2, &capture, &p, &err), err);
    sp_result *piped = communicate(p, NULL, 0);
    expect_output(piped, SP_OUT, "piped\n");
    sp_result_free(piped);
    sp_process_free(p);
    const sp_options options = {
        .size = sizeof options, .flags = SP_CAPTURE, .input = "hello", .input_len = 5, .timeout_ms = LONG_MS};
    sp_result *result = NULL;
    check_ok(sp_run(LIST("sh", "-c", "cat; echo wrong >&2"), &options, &result, &err), err);
    check(strcmp(sp_result_output(result, SP_OUT, NULL), "hello") == 0);
    check(strcmp(sp_result_output(result, SP_ERR, NULL), "wrong\n") == 0);
    sp_result_free(result);
  }
  sp_cancel *own = NULL;
  check_ok(sp_cancel_new(&own, &err), err);
  const sp_options options = {.size = sizeof options, .cancel = own};
  sp_cancel_trigger(own);
  check_fails(sp_run(CHILD("speaker"), &options, NULL, &err), SP_ECANCELED, err);
  sp_cancel_free(own);
  sp_process_free(all->process);
  sp_release_caches();
  check(!has_children());
}

/* `body` runs in a copy; after that the original's process works as if nothing had been. */
static void with_a_copy(void (*body)(void *)) {
  inherited all = {NULL, NULL, 0};
  sp_error err = SP_ERROR_INIT;
  check_ok(sp_cancel_new(&all.cancel, &err), err);
  const sp_options options = {.size = sizeof options,
                              .std_in.kind = SP_PIPE,
                              .std_out.kind = SP_PIPE,
                              .std_err.kind = SP_PIPE,
                              .cancel = all.cancel,
                              .flags = SP_KILL_ON_FREE | SP_NEW_GROUP};
  const sp_options capture = {.size = sizeof capture, .flags = SP_CAPTURE};
  const sp_command stages[] = {{LIST("true"), NULL}, {LIST("true"), NULL}};
  check_ok(sp_pipeline(stages, 2, &capture, &all.process, &err), err); /* leaves an event loop in the cache */
  sp_result_free(communicate(all.process, NULL, 0));
  sp_process_free(all.process);
  all.process = start(CHILD("stubborn"), &options);
  all.pid = (pid_t)sp_pid(all.process);
  check_fails(sp_communicate(all.process, NULL, 0, SHORT_MS, NULL, &err), SP_ETIMEDOUT, err);
  in_forked_host(body, &all);
  assert_int_equal(sp_poll(all.process, NULL), 0);
  sp_result *result = NULL;
  check_ok(sp_kill_group(all.process, SIGUSR1, &err), err);
  check_ok(sp_communicate(all.process, NULL, 0, LONG_MS, &result, &err), err);
  assert_int_equal(sp_result_returncode(result), -SIGUSR1);
  assert_string_equal(sp_result_output(result, SP_OUT, NULL), "ready\n");
  sp_result_free(result);
  sp_process_free(all.process);
  sp_cancel_free(all.cancel);
}

static void handles_from_before_are_refused(void **state) {
  (void)state;
  with_a_copy(refuse_everything);
}

static void new_children_can_be_started(void **state) {
  (void)state;
  with_a_copy(start_own_children);
}

static void fork_again(void *arg) {
  start_own_children(arg);
  const sp_options options = {.size = sizeof options, .std_in.kind = SP_PIPE, .std_out.kind = SP_PIPE};
  inherited all = {start(CHILD("copy"), &options), NULL, 0};
  fflush(NULL);
  pid_t pid = fork();
  if (pid == 0) {
    start_own_children(&all);
    _exit(0);
  }
  int status = -1;
  check(waitpid(pid, &status, 0) == pid && status == 0);
  sp_error err = SP_ERROR_INIT;
  check_ok(sp_communicate(all.process, NULL, 0, LONG_MS, NULL, &err), err);
  sp_process_free(all.process);
}

static void a_copy_of_a_copy(void **state) {
  (void)state;
  with_a_copy(fork_again);
}

/* Orphans of the original are not the copy's to reap, and the original still reaps them. */
static void release_in_copy(void *arg) {
  (void)arg;
  sp_release_caches();
  sp_error err = SP_ERROR_INIT;
  check_ok(sp_run(LIST("true"), NULL, NULL, &err), err);
}

static void forgotten_children_stay_with_their_host(void **state) {
  (void)state;
  const sp_options options = {.size = sizeof options, .std_in.kind = SP_PIPE};
  sp_process *p = start(CHILD("copy"), &options);
  id_t pid = (id_t)sp_pid(p);
  siginfo_t info;
  sp_process_free(p);
  assert_int_equal(waitid(P_PID, pid, &info, WEXITED | WNOWAIT), 0);
  in_forked_host(release_in_copy, NULL);
  assert_int_equal(waitid(P_PID, pid, &info, WEXITED | WNOWAIT), 0);
  sp_release_caches();
  assert_false(has_children());
}

int main(void) {
  const struct CMUnitTest tests[] = {
      fixture_test(handles_from_before_are_refused),
      fixture_test(new_children_can_be_started),
      fixture_test(a_copy_of_a_copy),
      fixture_test(forgotten_children_stay_with_their_host),
  };
  return run_fixture_tests(tests);
}
