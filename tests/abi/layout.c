/* SPDX-License-Identifier: MIT */
/* The layout of the public structs on 64-bit systems and the numbers of the public enums, as programs that were
 * compiled against 0.1 know them. Lines may be added at the end of a table, for what is new; none may be changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <libsubprocess/sp.h>

typedef struct known_number {
  const char *name;
  int64_t seen;
  int64_t known;
} known_number;

#define SIZE(type, size) \
  { "sizeof " #type, (int64_t)sizeof(type), size }
#define FIELD(type, field, offset, size) \
  {"offset of " #type "." #field, (int64_t)offsetof(type, field), offset}, { \
    "size of " #type "." #field, (int64_t)sizeof(((type *)0)->field), size \
  }
#define NUMBER(name, number) \
  { #name, name, number }

static const known_number layout[] = {
    SIZE(sp_error, 512),
    FIELD(sp_error, size, 0, 8),
    FIELD(sp_error, code, 8, 4),
    FIELD(sp_error, step, 12, 4),
    FIELD(sp_error, sys_errno, 16, 4),
    FIELD(sp_error, stage, 20, 4),
    FIELD(sp_error, path, 24, 232),
    FIELD(sp_error, message, 256, 256),
    SIZE(sp_stdio, 24),
    FIELD(sp_stdio, kind, 0, 4),
    FIELD(sp_stdio, flags, 4, 4),
    FIELD(sp_stdio, handle, 8, 8),
    FIELD(sp_stdio, path, 16, 8),
    SIZE(sp_fd_map, 8),
    FIELD(sp_fd_map, child_fd, 0, 4),
    FIELD(sp_fd_map, host_fd, 4, 4),
    SIZE(sp_options, 296),
    FIELD(sp_options, size, 0, 8),
    FIELD(sp_options, flags, 8, 8),
    FIELD(sp_options, std_in, 16, 24),
    FIELD(sp_options, std_out, 40, 24),
    FIELD(sp_options, std_err, 64, 24),
    FIELD(sp_options, executable, 88, 8),
    FIELD(sp_options, cwd, 96, 8),
    FIELD(sp_options, env, 104, 8),
    FIELD(sp_options, pass_fds, 112, 8),
    FIELD(sp_options, pass_fds_len, 120, 8),
    FIELD(sp_options, fd_map, 128, 8),
    FIELD(sp_options, fd_map_len, 136, 8),
    FIELD(sp_options, input, 144, 8),
    FIELD(sp_options, input_len, 152, 8),
    FIELD(sp_options, timeout_ms, 160, 8),
    FIELD(sp_options, drain_ms, 168, 8),
    FIELD(sp_options, kill_grace_ms, 176, 8),
    FIELD(sp_options, max_output, 184, 8),
    FIELD(sp_options, pipe_size, 192, 4),
    FIELD(sp_options, death_signal, 196, 4),
    FIELD(sp_options, process_group, 200, 8),
    FIELD(sp_options, user, 208, 8),
    FIELD(sp_options, group, 216, 8),
    FIELD(sp_options, uid, 224, 4),
    FIELD(sp_options, gid, 228, 4),
    FIELD(sp_options, umask, 232, 4),
    FIELD(sp_options, reserved0, 236, 4),
    FIELD(sp_options, groups, 240, 8),
    FIELD(sp_options, groups_len, 248, 8),
    FIELD(sp_options, cancel, 256, 8),
    FIELD(sp_options, preexec, 264, 8),
    FIELD(sp_options, preexec_arg, 272, 8),
    FIELD(sp_options, on_output, 280, 8),
    FIELD(sp_options, on_output_arg, 288, 8),
    SIZE(sp_command, 16),
    FIELD(sp_command, argv, 0, 8),
    FIELD(sp_command, options, 8, 8),
    SIZE(sp_usage, 88),
    FIELD(sp_usage, size, 0, 8),
    FIELD(sp_usage, wall_us, 8, 8),
    FIELD(sp_usage, user_us, 16, 8),
    FIELD(sp_usage, system_us, 24, 8),
    FIELD(sp_usage, max_rss_bytes, 32, 8),
    FIELD(sp_usage, minor_faults, 40, 8),
    FIELD(sp_usage, major_faults, 48, 8),
    FIELD(sp_usage, voluntary_switches, 56, 8),
    FIELD(sp_usage, involuntary_switches, 64, 8),
    FIELD(sp_usage, blocks_in, 72, 8),
    FIELD(sp_usage, blocks_out, 80, 8),
};

static const known_number numbers[] = {
    NUMBER(SP_OK, 0),
    NUMBER(SP_EINVAL, -1),
    NUMBER(SP_ENOMEM, -2),
    NUMBER(SP_ESYS, -3),
    NUMBER(SP_ENOTFOUND, -4),
    NUMBER(SP_EACCESS, -5),
    NUMBER(SP_ETIMEDOUT, -6),
    NUMBER(SP_EFAILED, -7),
    NUMBER(SP_ECLOSED, -8),
    NUMBER(SP_ECANCELED, -9),
    NUMBER(SP_EINTR, -10),
    NUMBER(SP_ELOST, -11),
    NUMBER(SP_EUNSUPPORTED, -12),
    NUMBER(SP_EBUSY, -13),
    NUMBER(SP_EABI, -14),
    NUMBER(SP_AT_CALL, 0),
    NUMBER(SP_AT_STDIO, 1),
    NUMBER(SP_AT_FORK, 2),
    NUMBER(SP_AT_SESSION, 3),
    NUMBER(SP_AT_GROUP, 4),
    NUMBER(SP_AT_FDS, 5),
    NUMBER(SP_AT_CHDIR, 6),
    NUMBER(SP_AT_GROUPS, 7),
    NUMBER(SP_AT_GID, 8),
    NUMBER(SP_AT_UID, 9),
    NUMBER(SP_AT_UMASK, 10),
    NUMBER(SP_AT_LIMITS, 11),
    NUMBER(SP_AT_PREEXEC, 12),
    NUMBER(SP_AT_EXEC, 13),
    NUMBER(SP_AT_IO, 14),
    NUMBER(SP_AT_WAIT, 15),
    NUMBER(SP_AT_SIGNAL, 16),
    NUMBER(SP_IN, 0),
    NUMBER(SP_OUT, 1),
    NUMBER(SP_ERR, 2),
    NUMBER(SP_INHERIT, 0),
    NUMBER(SP_PIPE, 1),
    NUMBER(SP_DEVNULL, 2),
    NUMBER(SP_STDOUT, 3),
    NUMBER(SP_HANDLE, 4),
    NUMBER(SP_FILE, 5),
    NUMBER(SP_APPEND, 1),
    NUMBER(SP_SHELL, 1 << 0),
    NUMBER(SP_CHECK, 1 << 1),
    NUMBER(SP_CAPTURE, 1 << 2),
    NUMBER(SP_ENV_EXTEND, 1 << 3),
    NUMBER(SP_KEEP_FDS, 1 << 4),
    NUMBER(SP_KEEP_SIGNALS, 1 << 5),
    NUMBER(SP_KEEP_SIGMASK, 1 << 6),
    NUMBER(SP_NEW_SESSION, 1 << 7),
    NUMBER(SP_NEW_GROUP, 1 << 8),
    NUMBER(SP_JOIN_GROUP, 1 << 9),
    NUMBER(SP_CONTROLLING_TTY, 1 << 10),
    NUMBER(SP_SET_UID, 1 << 11),
    NUMBER(SP_SET_GID, 1 << 12),
    NUMBER(SP_SET_GROUPS, 1 << 13),
    NUMBER(SP_SET_UMASK, 1 << 14),
    NUMBER(SP_PIPEFAIL, 1 << 15),
    NUMBER(SP_KILL_ON_FREE, 1 << 16),
    NUMBER(SP_RETURN_ON_SIGNAL, 1 << 17),
    NUMBER(SP_UNIVERSAL_NEWLINES, 1 << 18),
    NUMBER(SP_KILL_GROUP_ON_TIMEOUT, 1 << 19),
    NUMBER(SP_FOREVER, -1),
    NUMBER(SP_TIMEOUT_MAX, 9000000000000),
    NUMBER(SP_NO_RETURNCODE, INT64_MIN),
};

static int count_changes(const known_number *table, size_t len) {
  int changes = 0;
  for (size_t i = 0; i < len; i++) {
    if (table[i].seen == table[i].known) continue;
    print_error("%s is %lld, and was %lld\n", table[i].name, (long long)table[i].seen, (long long)table[i].known);
    changes++;
  }
  return changes;
}

static void structs_keep_their_layout(void **state) {
  (void)state;
  if (sizeof(void *) != 8) skip();
  assert_int_equal(count_changes(layout, sizeof layout / sizeof layout[0]), 0);
}

static void enums_keep_their_numbers(void **state) {
  (void)state;
  assert_int_equal(count_changes(numbers, sizeof numbers / sizeof numbers[0]), 0);
}

static void enums_are_as_wide_as_int32(void **state) {
  (void)state;
  assert_int_equal(sizeof(enum sp_code), sizeof(int32_t));
  assert_int_equal(sizeof(enum sp_flag), sizeof(int32_t));
}

static void an_initialised_error_is_empty(void **state) {
  (void)state;
  sp_error err = SP_ERROR_INIT;
  static const char zeros[sizeof err];
  assert_int_equal(err.size, sizeof err);
  assert_memory_equal((const char *)&err + sizeof err.size, zeros, sizeof err - sizeof err.size);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(structs_keep_their_layout),
      cmocka_unit_test(enums_keep_their_numbers),
      cmocka_unit_test(enums_are_as_wide_as_int32),
      cmocka_unit_test(an_initialised_error_is_empty),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
