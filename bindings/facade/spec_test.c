/* SPDX-License-Identifier: MIT
 *
 * Options from names and values: every name leads to its own field, and what cannot be is refused by name.
 */
#include "spec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "call.h"

void spb_block(spb_call *call) { spb_perform(call); }

static int option(const char *name) {
  const int found = spb_option_find(name, strlen(name));
  if (found < 0) fail_msg("no option is called %s", name);
  return found;
}

static void names_and_numbers_belong_together(void **state) {
  (void)state;
  for (int i = 0; i < SPB_OPTION_COUNT; i++) assert_int_equal(option(spb_option_name(i)), i);
  assert_int_equal(spb_option_find("cw", 2), -1);
  assert_int_equal(spb_option_find("cwdx", 3), SPB_CWD);
  assert_int_equal(spb_option_find("cwdx", 4), -1);
  assert_int_equal(spb_option_find("", 0), -1);
  assert_int_equal(spb_option_find("cwd\0x", 5), -1);
  assert_string_equal(spb_option_name(SPB_OPTION_COUNT), "?");
  assert_string_equal(spb_option_name(-1), "?");
}

/* Each flag sets one bit of its own, which false takes away again. */
static void flags_are_bits(void **state) {
  (void)state;
  sp_error err = SP_ERROR_INIT;
  uint64_t seen = 0;
  spb_spec *spec = spb_spec_new();
  for (int i = 0; i < SPB_OPTION_COUNT; i++) {
    if (spb_option_kind(i) != SPB_KIND_FLAG) continue;
    assert_int_equal(spb_set_integer(spec, i, 1, &err), SP_OK);
    const uint64_t flag = spb_spec_options(spec)->flags;
    assert_true(flag != 0 && (flag & (flag - 1)) == 0 && (flag & seen) == 0);
    seen |= flag;
    assert_int_equal(spb_set_integer(spec, i, 2, &err), SP_EINVAL);
    assert_int_equal(spb_set_integer(spec, i, 0, &err), SP_OK);
    assert_int_equal(spb_spec_options(spec)->flags, 0);
  }
  spb_spec_free(spec);
}

static void numbers_have_their_fields(void **state) {
  (void)state;
  sp_error err = SP_ERROR_INIT;
  spb_spec *spec = spb_spec_new();
  static const struct {
    const char *name;
    int64_t value;
  } numbers[] = {{"timeout_ms", 1}, {"drain_ms", 2},     {"kill_grace_ms", 3}, {"max_output", 4}, {"pipe_size", 5},
                 {"join_group", 6}, {"death_signal", 7}, {"uid", UINT32_MAX},  {"gid", 9},        {"umask", 0777}};
  for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
    assert_int_equal(spb_set_integer(spec, option(numbers[i].name), numbers[i].value, &err), SP_OK);
  const sp_options *options = spb_spec_options(spec);
  assert_int_equal(options->timeout_ms, 1);
  assert_int_equal(options->drain_ms, 2);
  assert_int_equal(options->kill_grace_ms, 3);
  assert_int_equal(options->max_output, 4);
  assert_int_equal(options->pipe_size, 5);
  assert_int_equal(options->process_group, 6);
  assert_int_equal(options->death_signal, 7);
  assert_int_equal(options->uid, UINT32_MAX);
  assert_int_equal(options->gid, 9);
  assert_int_equal(options->umask, 0777);
  assert_int_equal(options->flags, SP_JOIN_GROUP | SP_SET_UID | SP_SET_GID | SP_SET_UMASK);
  static const struct {
    const char *name;
    int64_t value;
  } bad[] = {{"uid", -1}, {"gid", (int64_t)UINT32_MAX + 1}, {"max_output", -1}, {"pipe_size", INT64_MAX}, {"cwd", 1}};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    assert_int_equal(spb_set_integer(spec, option(bad[i].name), bad[i].value, &err), SP_EINVAL);
    assert_non_null(strstr(err.message, bad[i].name));
  }
  spb_spec_free(spec);
}

static void texts_are_copied(void **state) {
  (void)state;
  sp_error err = SP_ERROR_INIT;
  spb_spec *spec = spb_spec_new();
  char *big = malloc(100000);
  assert_non_null(big);
  for (int i = 0; i < 300; i++) { /* through several blocks of memory, none of which moves */
    memset(big, 'a' + i % 26, 1000);
    assert_int_equal(spb_add_argument(spec, big, 1000, &err), SP_OK);
  }
  memset(big, 'z', 100000);
  assert_int_equal(spb_add_argument(spec, big, 100000, &err), SP_OK);
  assert_int_equal(spb_set_text(spec, SPB_CWD, "/tmp and more", 4, &err), SP_OK);
  free(big);
  const char *const *argv = spb_spec_argv(spec);
  for (int i = 0; i < 300; i++) {
    assert_int_equal(strlen(argv[i]), 1000);
    assert_int_equal(argv[i][0], 'a' + i % 26);
    assert_int_equal(argv[i][999], 'a' + i % 26);
  }
  assert_int_equal(strlen(argv[300]), 100000);
  assert_null(argv[301]);
  assert_string_equal(spb_spec_options(spec)->cwd, "/tmp");
  assert_int_equal(spb_set_text(spec, SPB_UMASK, "7", 1, &err), SP_EINVAL);
  spb_spec_free(spec);
}

static void what_no_system_call_can_take_is_refused(void **state) {
  (void)state;
  sp_error err = SP_ERROR_INIT;
  spb_spec *spec = spb_spec_new();
  assert_int_equal(spb_add_argument(spec, "fine", 4, &err), SP_OK);
  assert_int_equal(spb_add_argument(spec, "a\0b", 3, &err), SP_EINVAL);
  assert_string_equal(err.message, "argv[1] contains a NUL byte");
  assert_int_equal(spb_set_text(spec, SPB_CWD, "\0", 1, &err), SP_EINVAL);
  assert_string_equal(err.message, "cwd contains a NUL byte");
  assert_int_equal(spb_set_stdio_path(spec, SPB_STDOUT, "a\0b", 3, false, &err), SP_EINVAL);
  assert_string_equal(err.message, "stdout contains a NUL byte");
  assert_int_equal(spb_add_variable(spec, SPB_ENV, "", 0, "v", 1, &err), SP_EINVAL);
  assert_int_equal(spb_add_variable(spec, SPB_ENV, "A=B", 3, "v", 1, &err), SP_EINVAL);
  assert_non_null(strstr(err.message, "'A=B'"));
  assert_int_equal(spb_add_variable(spec, SPB_ENV, "A\0B", 3, "v", 1, &err), SP_EINVAL);
  assert_int_equal(spb_add_variable(spec, SPB_ENV, "A", 1, "v\0", 2, &err), SP_EINVAL);
  assert_non_null(strstr(err.message, "env['A']"));
  assert_int_equal(spb_add_variable(spec, SPB_ENV, "A", 1, NULL, 0, &err), SP_EINVAL);
  assert_int_equal(spb_set_stdio(spec, SPB_STDIN, "pip", 3, &err), SP_EINVAL);
  assert_non_null(strstr(err.message, "stdin is 'pip'"));
  assert_int_equal(spb_set_stdio(spec, SPB_CWD, "pipe", 4, &err), SP_EINVAL);
  assert_int_equal(spb_set_stdio_fd(spec, SPB_STDIN, -1, &err), SP_EINVAL);
  assert_int_equal(spb_add_integer(spec, SPB_PASS_FDS, -1, &err), SP_EINVAL);
  assert_int_equal(spb_add_integer(spec, SPB_CWD, 1, &err), SP_EINVAL);
  assert_int_equal(spb_add_pair(spec, SPB_FD_MAP, 5, -1, &err), SP_EINVAL);
  assert_int_equal(spb_add_pair(spec, SPB_GROUPS, 5, 5, &err), SP_EINVAL);
  spb_spec_free(spec);
}

static void lists_and_streams_arrive(void **state) {
  (void)state;
  sp_error err = SP_ERROR_INIT;
  spb_spec *spec = spb_spec_new();
  assert_null(spb_spec_options(spec)->env);
  spb_begin_list(spec, SPB_ENV_EXTEND);
  assert_non_null(spb_spec_options(spec)->env);
  assert_null(spb_spec_options(spec)->env[0]);
  assert_int_equal(spb_add_variable(spec, SPB_ENV_EXTEND, "A", 1, "1", 1, &err), SP_OK);
  assert_int_equal(spb_add_variable(spec, SPB_ENV_EXTEND, "B", 1, NULL, 0, &err), SP_OK);
  assert_int_equal(spb_add_variable(spec, SPB_ENV_EXTEND, "C", 1, "", 0, &err), SP_OK);
  spb_begin_list(spec, SPB_GROUPS);
  assert_int_equal(spb_spec_options(spec)->flags, SP_ENV_EXTEND | SP_SET_GROUPS);
  for (int i = 0; i < 20; i++) {
    assert_int_equal(spb_add_integer(spec, SPB_GROUPS, i, &err), SP_OK);
    assert_int_equal(spb_add_integer(spec, SPB_PASS_FDS, i + 3, &err), SP_OK);
    assert_int_equal(spb_add_pair(spec, SPB_FD_MAP, i + 100, i, &err), SP_OK);
  }
  assert_int_equal(spb_set_stdio(spec, SPB_STDIN, "pipe", 4, &err), SP_OK);
  assert_int_equal(spb_set_stdio_path(spec, SPB_STDOUT, "log", 3, true, &err), SP_OK);
  assert_int_equal(spb_set_stdio_fd(spec, SPB_STDERR, 7, &err), SP_OK);
  const sp_options *options = spb_spec_options(spec);
  assert_string_equal(options->env[0], "A=1");
  assert_string_equal(options->env[1], "B");
  assert_string_equal(options->env[2], "C=");
  assert_null(options->env[3]);
  assert_int_equal(options->groups_len, 20);
  assert_int_equal(options->groups[19], 19);
  assert_int_equal(options->pass_fds_len, 20);
  assert_int_equal(options->pass_fds[19], 22);
  assert_int_equal(options->fd_map_len, 20);
  assert_int_equal(options->fd_map[19].child_fd, 119);
  assert_int_equal(options->fd_map[19].host_fd, 19);
  assert_int_equal(options->std_in.kind, SP_PIPE);
  assert_int_equal(options->std_out.kind, SP_FILE);
  assert_int_equal(options->std_out.flags, SP_APPEND);
  assert_string_equal(options->std_out.path, "log");
  assert_int_equal(options->std_err.kind, SP_HANDLE);
  assert_int_equal(options->std_err.handle, 7);
  spb_spec_free(spec);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(names_and_numbers_belong_together),
      cmocka_unit_test(flags_are_bits),
      cmocka_unit_test(numbers_have_their_fields),
      cmocka_unit_test(texts_are_copied),
      cmocka_unit_test(what_no_system_call_can_take_is_refused),
      cmocka_unit_test(lists_and_streams_arrive),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
