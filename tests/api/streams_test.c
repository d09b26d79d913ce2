/* SPDX-License-Identifier: MIT
 *
 * Reading and writing the pipes of a child by hand.
 */
#include "fixture.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static sp_process *start_copy(void) {
  const sp_options options = {.size = sizeof options, .std_in.kind = SP_PIPE, .std_out.kind = SP_PIPE};
  return start(CHILD("copy"), &options);
}

static sp_process *start_output(const char *const *argv) {
  const sp_options options = {.size = sizeof options, .flags = SP_CAPTURE};
  return start(argv, &options);
}

/* Ends a child that reads until end of file, and releases it. */
static void finish(sp_process *p) {
  check(sp_close_stream(p, SP_IN) == SP_OK);
  check(wait_for(p) == 0);
  sp_process_free(p);
}

static void put(sp_process *p, const char *text) {
  sp_error err = SP_ERROR_INIT;
  check(sp_write(p, text, strlen(text), LONG_MS, &err) == (int64_t)strlen(text));
}

static void expect_read(sp_process *p, int stream, size_t room, const char *expected) {
  char seen[256];
  sp_error err = SP_ERROR_INIT;
  int64_t len = sp_read(p, stream, seen, room, LONG_MS, &err);
  check(len == (int64_t)strlen(expected) && memcmp(seen, expected, (size_t)len) == 0);
}

static void expect_line_of(sp_process *p, int stream, const char *expected) {
  sp_error err = SP_ERROR_INIT;
  const char *seen = NULL;
  size_t len = 77;
  check_ok(sp_read_line(p, stream, LONG_MS, &seen, &len, &err), err);
  check(len == strlen(expected) && memcmp(seen, expected, len + 1) == 0);
}

static void a_conversation(void **state) {
  (void)state;
  sp_process *p = start_copy();
  for (int i = 0; i < 100; i++) {
    const char *line = kept_text("message %d\n", i);
    put(p, line);
    if (i % 2)
      expect_read(p, SP_OUT, 200, line);
    else
      expect_line_of(p, SP_OUT, line);
  }
  finish(p);
}

static void reading_takes_what_there_is(void **state) {
  (void)state;
  char none;
  sp_process *p = start_copy();
  put(p, "abcdef");
  expect_read(p, SP_OUT, 4, "abcd");
  expect_read(p, SP_OUT, 4, "ef");
  assert_int_equal(sp_read(p, SP_OUT, &none, 0, 0, NULL), 0);
  assert_int_equal(sp_close_stream(p, SP_IN), SP_OK);
  for (int i = 0; i < 3; i++) expect_read(p, SP_OUT, 4, ""); /* end of file, as often as asked */
  assert_int_equal(wait_for(p), 0);
  expect_read(p, SP_OUT, 4, "");
  sp_process_free(p);
}

static void lines_of_every_kind(void **state) {
  (void)state;
  sp_process *p =
      start_output(LIST("sh", "-c", "printf 'one\\n\\nthree and more\\nlast'; printf 'err 1\\nerr 2\\n' >&2"));
  expect_line_of(p, SP_ERR, "err 1\n");
  expect_line_of(p, SP_OUT, "one\n");
  expect_line_of(p, SP_OUT, "\n");
  expect_line_of(p, SP_ERR, "err 2\n");
  expect_line_of(p, SP_OUT, "three and more\n");
  expect_line_of(p, SP_OUT, "last");
  for (int i = 0; i < 2; i++) {
    expect_line_of(p, SP_OUT, "");
    expect_line_of(p, SP_ERR, "");
  }
  assert_int_equal(wait_for(p), 0);
  sp_process_free(p);
}

static void a_line_may_contain_nul(void **state) {
  (void)state;
  sp_error err = SP_ERROR_INIT;
  const char *line = NULL;
  size_t len = 0;
  sp_process *p = start_output(LIST("printf", "a\\0b\\n"));
  check_ok(sp_read_line(p, SP_OUT, LONG_MS, &line, &len, &err), err);
  assert_int_equal(len, 4);
  assert_memory_equal(line, "a\0b\n", 5);
  assert_int_equal(wait_for(p), 0);
  sp_process_free(p);
}

static void a_very_long_line(void **state) {
  (void)state;
  sp_error err = SP_ERROR_INIT;
  const char *line = NULL;
  size_t len = 0;
  sp_process *p = start_output(LIST("sh", "-c", "head -c 1000000 /dev/zero | tr '\\0' x; echo; echo next"));
  check_ok(sp_read_line(p, SP_OUT, LONG_MS, &line, &len, &err), err);
  assert_int_equal(len, 1000001);
  assert_int_equal(strspn(line, "x"), 1000000);
  expect_line_of(p, SP_OUT, "next\n");
  assert_int_equal(wait_for(p), 0);
  sp_process_free(p);
}

static void a_partial_line_is_kept(void **state) {
  (void)state;
  sp_error err = SP_ERROR_INIT;
  const char *line = (const char *)&err;
  size_t len = 77;
  sp_process *p = start_copy();
  put(p, "one\npar");
  expect_line_of(p, SP_OUT, "one\n");
  for (int i = 0; i < 3; i++)
    check_fails(sp_read_line(p, SP_OUT, i == 0 ? SHORT_MS : 0, &line, &len, &err), SP_ETIMEDOUT, err);
  assert_ptr_equal(line, &err);
  assert_int_equal(len, 77);
  put(p, "tial\nrest");
  expect_line_of(p, SP_OUT, "partial\n");
  expect_read(p, SP_OUT, 200, "rest");
  put(p, "again");
  check_fails(sp_read_line(p, SP_OUT, SHORT_MS, &line, &len, &err), SP_ETIMEDOUT, err);
  expect_read(p, SP_OUT, 2, "ag"); /* what a line left behind is read first */
  expect_read(p, SP_OUT, 200, "ain");
  finish(p);
}

static void limits_of_reading(void **state) {
  (void)state;
  char byte;
  sp_error err = SP_ERROR_INIT;
  sp_process *p = start_copy();
  check_fails(sp_read(p, SP_OUT, &byte, 1, 0, &err), SP_ETIMEDOUT, err);
  int64_t begin = now_ms();
  check_fails(sp_read(p, SP_OUT, &byte, 1, SHORT_MS, &err), SP_ETIMEDOUT, err);
  assert_true(now_ms() - begin >= SHORT_MS);
  assert_int_equal(err.step, SP_AT_IO);
  put(p, "x");
  assert_int_equal(sp_read(p, SP_OUT, &byte, 1, SP_FOREVER, &err), 1);
  assert_int_equal(byte, 'x');
  finish(p);
}

static void limits_of_writing(void **state) {
  (void)state;
  enum { LEN = 1 << 20 };
  pipe_pair gate = open_pipe();
  const int32_t passed[] = {gate.read_end};
  const sp_options options = {
      .size = sizeof options, .std_in.kind = SP_PIPE, .std_out.kind = SP_PIPE, .pass_fds = passed, .pass_fds_len = 1};
  sp_process *p = start(CHILD("gate", kept_text("%d", gate.read_end), child_path("copy")), &options);
  char *bytes = keep(malloc(LEN));
  memset(bytes, 'w', LEN);
  sp_error err = SP_ERROR_INIT;
  int64_t begin = now_ms(), first = sp_write(p, bytes, LEN, SHORT_MS, &err);
  assert_true(now_ms() - begin >= SHORT_MS);
  assert_true(first > 0 && first < LEN); /* as much as the pipe holds */
  check_fails(sp_write(p, bytes, LEN, SHORT_MS, &err), SP_ETIMEDOUT, err);
  check_fails(sp_write(p, bytes, LEN, 0, &err), SP_ETIMEDOUT, err);
  assert_int_equal(sp_write(p, bytes, 0, 0, &err), 0);
  close_fd(&gate.write_end);
  assert_int_equal(sp_write(p, bytes, 1000, LONG_MS, &err), 1000);
  assert_int_equal(sp_close_stream(p, SP_IN), SP_OK);
  int64_t total = 0, len;
  while ((len = sp_read(p, SP_OUT, bytes, LEN, LONG_MS, &err)) > 0) total += len;
  assert_int_equal(len, 0);
  assert_int_equal(total, first + 1000);
  assert_int_equal(wait_for(p), 0);
  sp_process_free(p);
  close_fd(&gate.read_end);
}

/* No SIGPIPE, neither delivered (it would end this test) nor left pending, and one that the host has pending stays. */
static void writing_to_one_who_has_gone(void **state) {
  (void)state;
  const sp_options options = {.size = sizeof options, .std_in.kind = SP_PIPE};
  sp_process *p = start(CHILD("exit_code", "0"), &options);
  assert_int_equal(wait_for(p), 0);
  sigset_t pipe_signal, pending, old;
  sigemptyset(&pipe_signal);
  sigaddset(&pipe_signal, SIGPIPE);
  for (int round = 0; round < 3; round++) {
    sp_error err = SP_ERROR_INIT;
    check_fails(sp_write(p, "x", 1, LONG_MS, &err), SP_ESYS, err);
    assert_int_equal(err.sys_errno, EPIPE);
    assert_int_equal(err.step, SP_AT_IO);
    sigpending(&pending);
    assert_int_equal(sigismember(&pending, SIGPIPE), round == 2);
    pthread_sigmask(SIG_BLOCK, &pipe_signal, round == 0 ? &old : NULL);
    if (round == 1) raise(SIGPIPE);
  }
  int sig = 0;
  assert_int_equal(sigwait(&pipe_signal, &sig), 0);
  pthread_sigmask(SIG_SETMASK, &old, NULL);
  sp_process_free(p);
}

static void closing_one_stream(void **state) {
  (void)state;
  char byte;
  sp_error err = SP_ERROR_INIT;
  sp_process *p = start_copy();
  for (int i = 0; i < 2; i++) {
    assert_int_equal(sp_close_stream(p, SP_IN), SP_OK);
    assert_int_equal(sp_stream_handle(p, SP_IN), -1);
    check_fails(sp_write(p, "x", 1, 0, &err), SP_ECLOSED, err);
  }
  expect_read(p, SP_OUT, 1, "");
  for (int i = 0; i < 2; i++) {
    assert_int_equal(sp_close_stream(p, SP_OUT), SP_OK);
    check_fails(sp_read(p, SP_OUT, &byte, 1, 0, &err), SP_ECLOSED, err);
  }
  assert_int_equal(wait_for(p), 0);
  sp_process_free(p);
}

static void a_closed_output_gives_the_child_sigpipe(void **state) {
  (void)state;
  sp_process *p = start_output(CHILD("pattern", "10000000"));
  assert_int_equal(sp_close_stream(p, SP_OUT), SP_OK);
  assert_int_equal(wait_for(p), -SIGPIPE);
  sp_process_free(p);
}

static void what_is_not_a_pipe(void **state) {
  (void)state;
  char byte;
  const char *line;
  size_t len;
  const sp_options options = {
      .size = sizeof options, .std_err.kind = SP_PIPE, .std_out.kind = SP_DEVNULL, .std_in.kind = SP_DEVNULL};
  sp_process *p = start(CHILD("copy"), &options);
  static const int wrong[] = {SP_OUT, SP_IN, 3, -1};
  for (int i = 0; i < 4; i++) {
    sp_error err = SP_ERROR_INIT;
    check_fails(sp_read(p, wrong[i], &byte, 1, 0, &err), SP_EINVAL, err);
    assert_non_null(strstr(err.message, "stream"));
    check_fails(sp_read_line(p, wrong[i], 0, &line, &len, &err), SP_EINVAL, err);
    assert_int_equal(sp_close_stream(p, wrong[i]), SP_EINVAL);
    assert_int_equal(sp_stream_handle(p, wrong[i]), -1);
    assert_int_equal(sp_stream_release(p, wrong[i]), -1);
  }
  sp_error err = SP_ERROR_INIT;
  check_fails(sp_write(p, "x", 1, 0, &err), SP_EINVAL, err);
  assert_non_null(strstr(err.message, "SP_IN"));
  assert_int_equal(wait_for(p), 0);
  sp_process_free(p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      fixture_test(a_conversation),
      fixture_test(reading_takes_what_there_is),
      fixture_test(lines_of_every_kind),
      fixture_test(a_line_may_contain_nul),
      fixture_test(a_very_long_line),
      fixture_test(a_partial_line_is_kept),
      fixture_test(limits_of_reading),
      fixture_test(limits_of_writing),
      fixture_test(writing_to_one_who_has_gone),
      fixture_test(closing_one_stream),
      fixture_test(a_closed_output_gives_the_child_sigpipe),
      fixture_test(what_is_not_a_pipe),
  };
  return run_fixture_tests(tests);
}
