/* SPDX-License-Identifier: MIT
 *
 * sp_communicate(): input and both outputs at once.
 */
#include "fixture.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "../children/pattern.h"

#define ALL_PIPES .std_in.kind = SP_PIPE, .std_out.kind = SP_PIPE, .std_err.kind = SP_PIPE

static unsigned char *pattern(size_t len, int stream) {
  unsigned char *bytes = keep(malloc(len + 1));
  for (size_t i = 0; i < len; i++) bytes[i] = pattern_byte((unsigned)stream, i);
  return bytes;
}

/* Starts, communicates, and returns the result. */
static sp_result *result_of(const char *const *argv, const sp_options *opt, const char *input) {
  sp_process *p = start(argv, opt);
  sp_result *result = communicate(p, input, input != NULL ? strlen(input) : 0);
  sp_process_free(p);
  return result;
}

static void input_of_every_size(void **state) {
  (void)state;
  static const size_t sizes[] = {0, 1, 4095, 4096, 4097, 65535, 65536, 65537, 1 << 20, 10 << 20};
  const sp_options options = {.size = sizeof options, ALL_PIPES};
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    size_t len = 0;
    sp_process *p = start(CHILD("copy"), &options);
    sp_result *result = communicate(p, pattern(sizes[i], SP_OUT), sizes[i]);
    const void *seen = sp_result_output(result, SP_OUT, &len);
    assert_int_equal(len, sizes[i]);
    check_pattern(seen, len, SP_OUT);
    expect_output(result, SP_ERR, "");
    assert_int_equal(sp_result_returncode(result), 0);
    sp_result_free(result);
    sp_process_free(p);
  }
}

static void both_outputs_at_once(void **state) {
  (void)state;
  static const sp_options each[] = {
      {.size = sizeof(sp_options), .std_out.kind = SP_PIPE, .std_err.kind = SP_PIPE},
      {.size = sizeof(sp_options), .std_out.kind = SP_PIPE, .std_err.kind = SP_DEVNULL},
      {.size = sizeof(sp_options), .std_out.kind = SP_DEVNULL, .std_err.kind = SP_PIPE},
  };
  for (int i = 0; i < 3; i++) {
    sp_result *result = result_of(CHILD("pattern", "10485760", "10000000"), &each[i], NULL);
    for (int stream = SP_OUT; stream <= SP_ERR; stream++) {
      size_t len = 77;
      const void *seen = sp_result_output(result, stream, &len);
      if (i == 0 || i == stream) {
        assert_int_equal(len, stream == SP_OUT ? 10485760 : 10000000);
        check_pattern(seen, len, stream);
      } else {
        assert_null(seen);
        assert_int_equal(len, 0);
      }
    }
    sp_result_free(result);
  }
}

static void without_pipes_it_waits(void **state) {
  (void)state;
  sp_result *result = result_of(CHILD("exit_code", "33"), NULL, NULL);
  assert_int_equal(sp_result_returncode(result), 33);
  assert_null(sp_result_output(result, SP_OUT, NULL));
  sp_result_free(result);
}

static void input_needs_its_pipe(void **state) {
  (void)state;
  sp_error err = SP_ERROR_INIT;
  const sp_options options = {.size = sizeof options, .std_in.kind = SP_DEVNULL, .std_out.kind = SP_PIPE};
  sp_process *p = start(CHILD("copy"), &options);
  check_fails(sp_communicate(p, "x", 1, LONG_MS, NULL, &err), SP_EINVAL, err);
  assert_non_null(strstr(err.message, "input"));
  check_fails(sp_communicate(p, NULL, 1, LONG_MS, NULL, &err), SP_EINVAL, err);
  assert_non_null(strstr(err.message, "input"));
  sp_result_free(communicate(p, NULL, 0));
  sp_process_free(p);
}

/* Neither an error, nor a SIGPIPE, which would end this test. */
static void input_that_nobody_reads(void **state) {
  (void)state;
  const sp_options options = {.size = sizeof options, .std_in.kind = SP_PIPE, .std_out.kind = SP_PIPE};
  const char *const *commands[] = {CHILD("exit_code", "3"), LIST("sh", "-c", "exec <&-; echo said; exit 3")};
  for (int i = 0; i < 2; i++) {
    struct sigaction action;
    sp_process *p = start(commands[i], &options);
    sp_result *result = communicate(p, pattern(1 << 20, SP_OUT), 1 << 20);
    assert_int_equal(sp_result_returncode(result), 3);
    expect_output(result, SP_OUT, i == 0 ? "" : "said\n");
    sigaction(SIGPIPE, NULL, &action);
    assert_true(action.sa_handler == SIG_DFL);
    sp_result_free(result);
    sp_process_free(p);
  }
}

static void what_was_written_before_comes_first(void **state) {
  (void)state;
  sp_error err = SP_ERROR_INIT;
  const sp_options options = {.size = sizeof options, .std_in.kind = SP_PIPE, .std_out.kind = SP_PIPE};
  sp_process *p = start(CHILD("copy"), &options);
  assert_int_equal(sp_write(p, "first ", 6, LONG_MS, &err), 6);
  sp_result *result = communicate(p, "second", 6);
  expect_output(result, SP_OUT, "first second");
  sp_result_free(result);
  sp_process_free(p);
}

static void what_was_read_before_is_not_repeated(void **state) {
  (void)state;
  const sp_options options = {.size = sizeof options, .flags = SP_CAPTURE};
  sp_process *p = start(LIST("printf", "one\ntwo\nthree"), &options);
  expect_line(p, "one\n");
  sp_result *result = communicate(p, NULL, 0);
  expect_output(result, SP_OUT, "two\nthree");
  sp_result_free(result);
  sp_process_free(p);
}

static void a_closed_input_is_no_obstacle(void **state) {
  (void)state;
  const sp_options options = {
      .size = sizeof options, .std_in.kind = SP_PIPE, .std_out.kind = SP_PIPE, .std_err.kind = SP_PIPE};
  sp_process *p = start(CHILD("copy"), &options);
  assert_int_equal(sp_write(p, "all", 3, LONG_MS, NULL), 3);
  assert_int_equal(sp_close_stream(p, SP_IN), SP_OK);
  sp_result *result = communicate(p, NULL, 0);
  expect_output(result, SP_OUT, "all");
  sp_result_free(result);
  sp_process_free(p);
}

static void a_code_other_than_0_may_be_a_failure(void **state) {
  (void)state;
  const sp_options options = {.size = sizeof options, .flags = SP_CAPTURE | SP_CHECK};
  sp_process *p = start(LIST("sh", "-c", "echo out; echo err >&2; exit 4"), &options);
  for (int i = 0; i < 2; i++) {
    sp_error err = SP_ERROR_INIT;
    sp_result *result = NULL;
    check_fails(sp_communicate(p, NULL, 0, LONG_MS, &result, &err), SP_EFAILED, err);
    assert_non_null(strstr(err.message, "4"));
    assert_int_equal(sp_result_returncode(result), 4);
    expect_output(result, SP_OUT, "out\n");
    expect_output(result, SP_ERR, "err\n");
    sp_result_free(result);
  }
  sp_process_free(p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      fixture_test(input_of_every_size),
      fixture_test(both_outputs_at_once),
      fixture_test(without_pipes_it_waits),
      fixture_test(input_needs_its_pipe),
      fixture_test(input_that_nobody_reads),
      fixture_test(what_was_written_before_comes_first),
      fixture_test(what_was_read_before_is_not_repeated),
      fixture_test(a_closed_input_is_no_obstacle),
      fixture_test(a_code_other_than_0_may_be_a_failure),
  };
  return run_fixture_tests(tests);
}
