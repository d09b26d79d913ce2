/* SPDX-License-Identifier: MIT
 *
 * sp_run() and sp_check_output(): one call does it all.
 */
#include "fixture.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define BOTH_OUTPUTS "printf out; printf err >&2; exit "

static sp_result *run(const char *const *argv, const sp_options *opt, int expected) {
  sp_error err = SP_ERROR_INIT;
  sp_result *result = NULL;
  check_fails(sp_run(argv, opt, &result, &err), expected, err);
  check(result != NULL && !has_children());
  return result;
}

static void a_command_runs_to_its_end(void **state) {
  (void)state;
  sp_error err = SP_ERROR_INIT;
  sp_result *result = NULL;
  check_ok(sp_run(CHILD("exit_code", "6"), NULL, &result, &err), err);
  assert_int_equal(sp_result_returncode(result), 6);
  assert_null(sp_result_output(result, SP_OUT, NULL));
  assert_null(sp_result_output(result, SP_ERR, NULL));
  sp_result_free(result);
  check_ok(sp_run(CHILD("exit_code", "6"), NULL, NULL, &err), err);
  assert_int_equal(sp_run(CHILD("exit_code", "6"), NULL, NULL, NULL), SP_OK);
}

static void output_is_captured(void **state) {
  (void)state;
  sp_error err = SP_ERROR_INIT;
  sp_result *result = NULL;
  sp_options options = {.size = sizeof options, .flags = SP_CAPTURE};
  check_ok(sp_run(LIST("sh", "-c", BOTH_OUTPUTS "0"), &options, &result, &err), err);
  expect_output(result, SP_OUT, "out");
  expect_output(result, SP_ERR, "err");
  sp_result_free(result);
  options = (sp_options){.size = sizeof options, .std_out.kind = SP_PIPE, .std_err.kind = SP_STDOUT};
  check_ok(sp_run(LIST("sh", "-c", BOTH_OUTPUTS "0"), &options, &result, &err), err);
  expect_output(result, SP_OUT, "outerr");
  assert_null(sp_result_output(result, SP_ERR, NULL));
  sp_result_free(result);
}

static void input_is_fed(void **state) {
  (void)state;
  sp_options options = {.size = sizeof options, .input = "some\0input", .input_len = 10};
  sp_error err = SP_ERROR_INIT;
  char *output = NULL;
  size_t len = 0;
  check_ok(sp_check_output(CHILD("copy"), &options, &output, &len, &err), err);
  assert_int_equal(len, 10);
  assert_memory_equal(output, "some\0input", 11);
  sp_mem_free(output);
  options.input = "", options.input_len = 0; /* an empty input is an input: the child sees end of file */
  assert_string_equal(output_of(CHILD("copy"), &options), "");
  options = (sp_options){.size = sizeof options, .std_in.kind = SP_PIPE};
  assert_string_equal(output_of(CHILD("copy"), &options), "");
}

static void failures_can_be_errors(void **state) {
  (void)state;
  const sp_options checked = {.size = sizeof checked, .flags = SP_CAPTURE | SP_CHECK};
  sp_error err = SP_ERROR_INIT;
  sp_result *result = NULL;
  check_ok(sp_run(LIST("sh", "-c", BOTH_OUTPUTS "0"), &checked, &result, &err), err);
  sp_result_free(result);
  result = NULL;
  check_fails(sp_run(LIST("sh", "-c", BOTH_OUTPUTS "37"), &checked, &result, &err), SP_EFAILED, err);
  assert_non_null(strstr(err.message, "37"));
  assert_int_equal(sp_result_returncode(result), 37);
  expect_output(result, SP_OUT, "out");
  expect_output(result, SP_ERR, "err");
  sp_result_free(result);
  check_fails(sp_run(CHILD("signal_self", "15"), &checked, NULL, &err), SP_EFAILED, err);
  assert_non_null(strstr(err.message, "15"));
}

static void output_is_returned(void **state) {
  (void)state;
  char *output = NULL;
  size_t len = 77;
  sp_error err = SP_ERROR_INIT;
  check_ok(sp_check_output(LIST("printf", "a\\0b"), NULL, &output, &len, &err), err);
  assert_int_equal(len, 3);
  assert_memory_equal(output, "a\0b", 4);
  sp_mem_free(output);
  const sp_options merged = {.size = sizeof merged, .std_err.kind = SP_STDOUT};
  check_fails(sp_check_output(LIST("sh", "-c", BOTH_OUTPUTS "1"), &merged, &output, &len, &err), SP_EFAILED, err);
  assert_null(output);
  assert_string_equal(output_of(LIST("sh", "-c", BOTH_OUTPUTS "0"), &merged), "outerr");
}

/* -- limits -------------------------------------------------------------------------------------------------------------- */

/* Runs with longer and longer limits, until the child had the time to say what it wanted to and to end as it should;
 * the result of that. */
static sp_result *run_until_said(const char *const *argv, sp_options *options, const char *said, int64_t code) {
  for (options->timeout_ms = 100; options->timeout_ms < LONG_MS; options->timeout_ms *= 2) {
    int64_t begin = now_ms();
    sp_result *result = run(argv, options, SP_ETIMEDOUT);
    check(now_ms() - begin >= options->timeout_ms);
    if (strcmp(sp_result_output(result, SP_OUT, NULL), said) == 0 && sp_result_returncode(result) == code)
      return result;
    sp_result_free(result);
  }
  fail_msg("the child never said it, or never ended so");
  return NULL;
}

static void a_limit_kills_and_keeps_the_output(void **state) {
  (void)state;
  sp_options options = {.size = sizeof options, .flags = SP_CAPTURE};
  sp_result *result = run_until_said(CHILD("speaker", "partial"), &options, "partial", -SIGKILL);
  sp_result_free(result);
  result = run_until_said(CHILD("stubborn"), &options, "ready\n", -SIGKILL);
  sp_result_free(result);
  sp_options no_pipes = {.size = sizeof no_pipes, .timeout_ms = SHORT_MS};
  result = run(CHILD("speaker"), &no_pipes, SP_ETIMEDOUT);
  assert_int_equal(sp_result_returncode(result), -SIGKILL);
  sp_result_free(result);
}

static void a_limit_bounds_input_too(void **state) {
  (void)state;
  char *input = keep(calloc(1, 1 << 20));
  const sp_options options = {.size = sizeof options, .timeout_ms = SHORT_MS, .input = input, .input_len = 1 << 20};
  sp_result *result = run(CHILD("speaker"), &options, SP_ETIMEDOUT);
  assert_int_equal(sp_result_returncode(result), -SIGKILL);
  sp_result_free(result);
}

static void within_the_limit_nothing_happens(void **state) {
  (void)state;
  static const int64_t limits[] = {0, SP_FOREVER, LONG_MS, SP_TIMEOUT_MAX};
  for (int i = 0; i < 4; i++) {
    const sp_options options = {.size = sizeof options, .timeout_ms = limits[i]};
    assert_string_equal(output_of(LIST("echo", "quick"), &options), "quick\n");
  }
}

static void grace_lets_a_child_tidy_up(void **state) {
  (void)state;
  sp_options options = {.size = sizeof options, .flags = SP_CAPTURE, .kill_grace_ms = LONG_MS};
  sp_result *result = run_until_said(CHILD("obedient"), &options, "ready\nbye\n", 42);
  sp_result_free(result);
  options.kill_grace_ms = 2 * SHORT_MS;
  int64_t begin = now_ms();
  result = run_until_said(CHILD("stubborn"), &options, "ready\n", -SIGKILL);
  assert_true(now_ms() - begin >= options.timeout_ms + 2 * SHORT_MS);
  sp_result_free(result);
}

/* -- grandchildren ------------------------------------------------------------------------------------------------------- */

/* The member of a household that a command leaves behind holds `witness`, whose other end tells whether it lives. */
typedef struct {
  pipe_pair lifeline, witness;
  int32_t passed[2];
} household;

static household open_household(sp_options *options) {
  household h = {open_pipe(), open_pipe(), {0, 0}};
  options->pass_fds_len = 2;
  h.passed[0] = h.lifeline.read_end;
  h.passed[1] = h.witness.write_end;
  return h;
}

static void expect_member(household *h, bool alive) {
  close_fd(&h->witness.write_end);
  assert_int_equal(readable(h->witness.read_end, alive ? SHORT_MS : LONG_MS), !alive);
  close_fd(&h->lifeline.write_end);
  assert_true(readable(h->witness.read_end, LONG_MS));
  close_fd(&h->witness.read_end);
  close_fd(&h->lifeline.read_end);
}

/* The limit ends the call although somebody else holds the pipes, and although the lifeline is never closed. */
static void a_limit_does_not_wait_for_grandchildren(void **state) {
  (void)state;
  const char *const lives[] = {"", kept_text("; exec %s", child_path("speaker"))};
  for (int i = 0; i < 2; i++) {
    sp_options options = {.size = sizeof options, .flags = SP_CAPTURE | SP_SHELL};
    household h = open_household(&options);
    options.pass_fds = h.passed;
    const char *line = kept_text("%s %d 7%s", child_path("holder"), h.passed[0], lives[i]);
    sp_result_free(run_until_said(LIST(line), &options, "held\n", i == 0 ? 7 : -SIGKILL));
    expect_member(&h, true);
  }
}

static void a_limit_can_end_the_whole_group(void **state) {
  (void)state;
  static const uint64_t kinds[] = {SP_NEW_GROUP, SP_NEW_SESSION};
  const char *const lives[] = {"", kept_text("; exec %s", child_path("speaker"))};
  for (int i = 0; i < 4; i++) {
    sp_options options = {.size = sizeof options,
                          .flags = SP_CAPTURE | SP_SHELL | SP_KILL_GROUP_ON_TIMEOUT | kinds[i % 2],
                          .kill_grace_ms = i == 3 ? SHORT_MS : 0};
    household h = open_household(&options);
    options.pass_fds = h.passed;
    const char *line = kept_text("%s %d 7%s", child_path("holder"), h.passed[0], lives[i / 2]);
    const int64_t codes[] = {7, 7, -SIGKILL, -SIGTERM};
    sp_result_free(run_until_said(LIST(line), &options, "held\n", codes[i]));
    expect_member(&h, false);
  }
}

static void draining_can_be_bounded(void **state) {
  (void)state;
  sp_options options = {.size = sizeof options, .flags = SP_CAPTURE, .drain_ms = 1};
  household h = open_household(&options);
  options.pass_fds = h.passed;
  sp_result *result = run(CHILD("holder", kept_text("%d", h.passed[0]), "7"), &options, SP_OK);
  assert_int_equal(sp_result_returncode(result), 7);
  assert_int_equal(sp_result_pipes_held(result), 1);
  sp_result_free(result);
  expect_member(&h, true);
  options = (sp_options){.size = sizeof options, .flags = SP_CAPTURE, .drain_ms = LONG_MS};
  result = run(LIST("echo", "x"), &options, SP_OK);
  assert_int_equal(sp_result_pipes_held(result), 0);
  sp_result_free(result);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      fixture_test(a_command_runs_to_its_end),
      fixture_test(output_is_captured),
      fixture_test(input_is_fed),
      fixture_test(failures_can_be_errors),
      fixture_test(output_is_returned),
      fixture_test(a_limit_kills_and_keeps_the_output),
      fixture_test(a_limit_bounds_input_too),
      fixture_test(within_the_limit_nothing_happens),
      fixture_test(grace_lets_a_child_tidy_up),
      fixture_test(a_limit_does_not_wait_for_grandchildren),
      fixture_test(a_limit_can_end_the_whole_group),
      fixture_test(draining_can_be_bounded),
  };
  return run_fixture_tests(tests);
}
