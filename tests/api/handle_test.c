/* SPDX-License-Identifier: MIT
 *
 * Every function with NULL, with a closed handle, and with arguments that are out of range.
 */
#include "fixture.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

typedef int64_t (*call_on_process)(sp_process *p, sp_error *err);

static char bytes[4];
static const char *line;
static size_t line_len;

static int64_t communicate_once(sp_process *p, sp_error *err) { return sp_communicate(p, NULL, 0, 0, NULL, err); }
static int64_t wait_a_moment(sp_process *p, sp_error *err) { return sp_wait(p, 0, NULL, err); }
static int64_t stop(sp_process *p, sp_error *err) { return sp_stop(p, 0, NULL, err); }
static int64_t finish(sp_process *p, sp_error *err) { return sp_finish(p, 0, 0, NULL, err); }
static int64_t send_signal(sp_process *p, sp_error *err) { return sp_send_signal(p, SIGTERM, err); }
static int64_t terminate(sp_process *p, sp_error *err) { return sp_terminate(p, err); }
static int64_t kill_it(sp_process *p, sp_error *err) { return sp_kill(p, err); }
static int64_t kill_group(sp_process *p, sp_error *err) { return sp_kill_group(p, SIGTERM, err); }
static int64_t read_bytes(sp_process *p, sp_error *err) { return sp_read(p, SP_OUT, bytes, 1, 0, err); }
static int64_t write_bytes(sp_process *p, sp_error *err) { return sp_write(p, bytes, 1, 0, err); }
static int64_t read_line(sp_process *p, sp_error *err) { return sp_read_line(p, SP_OUT, 0, &line, &line_len, err); }

static const call_on_process calls[] = {communicate_once, wait_a_moment, stop,     finish,
                                        send_signal,      terminate,     kill_it,  kill_group,
                                        read_bytes,       write_bytes,   read_line};
enum { CALLS = sizeof calls / sizeof calls[0] };

static void null_processes(void **state) {
  (void)state;
  for (int i = 0; i < CALLS; i++) {
    sp_error err = SP_ERROR_INIT;
    check_fails(calls[i](NULL, &err), SP_EINVAL, err);
    assert_non_null(strstr(err.message, "process"));
    assert_int_equal(calls[i](NULL, NULL), SP_EINVAL);
  }
  int64_t code = 77;
  assert_int_equal(sp_poll(NULL, &code), SP_EINVAL);
  assert_int_equal(code, 77);
  assert_int_equal(sp_close(NULL), SP_EINVAL);
  assert_int_equal(sp_close_stream(NULL, SP_IN), SP_EINVAL);
  assert_int_equal(sp_pid(NULL), -1);
  assert_int_equal(sp_stream_handle(NULL, SP_OUT), -1);
  assert_int_equal(sp_stream_release(NULL, SP_OUT), -1);
  assert_int_equal(sp_exit_handle(NULL), -1);
  assert_int_equal(sp_stage_count(NULL), 0);
  assert_null(sp_stage_at(NULL, 0));
  sp_process_free(NULL);
}

static void null_results(void **state) {
  (void)state;
  size_t len = 77;
  sp_usage usage = {.size = sizeof usage};
  assert_int_equal(sp_result_returncode(NULL), SP_NO_RETURNCODE);
  assert_int_equal(sp_result_core_dumped(NULL), 0);
  assert_null(sp_result_output(NULL, SP_OUT, &len));
  assert_int_equal(len, 0);
  assert_null(sp_result_output(NULL, SP_OUT, NULL));
  assert_int_equal(sp_result_dropped(NULL, SP_OUT), 0);
  assert_int_equal(sp_result_pipes_held(NULL), 0);
  assert_int_equal(sp_result_usage(NULL, &usage), SP_EINVAL);
  assert_int_equal(sp_result_stage_returncode(NULL, 0), SP_NO_RETURNCODE);
  sp_result_free(NULL);
}

static void other_nulls(void **state) {
  (void)state;
  sp_error err = SP_ERROR_INIT;
  char *text = NULL, **argv = NULL;
  sp_process *p = NULL;
  sp_command command = {NULL, NULL};
  check_fails(sp_cancel_new(NULL, &err), SP_EINVAL, err);
  assert_non_null(strstr(err.message, "ret"));
  sp_cancel_trigger(NULL);
  sp_cancel_reset(NULL);
  sp_cancel_free(NULL);
  sp_mem_free(NULL);
  check_fails(sp_quote(NULL, &text, &err), SP_EINVAL, err);
  assert_non_null(strstr(err.message, "argv"));
  check_fails(sp_quote(LIST("x"), NULL, &err), SP_EINVAL, err);
  assert_non_null(strstr(err.message, "ret"));
  check_fails(sp_split(NULL, &argv, &err), SP_EINVAL, err);
  assert_non_null(strstr(err.message, "line"));
  check_fails(sp_split("x", NULL, &err), SP_EINVAL, err);
  assert_non_null(strstr(err.message, "ret_argv"));
  check_fails(sp_which(NULL, NULL, &text, &err), SP_EINVAL, err);
  assert_non_null(strstr(err.message, "name"));
  check_fails(sp_which("sh", NULL, NULL, &err), SP_EINVAL, err);
  assert_non_null(strstr(err.message, "ret"));
  check_fails(sp_pipeline(NULL, 1, NULL, &p, &err), SP_EINVAL, err);
  assert_non_null(strstr(err.message, "cmds"));
  command.argv = LIST("true");
  check_fails(sp_pipeline(&command, 0, NULL, &p, &err), SP_EINVAL, err);
  check_fails(sp_pipeline(&command, 1, NULL, NULL, &err), SP_EINVAL, err);
  assert_non_null(strstr(err.message, "ret"));
  assert_null(text);
  assert_null(argv);
  assert_null(p);
}

static void a_closed_process(void **state) {
  (void)state;
  const sp_options options = {.size = sizeof options, .flags = SP_CAPTURE | SP_NEW_GROUP, .std_in.kind = SP_PIPE};
  sp_process *p = start(CHILD("copy"), &options);
  siginfo_t info;
  id_t pid = (id_t)sp_pid(p);
  assert_int_equal(sp_close(p), SP_OK);
  assert_int_equal(sp_close(p), SP_OK);
  for (int i = 0; i < CALLS; i++) {
    sp_error err = SP_ERROR_INIT;
    check_fails(calls[i](p, &err), SP_ECLOSED, err);
  }
  assert_int_equal(sp_poll(p, NULL), SP_ECLOSED);
  assert_int_equal(sp_close_stream(p, SP_IN), SP_ECLOSED);
  for (int stream = 0; stream < 3; stream++) {
    assert_int_equal(sp_stream_handle(p, stream), -1);
    assert_int_equal(sp_stream_release(p, stream), -1);
  }
  assert_int_equal(waitid(P_PID, pid, &info, WEXITED | WNOWAIT), 0); /* its input was closed, so it ends by itself */
  assert_int_equal(info.si_code, CLD_EXITED);
  sp_process_free(p);
}

static void limits_out_of_range(void **state) {
  (void)state;
  static const int64_t bad[] = {-2, -1000, INT64_MIN, SP_TIMEOUT_MAX + 1, INT64_MAX};
  const sp_options options = {.size = sizeof options, .flags = SP_CAPTURE, .std_in.kind = SP_PIPE};
  sp_process *p = start(CHILD("copy"), &options);
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    sp_error err = SP_ERROR_INIT;
    check_fails(sp_communicate(p, NULL, 0, bad[i], NULL, &err), SP_EINVAL, err);
    assert_non_null(strstr(err.message, "timeout_ms"));
    check_fails(sp_wait(p, bad[i], NULL, &err), SP_EINVAL, err);
    assert_non_null(strstr(err.message, "timeout_ms"));
    check_fails(sp_read(p, SP_OUT, bytes, 1, bad[i], &err), SP_EINVAL, err);
    assert_non_null(strstr(err.message, "timeout_ms"));
    check_fails(sp_write(p, bytes, 1, bad[i], &err), SP_EINVAL, err);
    assert_non_null(strstr(err.message, "timeout_ms"));
    check_fails(sp_read_line(p, SP_OUT, bad[i], &line, &line_len, &err), SP_EINVAL, err);
    assert_non_null(strstr(err.message, "timeout_ms"));
  }
  sp_error err = SP_ERROR_INIT;
  check_ok(sp_communicate(p, NULL, 0, SP_TIMEOUT_MAX, NULL, &err), err);
  sp_process_free(p);
}

static void null_outputs_of_calls(void **state) {
  (void)state;
  const sp_options options = {.size = sizeof options, .flags = SP_CAPTURE, .std_in.kind = SP_PIPE};
  sp_process *p = start(CHILD("copy"), &options);
  sp_error err = SP_ERROR_INIT;
  check_fails(sp_read(p, SP_OUT, NULL, 1, 0, &err), SP_EINVAL, err);
  assert_non_null(strstr(err.message, "buf"));
  check_fails(sp_write(p, NULL, 1, 0, &err), SP_EINVAL, err);
  assert_non_null(strstr(err.message, "buf"));
  check_fails(sp_read_line(p, SP_OUT, 0, NULL, &line_len, &err), SP_EINVAL, err);
  assert_non_null(strstr(err.message, "ret"));
  check_ok(sp_communicate(p, NULL, 0, LONG_MS, NULL, NULL), err);
  sp_process_free(p);
}

/* What concerns the whole pipeline and is refused in the options of one stage. */
static const sp_options with_in = {.size = sizeof with_in, .std_in.kind = SP_DEVNULL},
                        with_out = {.size = sizeof with_out, .std_out.kind = SP_PIPE},
                        with_err = {.size = sizeof with_err, .std_err.kind = SP_PIPE},
                        with_check = {.size = sizeof with_check, .flags = SP_CHECK},
                        with_limit = {.size = sizeof with_limit, .timeout_ms = 5},
                        with_input = {.size = sizeof with_input, .input = "x", .input_len = 1},
                        with_capture = {.size = sizeof with_capture, .flags = SP_CAPTURE},
                        with_drain = {.size = sizeof with_drain, .drain_ms = 5},
                        with_pipe_size = {.size = sizeof with_pipe_size, .pipe_size = 4096},
                        with_fail = {.size = sizeof with_fail, .flags = SP_PIPEFAIL}, of_no_size = {.size = 0};
static const struct {
  const sp_options *options;
  int code;
  const char *named;
} stage_refusals[] = {{&with_in, SP_EINVAL, "std_in"},
                      {&with_out, SP_EINVAL, "std_out"},
                      {&with_err, SP_EINVAL, "std_err"},
                      {&with_check, SP_EINVAL, "flags"},
                      {&with_limit, SP_EINVAL, "timeout_ms"},
                      {&with_input, SP_EINVAL, "input"},
                      {&with_capture, SP_EINVAL, "flags"},
                      {&with_drain, SP_EINVAL, "drain_ms"},
                      {&with_pipe_size, SP_EINVAL, "pipe_size"},
                      {&with_fail, SP_EINVAL, "flags"},
                      {&of_no_size, SP_EABI, "size"}};

static void bad_pipelines(void **state) {
  (void)state;
  static const char *const nothing[] = {NULL};
  for (size_t i = 0; i < sizeof stage_refusals / sizeof stage_refusals[0]; i++) {
    sp_command stages[] = {{LIST("true"), NULL}, {LIST("true"), stage_refusals[i].options}};
    sp_error err = SP_ERROR_INIT;
    sp_process *p = NULL;
    if (sp_pipeline(stages, 2, NULL, &p, &err) != stage_refusals[i].code ||
        strstr(err.message, stage_refusals[i].named) == NULL)
      fail_msg("row %zu, about %s: %s: %s", i, stage_refusals[i].named, sp_code_name(err.code), err.message);
    assert_int_equal(err.stage, 1);
    assert_null(p);
    assert_false(has_children());
  }
  sp_command empty[] = {{LIST("true"), NULL}, {nothing, NULL}};
  sp_error err = SP_ERROR_INIT;
  sp_process *p = NULL;
  check_fails(sp_pipeline(empty, 2, NULL, &p, &err), SP_EINVAL, err);
  assert_non_null(strstr(err.message, "argv"));
  assert_int_equal(err.stage, 1);
  check_fails(sp_pipeline(empty, 1, &with_limit, &p, &err), SP_EINVAL, err);
  assert_non_null(strstr(err.message, "timeout_ms"));
  check_fails(sp_pipeline(empty, 1, &with_input, &p, &err), SP_EINVAL, err);
  assert_non_null(strstr(err.message, "input"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      fixture_test(null_processes),   fixture_test(null_results),        fixture_test(other_nulls),
      fixture_test(a_closed_process), fixture_test(limits_out_of_range), fixture_test(null_outputs_of_calls),
      fixture_test(bad_pipelines),
  };
  return run_fixture_tests(tests);
}
