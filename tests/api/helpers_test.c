/* SPDX-License-Identifier: MIT
 *
 * Quoting, splitting, and finding programs.
 */
#include "fixture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *quoted(const char *const *argv) {
  sp_error err = SP_ERROR_INIT;
  char *line = NULL;
  check_ok(sp_quote(argv, &line, &err), err);
  char *copy = kept_text("%s", line);
  sp_mem_free(line);
  return copy;
}

static void expect_split(const char *line, const char *const *expected) {
  sp_error err = SP_ERROR_INIT;
  char **argv = NULL;
  size_t i = 0;
  check_ok(sp_split(line, &argv, &err), err);
  for (; expected[i] != NULL; i++) {
    assert_non_null(argv[i]);
    assert_string_equal(argv[i], expected[i]);
  }
  assert_null(argv[i]);
  sp_mem_free(argv);
}

static void quoting_is_sparing(void **state) {
  (void)state;
  assert_string_equal(quoted(LIST("ls", "-l", "/tmp/a_b-c.d", "x=1", "a@b", "50%", "a:b", "a,b", "+")),
                      "ls -l /tmp/a_b-c.d x=1 a@b 50% a:b a,b +");
  assert_string_equal(quoted(LIST("")), "''");
  assert_string_equal(quoted(LIST("a b", "it's", "$HOME", "*")),
                      "'a b' 'it'\"'\"'s' '$HOME' '*'"); /* as shlex.join() does */
  static const char *const nothing[] = {NULL};
  assert_string_equal(quoted(nothing), "");
}

static const char *const hard[] = {"",        " ",  "  x  ",       "'",         "''",
                                   "\"",      "\\", "\\\\",        "a'b\"c\\d", "$x `y` $(z)",
                                   "!x",      "~",  "#no comment", "new\nline", "tab\there",
                                   "\r",      "-",  "--",          "*?[a]",     "{a,b}",
                                   "a;b|c&d", "<>", "(x)",         "\x01\x7f",  "\xc3\xa9\xff\xfe",
                                   "'\"'\"'", NULL};

static void splitting_undoes_quoting(void **state) {
  (void)state;
  char each[256][2];
  const char *bytes[256];
  for (int i = 1; i < 256; i++) {
    each[i][0] = (char)i, each[i][1] = '\0';
    bytes[i - 1] = each[i];
  }
  bytes[255] = NULL;
  expect_split(quoted(hard), hard);
  expect_split(quoted(bytes), bytes);
}

static void the_shell_agrees_with_quoting(void **state) {
  (void)state;
  const char *all[64] = {child_path("arguments")};
  size_t n = 1, at = 0, len = 0;
  for (; hard[n - 1] != NULL; n++) all[n] = hard[n - 1];
  sp_options shell = {.size = sizeof shell, .flags = SP_SHELL};
  char *seen = NULL;
  sp_error err = SP_ERROR_INIT;
  check_ok(sp_check_output(LIST(quoted(all)), &shell, &seen, &len, &err), err);
  for (size_t i = 0; i < n; i++) {
    assert_string_equal(seen + at, all[i]);
    at += strlen(seen + at) + 1;
  }
  assert_int_equal(at, len);
  sp_mem_free(seen);
}

static void splitting_by_the_shells_rules(void **state) {
  (void)state;
  static const char *const nothing[] = {NULL};
  expect_split("", nothing);
  expect_split(" \t\r\n ", nothing);
  expect_split("a b\tc\nd", LIST("a", "b", "c", "d"));
  expect_split("  a  ", LIST("a"));
  expect_split("a'b c'd", LIST("ab cd"));
  expect_split("\"a b\" 'c d'", LIST("a b", "c d"));
  expect_split("'' \"\" x", LIST("", "", "x"));
  expect_split("a\\ b \\'", LIST("a b", "'"));
  expect_split("'a\\b'", LIST("a\\b"));                   /* nothing is special inside single quotes */
  expect_split("\"a\\\"b\\\\c\\d\"", LIST("a\"b\\c\\d")); /* only some escapes are inside double ones */
  expect_split("$HOME *", LIST("$HOME", "*"));            /* no expansions */
}

static void unfinished_lines_are_refused(void **state) {
  (void)state;
  static const char *const bad[] = {"'", "a 'b", "\"", "\"a", "\"a\\\"", "\\", "a \\", "a'b'c\"d"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    sp_error err = SP_ERROR_INIT;
    char **argv = (char **)&err;
    check_fails(sp_split(bad[i], &argv, &err), SP_EINVAL, err);
    assert_ptr_equal(argv, &err);
    assert_int_equal(err.step, SP_AT_CALL);
  }
}

static char *found(const char *name, const char *path) {
  sp_error err = SP_ERROR_INIT;
  char *program = NULL;
  check_ok(sp_which(name, path, &program, &err), err);
  char *copy = kept_text("%s", program);
  sp_mem_free(program);
  return copy;
}

static void expect_not_found(const char *name, const char *path, int code) {
  sp_error err = SP_ERROR_INIT;
  char *program = (char *)&err;
  check_fails(sp_which(name, path, &program, &err), code, err);
  assert_ptr_equal(program, &err);
  assert_string_equal(err.path, name);
  assert_non_null(strstr(err.message, name));
}

static void programs_are_found(void **state) {
  (void)state;
  const char *dir = fixture_directory(), *a = path_in(dir, "a"), *b = path_in(dir, "b");
  assert_int_equal(mkdir(a, 0755) + mkdir(b, 0755), 0);
  const char *in_a = path_in(a, "tool"), *in_b = path_in(b, "tool"), *path = kept_text("/no/such/dir:%s:%s", a, b);
  make_file(in_b, "#!/bin/sh\n", 0755);
  assert_string_equal(found("tool", path), in_b);
  make_file(in_a, "", 0644);
  assert_string_equal(found("tool", path), in_b); /* one that is not executable is passed over */
  expect_not_found("tool", a, SP_EACCESS);
  assert_int_equal(chmod(in_a, 0755), 0);
  assert_string_equal(found("tool", path), in_a);
  assert_string_equal(found(in_b, "/no/such/dir"), in_b); /* PATH does not matter to a name with a slash */
  assert_int_equal(access(found("sh", NULL), X_OK), 0);
  assert_int_equal(mkdir(path_in(a, "folder"), 0755), 0);
  expect_not_found("folder", a, SP_EACCESS);
  expect_not_found("no-such-program-anywhere", NULL, SP_ENOTFOUND);
  expect_not_found("tool", "", SP_ENOTFOUND);
  expect_not_found("/no/such/program", NULL, SP_ENOTFOUND);
  expect_not_found("", NULL, SP_EINVAL);
}

static void the_hosts_path_is_used(void **state) {
  (void)state;
  char *before = kept_text("%s", getenv("PATH"));
  const char *tool = path_in(fixture_directory(), "tool");
  make_file(tool, "#!/bin/sh\n", 0755);
  assert_int_equal(setenv("PATH", fixture_directory(), 1), 0);
  assert_string_equal(found("tool", NULL), tool);
  expect_not_found("sh", NULL, SP_ENOTFOUND);
  assert_int_equal(unsetenv("PATH"), 0);
  assert_int_equal(access(found("sh", NULL), X_OK), 0); /* the default, as when a child is started */
  assert_int_equal(setenv("PATH", before, 1), 0);
}

static void the_running_version(void **state) {
  (void)state;
  assert_int_equal(sp_version_number(), SP_VERSION_NUMBER);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      fixture_test(quoting_is_sparing),
      fixture_test(splitting_undoes_quoting),
      fixture_test(the_shell_agrees_with_quoting),
      fixture_test(splitting_by_the_shells_rules),
      fixture_test(unfinished_lines_are_refused),
      fixture_test(programs_are_found),
      fixture_test(the_hosts_path_is_used),
      fixture_test(the_running_version),
  };
  return run_fixture_tests(tests);
}
