/* SPDX-License-Identifier: MIT
 *
 * Communicating with a pipeline: interrupted, capped, watched, closed. Its stages end one by one, unlike a single
 * child.
 */
#include "blocking.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "../children/pattern.h"

enum { INPUT_LEN = 1 << 20 };

/* A command piped into a stage that copies. */
static sp_process *start_piped(const char *const *first, const sp_options *options) {
  const sp_command stages[] = {{first, NULL}, {CHILD("copy"), NULL}};
  sp_error err = SP_ERROR_INIT;
  sp_process *p = NULL;
  check_ok(sp_pipeline(stages, 2, options, &p, &err), err);
  return p;
}

static void expect_timeout(sp_process *p, const void *input, size_t len, int64_t timeout_ms) {
  sp_error err = SP_ERROR_INIT;
  int64_t begin = now_ms();
  check_fails(sp_communicate(p, input, len, timeout_ms, NULL, &err), SP_ETIMEDOUT, err);
  check(now_ms() - begin >= timeout_ms);
}

static void input_survives_a_limit(void **state) {
  (void)state;
  pipe_pair gate = open_pipe();
  const int32_t passed[] = {gate.read_end};
  unsigned char *input = malloc(INPUT_LEN);
  assert_non_null(input);
  for (size_t i = 0; i < INPUT_LEN; i++) input[i] = pattern_byte(SP_OUT, i);
  /* What a stage is passed is its own affair; the pipeline's own fields go to stages without options. */
  const sp_options stage = {.size = sizeof stage, .pass_fds = passed, .pass_fds_len = 1};
  const sp_options options = {.size = sizeof options, .flags = SP_CAPTURE, .std_in.kind = SP_PIPE};
  const sp_command stages[] = {{CHILD("gate", kept_text("%d", passed[0]), child_path("copy")), &stage},
                               {CHILD("copy"), NULL}};
  sp_error err = SP_ERROR_INIT;
  sp_process *p = NULL;
  check_ok(sp_pipeline(stages, 2, &options, &p, &err), err);
  expect_timeout(p, input, INPUT_LEN, SHORT_MS);
  free(input);
  check_fails(sp_communicate(p, "x", 1, 0, NULL, &err), SP_EINVAL, err);
  expect_timeout(p, NULL, 0, 0);
  close_fd(&gate.write_end);
  sp_result *result = communicate(p, NULL, 0);
  size_t len = 0;
  check_pattern(sp_result_output(result, SP_OUT, &len), INPUT_LEN, SP_OUT);
  assert_int_equal(len, INPUT_LEN);
  expect_output(result, SP_ERR, "");
  sp_result_free(result);
  sp_process_free(p);
  close_fd(&gate.read_end);
}

static void output_is_collected_over_calls(void **state) {
  (void)state;
  const sp_options options = {.size = sizeof options, .flags = SP_CAPTURE};
  sp_process *p = start_piped(CHILD("pattern", "2000000", "1000000"), &options);
  sp_error err = SP_ERROR_INIT;
  sp_result *result = NULL;
  int calls = 0, rc;
  for (int64_t end = now_ms() + LONG_MS; (rc = sp_communicate(p, NULL, 0, calls % 2, &result, &err)) == SP_ETIMEDOUT;
       calls++) {
    assert_true(now_ms() < end);
    sp_result_free(result);
  }
  check_ok(rc, err);
  assert_true(calls > 0);
  for (int again = 0; again < 2; again++) { /* a further call gives the same */
    for (int stream = SP_OUT; stream <= SP_ERR; stream++) {
      size_t len = 0, expected = stream == SP_OUT ? 2000000 : 1000000;
      check_pattern(sp_result_output(result, stream, &len), expected, stream);
      assert_int_equal(len, expected);
    }
    sp_result_free(result);
    result = communicate(p, NULL, 0);
  }
  sp_result_free(result);
  sp_process_free(p);
}

static void output_may_be_capped(void **state) {
  (void)state;
  const sp_options options = {.size = sizeof options, .flags = SP_CAPTURE, .max_output = 1000};
  sp_process *p = start_piped(CHILD("pattern", "300000", "900"), &options);
  sp_result *result = communicate(p, NULL, 0);
  size_t len = 0;
  check_pattern(sp_result_output(result, SP_OUT, &len), 1000, SP_OUT);
  assert_int_equal(len, 1000);
  assert_int_equal(sp_result_dropped(result, SP_OUT), 299000);
  check_pattern(sp_result_output(result, SP_ERR, &len), 900, SP_ERR);
  assert_int_equal(sp_result_dropped(result, SP_ERR), 0);
  sp_result_free(result);
  sp_process_free(p);
}

typedef struct {
  int stop_at, calls;
  size_t seen;
} watcher;

static int watch(void *arg, int stream, const void *data, size_t len) {
  watcher *w = arg;
  (void)stream, (void)data;
  w->seen += len;
  return ++w->calls == w->stop_at;
}

static void the_callback_may_interrupt(void **state) {
  (void)state;
  watcher w = {.stop_at = 2};
  const sp_options options = {.size = sizeof options, .std_out.kind = SP_PIPE, .on_output = watch, .on_output_arg = &w};
  sp_process *p = start_piped(CHILD("pattern", "3000000"), &options);
  sp_error err = SP_ERROR_INIT;
  check_fails(sp_communicate(p, NULL, 0, LONG_MS, NULL, &err), SP_ECANCELED, err);
  assert_int_equal(w.calls, 2);
  sp_result *result = communicate(p, NULL, 0);
  size_t len = 0;
  check_pattern(sp_result_output(result, SP_OUT, &len), 3000000, SP_OUT);
  assert_int_equal(len, 3000000);
  assert_int_equal(w.seen, 3000000);
  sp_result_free(result);
  sp_process_free(p);
}

static void end_piped(sp_process *p) {
  sp_error err = SP_ERROR_INIT;
  check_ok(sp_kill(p, &err), err);
  int64_t code = wait_for(p);
  check(code == -SIGKILL || code == 0); /* the copier may have seen the end of its input first */
  sp_process_free(p);
}

static void a_token_ends_the_call(void **state) {
  (void)state;
  sp_cancel *cancel = new_token();
  const sp_options options = {.size = sizeof options, .flags = SP_CAPTURE, .std_in.kind = SP_PIPE, .cancel = cancel};
  sp_process *p = start_piped(CHILD("stubborn"), &options);
  expect_line(p, "ready\n");
  sp_cancel_trigger(cancel);
  sp_error err = SP_ERROR_INIT;
  check_fails(sp_communicate(p, NULL, 0, LONG_MS, NULL, &err), SP_ECANCELED, err);
  check_fails(sp_wait(p, LONG_MS, NULL, &err), SP_ECANCELED, err);
  sp_cancel_reset(cancel);
  expect_timeout(p, NULL, 0, SHORT_MS);
  end_piped(p);
  sp_cancel_free(cancel);
}

typedef struct {
  sp_process *process;
  bool by_wait;
  int rc;
} blocked_task;

static void *block_in_thread(void *arg) {
  blocked_task *task = arg;
  task->rc = task->by_wait ? sp_wait(task->process, SP_FOREVER, NULL, NULL)
                           : sp_communicate(task->process, NULL, 0, SP_FOREVER, NULL, NULL);
  return NULL;
}

static void closing_wakes_the_call(void **state) {
  (void)state;
  for (int by_wait = 0; by_wait < 2; by_wait++) {
    const sp_options options = {.size = sizeof options, .flags = SP_CAPTURE | SP_KILL_ON_FREE, .std_in.kind = SP_PIPE};
    blocked_task task = {start_piped(CHILD("stubborn"), &options), by_wait, 77};
    pthread_t thread;
    expect_line(task.process, "ready\n");
    assert_int_equal(pthread_create(&thread, NULL, block_in_thread, &task), 0);
    sp_error err = SP_ERROR_INIT;
    check_fails(sp_wait(task.process, SHORT_MS, NULL, &err), SP_ETIMEDOUT, err); /* time for the thread to block */
    assert_int_equal(task.rc, 77);
    assert_int_equal(sp_close(task.process), SP_OK);
    pthread_join(thread, NULL);
    assert_int_equal(task.rc, SP_ECLOSED);
    free_killed(task.process);
  }
}

static void grandchildren_that_hold_the_pipes(void **state) {
  (void)state;
  pipe_pair lifeline = open_pipe();
  const int32_t passed[] = {lifeline.read_end};
  const sp_options stage = {.size = sizeof stage, .pass_fds = passed, .pass_fds_len = 1};
  const sp_options options = {.size = sizeof options, .flags = SP_CAPTURE, .drain_ms = SHORT_MS};
  const sp_command stages[] = {{CHILD("exit_code", "0"), NULL},
                               {CHILD("holder", kept_text("%d", passed[0]), "7"), &stage}};
  sp_error err = SP_ERROR_INIT;
  sp_process *p = NULL;
  check_ok(sp_pipeline(stages, 2, &options, &p, &err), err);
  expect_line(p, "held\n");
  sp_result *result = communicate(p, NULL, 0);
  assert_int_equal(sp_result_returncode(result), 7);
  assert_int_equal(sp_result_pipes_held(result), 1);
  sp_result_free(result);
  sp_process_free(p);
  close_fd(&lifeline.read_end);
  close_fd(&lifeline.write_end);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      fixture_test(input_survives_a_limit),
      fixture_test(output_is_collected_over_calls),
      fixture_test(output_may_be_capped),
      fixture_test(the_callback_may_interrupt),
      fixture_test(a_token_ends_the_call),
      fixture_test(closing_wakes_the_call),
      fixture_test(grandchildren_that_hold_the_pipes),
  };
  return run_fixture_tests(tests);
}
