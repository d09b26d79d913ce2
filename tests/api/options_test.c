/* SPDX-License-Identifier: MIT
 *
 * Bad options: each is refused before anything is started, with its own code and a sentence that names the argument.
 */
#include "fixture.h"

#include <string.h>

#define WITH(...) \
  { .size = sizeof(sp_options), __VA_ARGS__ }

enum calls { BOTH, POPEN_ONLY, RUN_ONLY };

typedef struct {
  enum calls calls;
  sp_options options;
  const char *named; /* what the message must contain */
} refusal;

static const char *const no_key[] = {"=x", NULL};
static const char *const empty_entry[] = {"A=1", "", NULL};
static const char *const no_value[] = {"A=1", "B", NULL};
static const int32_t negative_fd[] = {-1}, closed_fd[] = {9999};
static const sp_fd_map to_stdio[] = {{2, 0}}, same_twice[] = {{50, 0}, {50, 1}}, negative_child[] = {{-1, 0}};
static const sp_fd_map from_closed[] = {{50, 9999}}, from_negative[] = {{50, -1}}, beyond_the_limit[] = {{1 << 28, 0}};
static const uint32_t no_such_gid[] = {1, UINT32_MAX};

static const refusal refusals[] = {
    {BOTH, WITH(.flags = UINT64_C(1) << 20), "flags"},
    {BOTH, WITH(.flags = UINT64_C(1) << 63), "flags"},
    {BOTH, WITH(.reserved0 = 1), "reserved0"},
    /* streams */
    {BOTH, WITH(.std_in.kind = 6), "std_in"},
    {BOTH, WITH(.std_out.kind = -1), "std_out"},
    {BOTH, WITH(.std_err.kind = 99), "std_err"},
    {BOTH, WITH(.std_in.kind = SP_STDOUT), "std_in"},
    {BOTH, WITH(.std_out.kind = SP_STDOUT), "std_out"},
    {BOTH, WITH(.std_in = {SP_FILE, 2, 0, "/dev/null"}), "std_in"},
    {BOTH, WITH(.std_out = {SP_PIPE, SP_APPEND, 0, NULL}), "std_out"},
    {BOTH, WITH(.std_err = {SP_INHERIT, SP_APPEND, 0, NULL}), "std_err"},
    {BOTH, WITH(.std_in.kind = SP_FILE), "std_in"},
    {BOTH, WITH(.std_out.kind = SP_FILE), "std_out"},
    {BOTH, WITH(.std_err = {SP_FILE, SP_APPEND, 0, NULL}), "std_err"},
    {BOTH, WITH(.std_in = {SP_HANDLE, 0, -1, NULL}), "std_in"},
    {BOTH, WITH(.std_out = {SP_HANDLE, 0, 9999, NULL}), "std_out"},
    {BOTH, WITH(.std_err = {SP_HANDLE, 0, (intptr_t)1 << 40, NULL}), "std_err"},
    {BOTH, WITH(.flags = SP_CAPTURE, .std_out.kind = SP_DEVNULL), "std_out"},
    {BOTH, WITH(.flags = SP_CAPTURE, .std_err.kind = SP_STDOUT), "std_err"},
    {BOTH, WITH(.pipe_size = -1), "pipe_size"},
    /* environment */
    {BOTH, WITH(.env = no_key), "env"},
    {BOTH, WITH(.env = empty_entry), "env"},
    {BOTH, WITH(.env = no_value), "env"},
    {BOTH, WITH(.env = no_key, .flags = SP_ENV_EXTEND), "env"},
    {BOTH, WITH(.env = empty_entry, .flags = SP_ENV_EXTEND), "env"},
    {BOTH, WITH(.executable = ""), "executable"},
    {BOTH, WITH(.cwd = ""), "cwd"},
    /* descriptors */
    {BOTH, WITH(.pass_fds = NULL, .pass_fds_len = 1), "pass_fds"},
    {BOTH, WITH(.pass_fds = negative_fd, .pass_fds_len = 1), "pass_fds"},
    {BOTH, WITH(.pass_fds = closed_fd, .pass_fds_len = 1), "pass_fds"},
    {BOTH, WITH(.fd_map = NULL, .fd_map_len = 1), "fd_map"},
    {BOTH, WITH(.fd_map = to_stdio, .fd_map_len = 1), "fd_map"},
    {BOTH, WITH(.fd_map = negative_child, .fd_map_len = 1), "fd_map"},
    {BOTH, WITH(.fd_map = same_twice, .fd_map_len = 2), "fd_map"},
    {BOTH, WITH(.fd_map = from_closed, .fd_map_len = 1), "fd_map"},
    {BOTH, WITH(.fd_map = from_negative, .fd_map_len = 1), "fd_map"},
    {BOTH, WITH(.fd_map = beyond_the_limit, .fd_map_len = 1), "fd_map"},
    /* sessions and groups of processes */
    {BOTH, WITH(.flags = SP_NEW_SESSION | SP_JOIN_GROUP, .process_group = 1), "SP_JOIN_GROUP"},
    {BOTH, WITH(.flags = SP_NEW_GROUP | SP_JOIN_GROUP, .process_group = 1), "SP_JOIN_GROUP"},
    {BOTH, WITH(.flags = SP_JOIN_GROUP), "process_group"},
    {BOTH, WITH(.flags = SP_JOIN_GROUP, .process_group = -5), "process_group"},
    {BOTH, WITH(.flags = SP_JOIN_GROUP, .process_group = INT64_C(1) << 40), "process_group"},
    {BOTH, WITH(.flags = SP_CONTROLLING_TTY), "SP_CONTROLLING_TTY"},
    {BOTH, WITH(.death_signal = -1), "death_signal"},
    {BOTH, WITH(.death_signal = 65), "death_signal"},
    /* identity */
    {BOTH, WITH(.user = "root", .uid = 0, .flags = SP_SET_UID), "user"},
    {BOTH, WITH(.group = "root", .gid = 0, .flags = SP_SET_GID), "group"},
    {BOTH, WITH(.uid = UINT32_MAX, .flags = SP_SET_UID), "uid"},
    {BOTH, WITH(.gid = UINT32_MAX, .flags = SP_SET_GID), "gid"},
    {BOTH, WITH(.groups = NULL, .groups_len = 1, .flags = SP_SET_GROUPS), "groups"},
    {BOTH, WITH(.groups = no_such_gid, .groups_len = 2, .flags = SP_SET_GROUPS), "groups"},
    {BOTH, WITH(.umask = 01000, .flags = SP_SET_UMASK), "umask"},
    /* values without the flag that makes them count */
    {BOTH, WITH(.uid = 1), "SP_SET_UID"},
    {BOTH, WITH(.gid = 1), "SP_SET_GID"},
    {BOTH, WITH(.umask = 077), "SP_SET_UMASK"},
    {BOTH, WITH(.groups = no_such_gid, .groups_len = 1), "SP_SET_GROUPS"},
    {BOTH, WITH(.process_group = 1), "SP_JOIN_GROUP"},
    /* limits */
    {BOTH, WITH(.drain_ms = -2), "drain_ms"},
    {BOTH, WITH(.drain_ms = SP_TIMEOUT_MAX + 1), "drain_ms"},
    {RUN_ONLY, WITH(.timeout_ms = -2), "timeout_ms"},
    {RUN_ONLY, WITH(.timeout_ms = INT64_MIN), "timeout_ms"},
    {RUN_ONLY, WITH(.timeout_ms = SP_TIMEOUT_MAX + 1), "timeout_ms"},
    {RUN_ONLY, WITH(.timeout_ms = INT64_MAX), "timeout_ms"},
    {RUN_ONLY, WITH(.kill_grace_ms = -2), "kill_grace_ms"},
    {RUN_ONLY, WITH(.kill_grace_ms = INT64_MAX), "kill_grace_ms"},
    /* what only one of the calls takes */
    {RUN_ONLY, WITH(.input = "x", .input_len = 1, .std_in.kind = SP_PIPE), "input"},
    {RUN_ONLY, WITH(.input = "x", .input_len = 1, .std_in.kind = SP_DEVNULL), "input"},
    {RUN_ONLY, WITH(.input = NULL, .input_len = 1), "input"},
    {RUN_ONLY, WITH(.flags = SP_KILL_GROUP_ON_TIMEOUT, .timeout_ms = 1000), "SP_KILL_GROUP_ON_TIMEOUT"},
    {RUN_ONLY, WITH(.flags = SP_KILL_GROUP_ON_TIMEOUT | SP_JOIN_GROUP, .process_group = 1), "SP_KILL_GROUP_ON_TIMEOUT"},
    {POPEN_ONLY, WITH(.input = "x", .input_len = 1), "input"},
    {POPEN_ONLY, WITH(.timeout_ms = 1000), "timeout_ms"},
    {POPEN_ONLY, WITH(.kill_grace_ms = 1000), "kill_grace_ms"},
    {POPEN_ONLY, WITH(.flags = SP_KILL_GROUP_ON_TIMEOUT | SP_NEW_GROUP), "SP_KILL_GROUP_ON_TIMEOUT"},
};

static sp_process *const sentinel_process = (sp_process *)&refusals;

static void expect_refused(int rc, int code, const sp_error *err, const char *named, int fds, size_t row) {
  if (rc != code || err->code != code || err->step != SP_AT_CALL || strstr(err->message, named) == NULL)
    fail_msg("row %zu: %s (%s at %s: \"%s\"), not %s about %s", row, sp_code_name(rc), sp_code_name(err->code),
             sp_step_name(err->step), err->message, sp_code_name(code), named);
  assert_int_equal(open_fd_count(), fds);
  assert_false(has_children());
}

static void refuse_by_popen(const char *const *argv, const sp_options *options, int code, const char *named,
                            size_t row) {
  sp_error err = SP_ERROR_INIT;
  sp_process *p = sentinel_process;
  int fds = open_fd_count();
  expect_refused(sp_popen(argv, options, &p, &err), code, &err, named, fds, row);
  assert_ptr_equal(p, sentinel_process);
  assert_int_equal(sp_popen(argv, options, &p, NULL), code); /* the same without an error to fill */
}

static void refuse_by_run(const char *const *argv, const sp_options *options, int code, const char *named, size_t row) {
  sp_error err = SP_ERROR_INIT;
  sp_result *result = (sp_result *)sentinel_process;
  int fds = open_fd_count();
  expect_refused(sp_run(argv, options, &result, &err), code, &err, named, fds, row);
  assert_null(result);
  char *output = (char *)sentinel_process;
  size_t len = 77;
  if (options == NULL || (options->flags & SP_CAPTURE) == 0 || options->std_out.kind != SP_INHERIT) {
    err = (sp_error)SP_ERROR_INIT;
    expect_refused(sp_check_output(argv, options, &output, &len, &err), code, &err, named, fds, row);
    assert_null(output);
  }
}

static void bad_options_are_refused(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
    const refusal *row = &refusals[i];
    if (row->calls != RUN_ONLY) refuse_by_popen(LIST("true"), &row->options, SP_EINVAL, row->named, i);
    if (row->calls != POPEN_ONLY) refuse_by_run(LIST("true"), &row->options, SP_EINVAL, row->named, i);
  }
}

static void bad_arguments_are_refused(void **state) {
  (void)state;
  static const char *const nothing[] = {NULL}, *const empty_name[] = {"", NULL};
  refuse_by_popen(NULL, NULL, SP_EINVAL, "argv", 0);
  refuse_by_popen(nothing, NULL, SP_EINVAL, "argv", 1);
  refuse_by_popen(empty_name, NULL, SP_EINVAL, "argv", 2);
  refuse_by_run(NULL, NULL, SP_EINVAL, "argv", 3);
  refuse_by_run(nothing, NULL, SP_EINVAL, "argv", 4);
  refuse_by_run(empty_name, NULL, SP_EINVAL, "argv", 5);
  sp_error err = SP_ERROR_INIT;
  expect_refused(sp_popen(LIST("true"), NULL, NULL, &err), SP_EINVAL, &err, "ret", open_fd_count(), 6);
  expect_refused(sp_check_output(LIST("true"), NULL, NULL, NULL, &err), SP_EINVAL, &err, "ret", open_fd_count(), 7);
}

static void check_output_wants_its_own_output(void **state) {
  (void)state;
  sp_error err = SP_ERROR_INIT;
  char *output = (char *)sentinel_process;
  const sp_options redirected = {.size = sizeof redirected, .std_out.kind = SP_DEVNULL};
  int rc = sp_check_output(LIST("true"), &redirected, &output, NULL, &err);
  expect_refused(rc, SP_EINVAL, &err, "std_out", open_fd_count(), 0);
  assert_null(output);
}

/* What a newer header's sp_options could look like to this library. */
typedef struct {
  sp_options known;
  uint64_t unknown[4];
} newer_options;

static void option_sizes(void **state) {
  (void)state;
  sp_error err = SP_ERROR_INIT;
  newer_options newer = {.known = WITH(.flags = SP_CAPTURE)};
  newer.known.size = 0;
  refuse_by_popen(LIST("true"), &newer.known, SP_EABI, "size", 0);
  refuse_by_run(LIST("true"), &newer.known, SP_EABI, "size", 1);
  newer.known.size = sizeof(size_t);
  refuse_by_popen(LIST("true"), &newer.known, SP_EABI, "size", 2);
  newer.known.size = sizeof newer;
  check_ok(sp_run(LIST("true"), &newer.known, NULL, &err), err);
  newer.unknown[3] = 1;
  refuse_by_popen(LIST("true"), &newer.known, SP_EABI, "size", 3);
  refuse_by_run(LIST("true"), &newer.known, SP_EABI, "size", 4);
}

static int never_called(void *arg, int stream, const void *data, size_t len) {
  (void)arg, (void)stream, (void)data, (void)len;
  return 1;
}

/* An older caller's struct ends earlier, but there was none before the first version's. */
static void sizes_of_older_callers(void **state) {
  (void)state;
  sp_error err = SP_ERROR_INIT;
  sp_options options = WITH(.flags = SP_CAPTURE, .on_output = never_called);
  assert_int_equal(sp_run(LIST("echo", "x"), &options, NULL, &err), SP_ECANCELED);
  options.on_output = NULL;
  options.size = offsetof(sp_options, on_output_arg) + sizeof options.on_output_arg; /* version 0.1 ended there */
  check_ok(sp_run(LIST("echo", "x"), &options, NULL, &err), err);
  options.size -= sizeof options.on_output_arg;
  refuse_by_popen(LIST("true"), &options, SP_EABI, "size", 0);
}

static void a_wrong_error_size_is_refused(void **state) {
  (void)state;
  sp_process *p = sentinel_process;
  sp_error err = SP_ERROR_INIT, untouched;
  memset(&err, 0x55, sizeof err);
  err.size = 8;
  untouched = err;
  assert_int_equal(sp_popen(LIST("true"), NULL, &p, &err), SP_EABI);
  assert_int_equal(sp_run(LIST("true"), NULL, NULL, &err), SP_EABI);
  assert_int_equal(sp_cancel_new((sp_cancel **)&p, &err), SP_EABI);
  assert_memory_equal(&err, &untouched, sizeof err);
  assert_ptr_equal(p, sentinel_process);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      fixture_test(bad_options_are_refused),
      fixture_test(bad_arguments_are_refused),
      fixture_test(check_output_wants_its_own_output),
      fixture_test(option_sizes),
      fixture_test(sizes_of_older_callers),
      fixture_test(a_wrong_error_size_is_refused),
  };
  return run_fixture_tests(tests);
}
