/* SPDX-License-Identifier: MIT
 *
 * The output that sp_communicate() collects: newlines, caps, the callback, and pipes that others hold open.
 */
#include "fixture.h"

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>

#include "../children/pattern.h"

/* Starts, communicates, and returns the result. */
static sp_result *result_of(const char *const *argv, const sp_options *opt) {
  sp_process *p = start(argv, opt);
  sp_result *result = communicate(p, NULL, 0);
  sp_process_free(p);
  return result;
}

/* -- newlines and limits ------------------------------------------------------------------------------------------------- */

static void newlines_of_all_systems(void **state) {
  (void)state;
  sp_options options = {.size = sizeof options, .std_out.kind = SP_PIPE, .flags = SP_UNIVERSAL_NEWLINES};
  const char *const *command = LIST("printf", "a\\r\\nb\\rc\\n\\r\\n\\r\\r\\nd\\r");
  sp_result *result = result_of(command, &options);
  expect_output(result, SP_OUT, "a\nb\nc\n\n\n\nd\n");
  sp_result_free(result);
  options.flags = 0;
  result = result_of(command, &options);
  expect_output(result, SP_OUT, "a\r\nb\rc\n\r\n\r\r\nd\r");
  sp_result_free(result);
}

static int open_gate(void *arg, int stream, const void *data, size_t len) {
  int *gate = arg;
  (void)stream, (void)data, (void)len;
  if (*gate >= 0) close_fd(gate);
  return 0;
}

/* The second half of the newline comes only after the first has been read. */
static void a_newline_in_two_pieces(void **state) {
  (void)state;
  pipe_pair gate = open_pipe();
  const int32_t passed[] = {gate.read_end};
  const sp_options options = {.size = sizeof options,
                              .flags = SP_CAPTURE | SP_UNIVERSAL_NEWLINES,
                              .pass_fds = passed,
                              .pass_fds_len = 1,
                              .on_output = open_gate,
                              .on_output_arg = &gate.write_end};
  sp_result *result = result_of(LIST("sh", "-c", "printf 'a\\r'; exec \"$0\" \"$@\"", child_path("gate"),
                                     kept_text("%d", gate.read_end), "/usr/bin/printf", "\\nb"),
                                &options);
  expect_output(result, SP_OUT, "a\nb");
  assert_int_equal(gate.write_end, -1);
  sp_result_free(result);
  close_fd(&gate.read_end);
}

static void output_may_be_capped(void **state) {
  (void)state;
  static const size_t caps[] = {1, 1000, 4999, 5000, 5001, 1 << 20};
  for (size_t i = 0; i < sizeof caps / sizeof caps[0]; i++) {
    sp_options options = {.size = sizeof options, .flags = SP_CAPTURE, .max_output = caps[i]};
    sp_result *result = result_of(CHILD("pattern", "5000", "300000"), &options);
    for (int stream = SP_OUT; stream <= SP_ERR; stream++) {
      size_t all = stream == SP_OUT ? 5000 : 300000, kept = all < caps[i] ? all : caps[i], len = 0;
      const void *seen = sp_result_output(result, stream, &len);
      assert_int_equal(len, kept);
      check_pattern(seen, len, stream);
      assert_int_equal(sp_result_dropped(result, stream), all - kept);
    }
    assert_int_equal(sp_result_returncode(result), 0);
    sp_result_free(result);
  }
}

/* -- the callback -------------------------------------------------------------------------------------------------------- */

typedef struct {
  size_t len[3];
  bool right;
} seen_output;

static int see_output(void *arg, int stream, const void *data, size_t len) {
  seen_output *seen = arg;
  const unsigned char *bytes = data;
  seen->right = seen->right && (stream == SP_OUT || stream == SP_ERR) && len > 0;
  for (size_t i = 0; i < len && seen->right; i++)
    seen->right = bytes[i] == pattern_byte((unsigned)stream, seen->len[stream] + i);
  seen->len[stream] += len;
  return 0;
}

static void output_is_seen_as_it_comes(void **state) {
  (void)state;
  seen_output seen = {{0, 0, 0}, true};
  sp_options options = {
      .size = sizeof options, .flags = SP_CAPTURE, .on_output = see_output, .on_output_arg = &seen, .max_output = 700};
  sp_result *result = result_of(CHILD("pattern", "300000", "200000"), &options);
  size_t len = 0;
  check_pattern(sp_result_output(result, SP_ERR, &len), 700, SP_ERR);
  assert_int_equal(len, 700);
  assert_true(seen.right);
  assert_int_equal(seen.len[SP_OUT], 300000);
  assert_int_equal(seen.len[SP_ERR], 200000);
  sp_result_free(result);
}

/* Lets the time for draining run out in the callback, while there is still something to read. */
typedef struct {
  sp_process *process;
  int never_ready;
  size_t seen;
} slow_watcher;

static int watch_slowly(void *arg, int stream, const void *data, size_t len) {
  slow_watcher *w = arg;
  (void)stream, (void)data;
  w->seen += len;
  await_end(w->process);
  check(!readable(w->never_ready, 5));
  return 0;
}

static void the_callback_sees_all_that_is_captured(void **state) {
  (void)state;
  pipe_pair silent = open_pipe();
  slow_watcher w = {NULL, silent.read_end, 0};
  const sp_options options = {
      .size = sizeof options, .std_out.kind = SP_PIPE, .drain_ms = 1, .on_output = watch_slowly, .on_output_arg = &w};
  w.process = start(CHILD("pattern", "60000"), &options); /* as much as fits into the pipe */
  sp_result *result = communicate(w.process, NULL, 0);
  size_t len = 0;
  check_pattern(sp_result_output(result, SP_OUT, &len), len, SP_OUT);
  assert_int_equal(w.seen, len);
  assert_int_equal(len, 60000);
  sp_result_free(result);
  sp_process_free(w.process);
  close_fd(&silent.read_end), close_fd(&silent.write_end);
}

typedef struct {
  sp_process *process;
  sem_t inside, go_on;
  int rc;
} busy_task;

static int wait_inside(void *arg, int stream, const void *data, size_t len) {
  busy_task *task = arg;
  (void)stream, (void)data, (void)len;
  sem_post(&task->inside);
  sem_wait(&task->go_on);
  return 0;
}

static void *communicate_in_thread(void *arg) {
  busy_task *task = arg;
  task->rc = sp_communicate(task->process, NULL, 0, LONG_MS, NULL, NULL);
  return NULL;
}

static void only_one_may_communicate(void **state) {
  (void)state;
  busy_task task = {.rc = 77};
  sem_init(&task.inside, 0, 0);
  sem_init(&task.go_on, 0, 0);
  const sp_options options = {
      .size = sizeof options, .flags = SP_CAPTURE, .on_output = wait_inside, .on_output_arg = &task};
  task.process = start(CHILD("speaker", "hello", ""), &options);
  pthread_t thread;
  assert_int_equal(pthread_create(&thread, NULL, communicate_in_thread, &task), 0);
  sem_wait(&task.inside);
  char byte;
  const char *line;
  size_t len;
  sp_error err = SP_ERROR_INIT;
  sp_result *untouched = (sp_result *)&task;
  check_fails(sp_communicate(task.process, NULL, 0, 0, &untouched, &err), SP_EBUSY, err);
  check_fails(sp_read(task.process, SP_OUT, &byte, 1, 0, &err), SP_EBUSY, err);
  check_fails(sp_read_line(task.process, SP_ERR, 0, &line, &len, &err), SP_EBUSY, err);
  assert_int_equal(sp_stream_release(task.process, SP_OUT), -1);
  assert_ptr_equal(untouched, &task);
  assert_int_equal(sp_poll(task.process, NULL), 0); /* this may be asked at any time */
  check_ok(sp_kill(task.process, &err), err);
  sem_post(&task.go_on);
  pthread_join(thread, NULL);
  assert_int_equal(task.rc, SP_OK);
  assert_int_equal(wait_for(task.process), -SIGKILL);
  sp_process_free(task.process);
  sem_destroy(&task.inside), sem_destroy(&task.go_on);
}

/* -- what others hold open ----------------------------------------------------------------------------------------------- */

static void held_pipes(const char *daemon) {
  sp_error err = SP_ERROR_INIT;
  sp_result *result = NULL;
  pipe_pair lifeline = open_pipe();
  const int32_t passed[] = {lifeline.read_end};
  sp_options options = {.size = sizeof options, .flags = SP_CAPTURE, .pass_fds = passed, .pass_fds_len = 1};
  const char *const *argv = CHILD("holder", kept_text("%d", passed[0]), "7", daemon);
  sp_process *p = start(argv, &options);
  expect_line(p, "held\n");
  assert_int_equal(wait_for(p), 7);
  check_fails(sp_communicate(p, NULL, 0, SHORT_MS, NULL, &err), SP_ETIMEDOUT,
              err); /* Python's way: until end of file */
  sp_process_free(p);
  options.drain_ms = SHORT_MS;
  p = start(argv, &options);
  expect_line(p, "held\n");
  assert_int_equal(wait_for(p), 7);
  int64_t begin = now_ms();
  check_ok(sp_communicate(p, NULL, 0, LONG_MS, &result, &err), err);
  assert_true(now_ms() - begin < LONG_MS);
  assert_int_equal(sp_result_returncode(result), 7);
  assert_int_equal(sp_result_pipes_held(result), 1);
  sp_result_free(result);
  sp_process_free(p);
  close_fd(&lifeline.read_end);
  close_fd(&lifeline.write_end);
}

static void grandchildren_that_hold_the_pipes(void **state) {
  (void)state;
  held_pipes(NULL);
  held_pipes("daemon");
}

static void a_limit_on_draining_loses_nothing(void **state) {
  (void)state;
  sp_options options = {.size = sizeof options, .flags = SP_CAPTURE, .drain_ms = LONG_MS};
  sp_result *result = result_of(CHILD("pattern", "60000", "60000"), &options);
  for (int stream = SP_OUT; stream <= SP_ERR; stream++) {
    size_t len = 0;
    check_pattern(sp_result_output(result, stream, &len), 60000, stream);
    assert_int_equal(len, 60000);
  }
  assert_int_equal(sp_result_pipes_held(result), 0);
  sp_result_free(result);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      fixture_test(newlines_of_all_systems),
      fixture_test(a_newline_in_two_pieces),
      fixture_test(output_may_be_capped),
      fixture_test(output_is_seen_as_it_comes),
      fixture_test(the_callback_sees_all_that_is_captured),
      fixture_test(only_one_may_communicate),
      fixture_test(grandchildren_that_hold_the_pipes),
      fixture_test(a_limit_on_draining_loses_nothing),
  };
  return run_fixture_tests(tests);
}
