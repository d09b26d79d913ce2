/* SPDX-License-Identifier: MIT
 *
 * Pipelines: several commands as one process.
 */
#include "fixture.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../children/pattern.h"

#define STAGES(...) (sp_command[]){__VA_ARGS__}, sizeof((sp_command[]){__VA_ARGS__}) / sizeof(sp_command)

static sp_process *pipeline(const sp_command *stages, size_t n, const sp_options *opt) {
  sp_error err = SP_ERROR_INIT;
  sp_process *p = NULL;
  check_ok(sp_pipeline(stages, n, opt, &p, &err), err);
  return p;
}

static void data_flows_through_all_stages(void **state) {
  (void)state;
  enum { LEN = 3000000 };
  const sp_options options = {.size = sizeof options, .std_in.kind = SP_PIPE, .std_out.kind = SP_PIPE};
  sp_command copies[5];
  for (size_t n = 1; n <= 5; n += 2) {
    for (size_t i = 0; i < n; i++) copies[i] = (sp_command){CHILD("copy"), NULL};
    sp_process *p = pipeline(copies, n, &options);
    unsigned char *input = keep(malloc(LEN));
    for (size_t i = 0; i < LEN; i++) input[i] = pattern_byte(SP_OUT, i);
    sp_result *result = communicate(p, input, LEN);
    size_t len = 0;
    check_pattern(sp_result_output(result, SP_OUT, &len), LEN, SP_OUT);
    assert_int_equal(len, LEN);
    assert_int_equal(sp_result_returncode(result), 0);
    assert_int_equal(sp_stage_count(p), n);
    sp_result_free(result);
    sp_process_free(p);
  }
}

static void files_at_both_ends(void **state) {
  (void)state;
  const char *in = path_in(fixture_directory(), "in"), *out = path_in(fixture_directory(), "out");
  make_file(in, "b\n# comment\na\nb\n", 0644);
  const sp_options options = {.size = sizeof options, .std_in = {SP_FILE, 0, 0, in}, .std_out = {SP_FILE, 0, 0, out}};
  sp_process *p = pipeline(STAGES({LIST("grep", "-v", "^#"), NULL}, {LIST("sort", "-u"), NULL}), &options);
  assert_int_equal(wait_for(p), 0);
  assert_string_equal(file_content(out), "a\nb\n");
  assert_int_equal(sp_exit_handle(p), -1);
  assert_int_equal(sp_stream_handle(p, SP_OUT), -1);
  sp_process_free(p);
}

static void every_stage_has_its_code(void **state) {
  (void)state;
  for (int pipefail = 0; pipefail < 2; pipefail++) {
    const sp_options options = {.size = sizeof options, .std_out.kind = SP_PIPE, .flags = pipefail ? SP_PIPEFAIL : 0};
    sp_process *p = pipeline(
        STAGES({CHILD("exit_code", "3"), NULL}, {CHILD("signal_self", "15"), NULL}, {CHILD("exit_code", "0"), NULL}),
        &options);
    int64_t expected = pipefail ? -SIGTERM : 0, code = 77; /* the last one that failed */
    assert_int_equal(wait_for(p), expected);
    assert_int_equal(sp_poll(p, &code), 1);
    assert_int_equal(code, expected);
    sp_result *result = communicate(p, NULL, 0);
    assert_int_equal(sp_result_returncode(result), expected);
    assert_int_equal(sp_result_stage_returncode(result, 0), 3);
    assert_int_equal(sp_result_stage_returncode(result, 1), -SIGTERM);
    assert_int_equal(sp_result_stage_returncode(result, 2), 0);
    assert_int_equal(sp_result_stage_returncode(result, 3), SP_NO_RETURNCODE);
    sp_result_free(result);
    sp_process_free(p);
  }
}

static void failures_can_be_errors(void **state) {
  (void)state;
  sp_command stages[] = {{CHILD("exit_code", "3"), NULL}, {CHILD("copy"), NULL}};
  for (int pipefail = 0; pipefail < 2; pipefail++) {
    sp_error err = SP_ERROR_INIT;
    const sp_options options = {
        .size = sizeof options, .std_out.kind = SP_PIPE, .flags = SP_CHECK | (pipefail ? SP_PIPEFAIL : 0)};
    sp_process *p = pipeline(stages, 2, &options);
    check_fails(sp_communicate(p, NULL, 0, LONG_MS, NULL, &err), pipefail ? SP_EFAILED : SP_OK, err);
    assert_string_equal(err.path, pipefail ? child_path("exit_code") : ""); /* the stage that decided */
    assert_int_equal(err.stage, 0);
    sp_process_free(p);
    const sp_command reversed[] = {stages[1], stages[0]};
    check_ok(sp_pipeline(reversed, 2, &options, &p, &err), err);
    check_fails(sp_communicate(p, NULL, 0, LONG_MS, NULL, &err), SP_EFAILED, err);
    assert_int_equal(err.stage, 1);
    assert_string_equal(err.path, child_path("exit_code"));
    sp_process_free(p);
  }
}

/* A writer that nobody reads any more is told so: no end of the pipe stays open elsewhere. */
static void an_early_end_ends_the_writer(void **state) {
  (void)state;
  const sp_options options = {.size = sizeof options, .std_out.kind = SP_PIPE};
  sp_process *p = pipeline(STAGES({CHILD("pattern", "100000000"), NULL}, {LIST("head", "-c", "10"), NULL}), &options);
  sp_result *result = communicate(p, NULL, 0);
  size_t len = 0;
  check_pattern(sp_result_output(result, SP_OUT, &len), 10, SP_OUT);
  assert_int_equal(len, 10);
  assert_int_equal(sp_result_stage_returncode(result, 0), -SIGPIPE);
  sp_result_free(result);
  sp_process_free(p);
}

static void a_pipe_for_the_errors_of_all(void **state) {
  (void)state;
  const sp_options options = {.size = sizeof options, .flags = SP_CAPTURE};
  sp_process *p =
      pipeline(STAGES({LIST("sh", "-c", "echo first >&2"), NULL}, {LIST("sh", "-c", "cat; echo second >&2"), NULL},
                      {LIST("sh", "-c", "cat; echo third >&2; echo out"), NULL}),
               &options);
  sp_result *result = communicate(p, NULL, 0);
  assert_string_equal(sp_result_output(result, SP_OUT, NULL), "out\n");
  assert_string_equal(sp_result_output(result, SP_ERR, NULL), "first\nsecond\nthird\n");
  sp_result_free(result);
  sp_process_free(p);
}

static void options_of_stages(void **state) {
  (void)state;
  const sp_options all = {
      .size = sizeof all, .std_out.kind = SP_PIPE, .cwd = "/", .env = LIST("WHO=all", "PATH=/usr/bin:/bin")};
  const sp_options one = {
      .size = sizeof one, .cwd = "/proc", .env = LIST("WHO=one", "PATH=/usr/bin:/bin"), .std_err.kind = SP_STDOUT};
  const char *const *first = LIST("sh", "-c", "pwd; echo $WHO; echo error >&2"), *const *second = LIST(
                                                                                     "sh", "-c", "cat; pwd; echo $WHO");
  sp_process *p = pipeline(STAGES({first, &one}, {second, NULL}), &all);
  sp_result *result = communicate(p, NULL, 0);
  assert_string_equal(sp_result_output(result, SP_OUT, NULL), "/proc\none\nerror\n/\nall\n");
  sp_result_free(result);
  sp_process_free(p);
}

static void a_stage_that_cannot_start(void **state) {
  (void)state;
  for (int bad = 0; bad < 3; bad++) {
    sp_command stages[] = {{CHILD("stubborn"), NULL}, {CHILD("stubborn"), NULL}, {CHILD("stubborn"), NULL}};
    stages[bad].argv = LIST("/no/such/program");
    const sp_options options = {
        .size = sizeof options, .flags = SP_CAPTURE | (bad == 1 ? SP_NEW_GROUP : 0), .std_in.kind = SP_PIPE};
    sp_error err = SP_ERROR_INIT;
    sp_process *p = NULL;
    int fds = open_fd_count();
    check_fails(sp_pipeline(stages, 3, &options, &p, &err), SP_ENOTFOUND, err);
    assert_null(p);
    assert_int_equal(err.stage, bad);
    assert_int_equal(err.step, SP_AT_EXEC);
    assert_int_equal(err.sys_errno, ENOENT);
    assert_string_equal(err.path, "/no/such/program");
    assert_false(has_children());
    assert_int_equal(open_fd_count(), fds);
  }
}

static void stages_as_processes(void **state) {
  (void)state;
  const sp_options options = {.size = sizeof options, .std_in.kind = SP_PIPE, .std_out.kind = SP_PIPE};
  sp_process *p = pipeline(STAGES({CHILD("copy"), NULL}, {CHILD("stubborn"), NULL}), &options);
  sp_process *first = sp_stage_at(p, 0), *second = sp_stage_at(p, 1);
  sp_error err = SP_ERROR_INIT;
  char byte;
  expect_line(p, "ready\n");
  assert_null(sp_stage_at(p, 2));
  assert_int_equal(sp_pid(p), sp_pid(first));
  assert_true(sp_pid(second) > 0 && sp_pid(second) != sp_pid(first));
  assert_int_equal(sp_stage_count(first), 1);
  assert_int_equal(sp_stream_handle(second, SP_OUT), -1);
  check_fails(sp_read(second, SP_OUT, &byte, 1, 0, &err), SP_EINVAL, err);
  assert_int_equal(sp_poll(p, NULL), 0);
  check_ok(sp_send_signal(first, SIGUSR1, &err), err);
  assert_int_equal(wait_for(first), -SIGUSR1);
  check_fails(sp_wait(p, 0, NULL, &err), SP_ETIMEDOUT, err); /* one stage still runs */
  assert_int_equal(sp_poll(p, NULL), 0);
  check_ok(sp_kill(second, &err), err);
  assert_int_equal(wait_for(p), -SIGKILL);
  sp_process_free(p);
}

static void a_plain_child_is_its_own_stage(void **state) {
  (void)state;
  sp_process *p = start(CHILD("exit_code", "5"), NULL);
  assert_int_equal(sp_stage_count(p), 1);
  assert_int_equal(sp_pid(sp_stage_at(p, 0)), sp_pid(p));
  assert_null(sp_stage_at(p, 1));
  sp_result *result = communicate(p, NULL, 0);
  assert_int_equal(sp_result_stage_returncode(result, 0), 5);
  assert_int_equal(sp_result_stage_returncode(result, 1), SP_NO_RETURNCODE);
  sp_result_free(result);
  sp_process_free(p);
}

static void signals_reach_all_stages(void **state) {
  (void)state;
  for (int i = 0; i < 3; i++) {
    const sp_options options = {
        .size = sizeof options, .std_out.kind = SP_PIPE, .std_in.kind = SP_PIPE, .flags = i == 2 ? SP_NEW_GROUP : 0};
    sp_process *p = pipeline(STAGES({CHILD("speaker"), NULL}, {CHILD("speaker"), NULL}), &options);
    sp_error err = SP_ERROR_INIT;
    int64_t code = 0;
    if (i == 0)
      check_ok(sp_terminate(p, &err), err);
    else if (i == 1)
      check_ok(sp_stop(p, LONG_MS, &code, &err), err);
    else
      check_ok(sp_kill_group(p, SIGTERM, &err), err);
    sp_result *result = communicate(p, NULL, 0);
    for (size_t stage = 0; stage < 2; stage++) assert_int_equal(sp_result_stage_returncode(result, stage), -SIGTERM);
    sp_result_free(result);
    sp_process_free(p);
  }
}

static void all_stages_share_one_group(void **state) {
  (void)state;
  const sp_options options = {.size = sizeof options, .std_out.kind = SP_PIPE, .flags = SP_NEW_GROUP};
  sp_process *p = pipeline(
      STAGES({CHILD("identity"), NULL}, {LIST("sh", "-c", "cat; \"$0\"", child_path("identity")), NULL}), &options);
  sp_result *result = communicate(p, NULL, 0);
  const char *first = sp_result_output(result, SP_OUT, NULL), *second = strstr(first + 1, "\nuid");
  assert_non_null(second);
  assert_int_equal(number_of(first, "pgid", 10), sp_pid(p));
  assert_int_equal(number_of(second + 1, "pgid", 10), sp_pid(p));
  assert_int_equal(number_of(first, "pid", 10), sp_pid(p));
  sp_result_free(result);
  sp_process_free(p);
}

static void reading_and_writing_by_hand(void **state) {
  (void)state;
  const sp_options options = {.size = sizeof options, .std_out.kind = SP_PIPE, .std_in.kind = SP_PIPE};
  sp_process *p = pipeline(STAGES({CHILD("copy"), NULL}, {CHILD("copy"), NULL}), &options);
  assert_int_equal(sp_write(p, "through\n", 8, LONG_MS, NULL), 8);
  expect_line(p, "through\n");
  assert_int_equal(sp_close_stream(p, SP_IN), SP_OK);
  expect_line(p, "");
  assert_int_equal(wait_for(p), 0);
  sp_process_free(p);
}

/* What Python calls replacing a shell pipeline. */
static void by_hand_from_two_processes(void **state) {
  (void)state;
  const sp_options source = {.size = sizeof source, .std_out.kind = SP_PIPE};
  sp_process *first = start(CHILD("pattern", "100000000"), &source);
  const sp_options sink = {
      .size = sizeof sink, .std_in = {SP_HANDLE, 0, sp_stream_handle(first, SP_OUT), NULL}, .std_out.kind = SP_PIPE};
  sp_process *second = start(LIST("head", "-c", "5"), &sink);
  assert_int_equal(sp_close_stream(first, SP_OUT),
                   SP_OK); /* or the first would not be told that the second has ended */
  sp_result *result = communicate(second, NULL, 0);
  check_pattern(sp_result_output(result, SP_OUT, NULL), 5, SP_OUT);
  assert_int_equal(wait_for(first), -SIGPIPE);
  sp_result_free(result);
  sp_process_free(first);
  sp_process_free(second);
}

static void a_limit_and_killing_by_freeing(void **state) {
  (void)state;
  const sp_options options = {.size = sizeof options, .flags = SP_CAPTURE | SP_KILL_ON_FREE};
  sp_process *p = pipeline(STAGES({CHILD("speaker", "x"), NULL}, {CHILD("stubborn"), NULL}), &options);
  sp_error err = SP_ERROR_INIT;
  sp_result *result = NULL;
  expect_line(p, "ready\n");
  check_fails(sp_communicate(p, NULL, 0, SHORT_MS, &result, &err), SP_ETIMEDOUT, err);
  assert_int_equal(sp_result_returncode(result), SP_NO_RETURNCODE);
  assert_int_equal(sp_result_stage_returncode(result, 1), SP_NO_RETURNCODE);
  sp_result_free(result);
  id_t pids[] = {(id_t)sp_pid(p), (id_t)sp_pid(sp_stage_at(p, 1))};
  sp_process_free(p);
  for (int i = 0; i < 2; i++) {
    siginfo_t info;
    if (waitid(P_PID, pids[i], &info, WEXITED | WNOWAIT) == 0) assert_int_equal(info.si_status, SIGKILL);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      fixture_test(data_flows_through_all_stages),
      fixture_test(files_at_both_ends),
      fixture_test(every_stage_has_its_code),
      fixture_test(failures_can_be_errors),
      fixture_test(an_early_end_ends_the_writer),
      fixture_test(a_pipe_for_the_errors_of_all),
      fixture_test(options_of_stages),
      fixture_test(a_stage_that_cannot_start),
      fixture_test(stages_as_processes),
      fixture_test(a_plain_child_is_its_own_stage),
      fixture_test(signals_reach_all_stages),
      fixture_test(all_stages_share_one_group),
      fixture_test(reading_and_writing_by_hand),
      fixture_test(by_hand_from_two_processes),
      fixture_test(a_limit_and_killing_by_freeing),
  };
  return run_fixture_tests(tests);
}
