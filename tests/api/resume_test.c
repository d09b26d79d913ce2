/* SPDX-License-Identifier: MIT
 *
 * sp_communicate() interrupted by its limit and called again: not a byte of output nor of input is lost or doubled.
 */
#include "fixture.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../children/pattern.h"

enum { INPUT_LEN = 1 << 20 };

typedef struct {
  sp_process *process;
  pipe_pair gate;
} gated;

/* A child that begins to read, or to do anything, when the gate is opened. */
static gated start_gated(const char *program, const char *first, const char *second) {
  gated made = {NULL, open_pipe()};
  const int32_t passed[] = {made.gate.read_end};
  const sp_options options = {
      .size = sizeof options, .flags = SP_CAPTURE, .std_in.kind = SP_PIPE, .pass_fds = passed, .pass_fds_len = 1};
  made.process = start(CHILD("gate", kept_text("%d", passed[0]), child_path(program), first, second), &options);
  return made;
}

static void end_gated(gated *g) {
  sp_process_free(g->process);
  close_fd(&g->gate.read_end);
  if (g->gate.write_end >= 0) close_fd(&g->gate.write_end);
}

static unsigned char *new_input(void) {
  unsigned char *input = malloc(INPUT_LEN);
  for (size_t i = 0; input != NULL && i < INPUT_LEN; i++) input[i] = pattern_byte(SP_OUT, i);
  return input;
}

static void expect_timeout(sp_process *p, const void *input, size_t len, int64_t timeout_ms) {
  sp_error err = SP_ERROR_INIT;
  int64_t begin = now_ms();
  check_fails(sp_communicate(p, input, len, timeout_ms, NULL, &err), SP_ETIMEDOUT, err);
  check(now_ms() - begin >= timeout_ms);
}

static void expect_all(sp_process *p, const void *input, size_t len) {
  sp_error err = SP_ERROR_INIT;
  sp_result *result = NULL;
  size_t seen = 0;
  check_ok(sp_communicate(p, input, len, LONG_MS, &result, &err), err);
  const void *output = sp_result_output(result, SP_OUT, &seen);
  assert_int_equal(seen, INPUT_LEN);
  check_pattern(output, seen, SP_OUT);
  sp_result_free(result);
}

/* The host may reuse the input's memory as soon as the first call has returned. */
static void unsent_input_is_kept(void **state) {
  (void)state;
  gated g = start_gated("copy", NULL, NULL);
  unsigned char *input = new_input();
  expect_timeout(g.process, input, INPUT_LEN, SHORT_MS);
  memset(input, 0, INPUT_LEN);
  free(input);
  expect_timeout(g.process, NULL, 0, 0);
  expect_timeout(g.process, NULL, 0, SHORT_MS);
  close_fd(&g.gate.write_end);
  expect_all(g.process, NULL, 0);
  end_gated(&g);
}

static void input_that_is_given_again_is_not_sent_twice(void **state) {
  (void)state;
  gated g = start_gated("copy", NULL, NULL);
  unsigned char *input = new_input();
  expect_timeout(g.process, input, INPUT_LEN, SHORT_MS);
  expect_timeout(g.process, input, INPUT_LEN, 0);
  close_fd(&g.gate.write_end);
  expect_all(g.process, input, INPUT_LEN);
  free(input);
  end_gated(&g);
}

static void other_input_is_refused(void **state) {
  (void)state;
  gated g = start_gated("copy", NULL, NULL);
  unsigned char *input = new_input();
  expect_timeout(g.process, input, INPUT_LEN, 0);
  for (size_t len = 1; len <= INPUT_LEN - 1; len += INPUT_LEN - 2) {
    sp_error err = SP_ERROR_INIT;
    check_fails(sp_communicate(g.process, input, len, 0, NULL, &err), SP_EINVAL, err);
    assert_non_null(strstr(err.message, "input"));
  }
  close_fd(&g.gate.write_end);
  expect_all(g.process, NULL, 0);
  free(input);
  end_gated(&g);
}

/* In many short calls, so that they end at many places. */
static void output_is_collected_over_calls(void **state) {
  (void)state;
  enum { OUT = 3000000, ERR = 2000000 };
  const sp_options options = {.size = sizeof options, .flags = SP_CAPTURE};
  sp_process *p = start(CHILD("pattern", "3000000", "2000000"), &options);
  sp_error err = SP_ERROR_INIT;
  sp_result *result = NULL;
  size_t before = 0;
  int calls = 0, rc;
  for (int64_t end = now_ms() + LONG_MS; (rc = sp_communicate(p, NULL, 0, calls % 2, &result, &err)) == SP_ETIMEDOUT;
       calls++) {
    size_t len = 0;
    sp_result_output(result, SP_OUT, &len);
    assert_true(len >= before && now_ms() < end);
    before = len;
    sp_result_free(result);
  }
  check_ok(rc, err);
  assert_true(calls > 0);
  size_t out = 0, errors = 0;
  const void *out_bytes = sp_result_output(result, SP_OUT, &out),
             *error_bytes = sp_result_output(result, SP_ERR, &errors);
  assert_int_equal(out, OUT);
  assert_int_equal(errors, ERR);
  check_pattern(out_bytes, out, SP_OUT);
  check_pattern(error_bytes, errors, SP_ERR);
  sp_result_free(result);
  sp_process_free(p);
}

static void a_timeout_tells_what_came_so_far(void **state) {
  (void)state;
  const sp_options options = {.size = sizeof options, .flags = SP_CAPTURE};
  sp_process *p = start(CHILD("speaker", "said", "shouted"), &options);
  sp_error err = SP_ERROR_INIT;
  size_t out = 0, errors = 0;
  for (int64_t end = now_ms() + LONG_MS; out < 4 || errors < 7;) {
    sp_result *result = NULL;
    check_fails(sp_communicate(p, NULL, 0, SHORT_MS, &result, &err), SP_ETIMEDOUT, err);
    const char *said = sp_result_output(result, SP_OUT, &out), *shouted = sp_result_output(result, SP_ERR, &errors);
    assert_true(strncmp(said, "said", out) == 0 && strncmp(shouted, "shouted", errors) == 0);
    assert_int_equal(sp_result_returncode(result), SP_NO_RETURNCODE);
    assert_true(now_ms() < end);
    sp_result_free(result);
  }
  sp_result *result = NULL;
  check_ok(sp_kill(p, &err), err);
  check_ok(sp_communicate(p, NULL, 0, LONG_MS, &result, &err), err);
  assert_string_equal(sp_result_output(result, SP_OUT, NULL), "said");
  assert_string_equal(sp_result_output(result, SP_ERR, NULL), "shouted");
  assert_int_equal(sp_result_returncode(result), -SIGKILL);
  sp_result_free(result);
  sp_process_free(p);
}

/* A child that closes its outputs and lives on: there is nothing more to read, but an end to wait for. */
static void a_child_that_falls_silent(void **state) {
  (void)state;
  const sp_options options = {.size = sizeof options, .flags = SP_CAPTURE, .std_in.kind = SP_PIPE};
  sp_process *p = start(CHILD("mute"), &options);
  expect_timeout(p, NULL, 0, SHORT_MS);
  expect_timeout(p, NULL, 0, 0);
  sp_error err = SP_ERROR_INIT;
  check_ok(sp_kill(p, &err), err);
  sp_result *result = NULL;
  check_ok(sp_communicate(p, NULL, 0, LONG_MS, &result, &err), err);
  assert_string_equal(sp_result_output(result, SP_OUT, NULL), "");
  assert_int_equal(sp_result_returncode(result), -SIGKILL);
  sp_result_free(result);
  sp_process_free(p);
}

static void after_success_the_same_again(void **state) {
  (void)state;
  const sp_options each[] = {
      {.size = sizeof(sp_options), .std_in.kind = SP_PIPE, .std_out.kind = SP_PIPE, .std_err.kind = SP_PIPE},
      {.size = sizeof(sp_options), .std_out.kind = SP_PIPE}, /* one pipe, which may go another way inside */
  };
  for (int i = 0; i < 2; i++) {
    sp_process *p = start(CHILD("pattern", "70000"), &each[i]);
    for (int call = 0; call < 3; call++) {
      sp_error err = SP_ERROR_INIT;
      sp_result *result = NULL;
      size_t len = 0;
      check_ok(sp_communicate(p, NULL, 0, call == 0 ? SP_FOREVER : 0, &result, &err), err);
      const void *seen = sp_result_output(result, SP_OUT, &len);
      assert_int_equal(len, 70000);
      check_pattern(seen, len, SP_OUT);
      assert_int_equal(sp_result_returncode(result), 0);
      sp_result_free(result);
    }
    assert_int_equal(wait_for(p), 0);
    sp_process_free(p);
  }
}

static void a_result_outlives_its_process(void **state) {
  (void)state;
  const sp_options options = {.size = sizeof options, .std_out.kind = SP_PIPE};
  sp_process *p = start(LIST("echo", "kept"), &options);
  sp_result *first = NULL, *second = NULL;
  sp_error err = SP_ERROR_INIT;
  check_ok(sp_communicate(p, NULL, 0, LONG_MS, &first, &err), err);
  check_ok(sp_communicate(p, NULL, 0, LONG_MS, &second, &err), err);
  sp_process_free(p);
  sp_result_free(first);
  assert_string_equal(sp_result_output(second, SP_OUT, NULL), "kept\n");
  sp_result_free(second);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      fixture_test(unsent_input_is_kept),
      fixture_test(input_that_is_given_again_is_not_sent_twice),
      fixture_test(other_input_is_refused),
      fixture_test(output_is_collected_over_calls),
      fixture_test(a_timeout_tells_what_came_so_far),
      fixture_test(a_child_that_falls_silent),
      fixture_test(after_success_the_same_again),
      fixture_test(a_result_outlives_its_process),
  };
  return run_fixture_tests(tests);
}
