/* SPDX-License-Identifier: MIT
 *
 * Which program is executed, with which arguments, from which directory.
 */
#include "fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Runs a command that prints its arguments, each with a NUL, and compares all of them. */
static void expect_arguments(const char *const *argv, const sp_options *opt, const char *const *expected) {
  sp_error err = SP_ERROR_INIT;
  char *seen = NULL;
  size_t len = 0, at = 0;
  check_ok(sp_check_output(argv, opt, &seen, &len, &err), err);
  for (size_t i = 0; expected[i] != NULL; i++) {
    assert_true(at < len);
    assert_string_equal(seen + at, expected[i]);
    at += strlen(seen + at) + 1;
  }
  assert_int_equal(at, len);
  sp_mem_free(seen);
}

/* The command cannot be executed: `sys_errno` says why, and `path` what. */
static void expect_not_executed(const char *const *argv, const sp_options *opt, int code, int sys_errno,
                                const char *path) {
  sp_error err = SP_ERROR_INIT;
  sp_process *p = NULL;
  check_fails(sp_popen(argv, opt, &p, &err), code, err);
  assert_null(p);
  assert_int_equal(err.step, SP_AT_EXEC);
  assert_int_equal(err.sys_errno, sys_errno);
  assert_string_equal(err.path, path);
}

static void make_script(const char *path, const char *says) {
  make_file(path, kept_text("#!/bin/sh\necho %s\n", says), 0755);
}

static void arguments_keep_every_byte(void **state) {
  (void)state;
  char all[256];
  for (int i = 1; i < 256; i++) all[i - 1] = (char)i;
  all[255] = '\0';
  const char *program = child_path("arguments");
  const char *const *argv = LIST(program, "", all, "a b", "\"quoted\"", "$HOME", "*", "-n", "");
  expect_arguments(argv, NULL, argv);
}

static void many_arguments(void **state) {
  (void)state;
  enum { MANY = 5000 };
  const char **argv = keep(calloc(MANY + 1, sizeof *argv));
  argv[0] = child_path("arguments");
  for (int i = 1; i < 1000; i++) argv[i] = kept_text("%d", i);
  for (int i = 1000; i < MANY; i++) argv[i] = argv[i % 1000 + 1];
  expect_arguments(argv, NULL, argv);
}

static void a_shell_runs_a_command_line(void **state) {
  (void)state;
  sp_options shell = {.size = sizeof shell, .flags = SP_SHELL};
  assert_string_equal(output_of(LIST("echo a  b; echo c"), &shell), "a b\nc\n");
  assert_string_equal(output_of(LIST("printf '[%s]' \"$0\" \"$1\" \"$#\"", "zero", "one two"), &shell),
                      "[zero][one two][1]");
  assert_string_equal(output_of(LIST("echo $0"), &shell), "/bin/sh\n");
}

static void another_shell_may_be_named(void **state) {
  (void)state;
  const char *other = child_path("arguments");
  sp_options shell = {.size = sizeof shell, .flags = SP_SHELL, .executable = other};
  expect_arguments(LIST("echo hello", "zero", "one"), &shell, LIST(other, "-c", "echo hello", "zero", "one"));
}

static void executable_replaces_the_program_only(void **state) {
  (void)state;
  sp_options options = {.size = sizeof options, .executable = child_path("arguments")};
  expect_arguments(LIST("no such program", "x"), &options, LIST("no such program", "x"));
  expect_arguments(LIST("", "x"), &options, LIST("", "x"));
}

static void executable_is_looked_up_too(void **state) {
  (void)state;
  sp_options options = {.size = sizeof options, .executable = "sh"};
  assert_string_equal(output_of(LIST("some name", "-c", "echo $0"), &options), "some name\n");
  options.executable = "no such executable";
  expect_not_executed(LIST("true"), &options, SP_ENOTFOUND, ENOENT, "no such executable");
}

static void the_path_of_the_child_decides(void **state) {
  (void)state;
  const char *dir = fixture_directory(), *a = path_in(dir, "a"), *b = path_in(dir, "b");
  assert_int_equal(mkdir(a, 0755) + mkdir(b, 0755), 0);
  make_script(path_in(a, "tool"), "from a");
  make_script(path_in(b, "tool"), "from b");
  sp_options options = {.size = sizeof options, .flags = SP_ENV_EXTEND};
  options.env = LIST(kept_text("PATH=%s:%s", a, b));
  assert_string_equal(output_of(LIST("tool"), &options), "from a\n");
  options.env = LIST(kept_text("PATH=/no/such/dir:%s/tool:%s:%s", a, b, a)); /* ENOENT and ENOTDIR are passed over */
  assert_string_equal(output_of(LIST("tool"), &options), "from b\n");
  options.flags = 0;
  assert_string_equal(output_of(LIST("tool"), &options), "from b\n");
  expect_not_executed(LIST("tool"), NULL, SP_ENOTFOUND, ENOENT, "tool");
  options.env = LIST("PATH=");
  options.cwd = a; /* an empty element is the current directory, which is the child's */
  assert_string_equal(output_of(LIST("tool"), &options), "from a\n");
}

static void without_a_path_there_is_a_default(void **state) {
  (void)state;
  sp_options options = {.size = sizeof options, .env = LIST("A=1")};
  assert_string_equal(output_of(LIST("sh", "-c", "echo found"), &options), "found\n");
}

static void the_first_real_obstacle_is_told(void **state) {
  (void)state;
  const char *dir = fixture_directory(), *a = path_in(dir, "a"), *b = path_in(dir, "b");
  assert_int_equal(mkdir(a, 0755) + mkdir(b, 0755), 0);
  make_file(path_in(a, "tool"), "#!/bin/sh\n", 0644);
  sp_options options = {.size = sizeof options, .env = LIST(kept_text("PATH=%s:%s", a, b))};
  expect_not_executed(LIST("tool"), &options, SP_EACCESS, EACCES, path_in(a, "tool"));
  make_script(path_in(b, "tool"), "from b");
  assert_string_equal(output_of(LIST("tool"), &options), "from b\n");
}

static void a_relative_program_is_relative_to_cwd(void **state) {
  (void)state;
  const char *dir = fixture_directory(), *sub = path_in(dir, "sub");
  assert_int_equal(mkdir(sub, 0755), 0);
  make_script(path_in(sub, "tool"), "relative");
  sp_options options = {.size = sizeof options, .cwd = dir};
  assert_string_equal(output_of(LIST("sub/tool"), &options), "relative\n");
  assert_string_equal(output_of(LIST("./sub/tool"), &options), "relative\n");
  expect_not_executed(LIST("./tool"), &options, SP_ENOTFOUND, ENOENT, "./tool");
  expect_not_executed(LIST("sub/tool"), NULL, SP_ENOTFOUND, ENOENT, "sub/tool");
  options.executable = "./sub/tool";
  assert_string_equal(output_of(LIST("anything"), &options), "relative\n");
  sp_options by_path = {.size = sizeof by_path, .cwd = dir, .env = LIST("PATH=sub")};
  assert_string_equal(output_of(LIST("tool"), &by_path), "relative\n");
}

static void cwd_is_entered(void **state) {
  (void)state;
  const char *dir = fixture_directory();
  char before[4096], after[4096];
  assert_non_null(getcwd(before, sizeof before));
  sp_options options = {.size = sizeof options, .cwd = dir};
  assert_string_equal(output_of(CHILD("directory"), &options), dir);
  assert_string_equal(output_of(CHILD("directory"), NULL), before);
  assert_string_equal(getcwd(after, sizeof after), before);
}

/* execvp() would run it with a shell. */
static void a_script_needs_its_first_line(void **state) {
  (void)state;
  const char *script = path_in(fixture_directory(), "script");
  make_file(script, "echo run by a shell\n", 0755);
  expect_not_executed(LIST(script), NULL, SP_ESYS, ENOEXEC, script);
  sp_options by_path = {.size = sizeof by_path, .env = LIST(kept_text("PATH=%s", fixture_directory()))};
  expect_not_executed(LIST("script"), &by_path, SP_ESYS, ENOEXEC, script);
}

static void a_program_that_is_being_written(void **state) {
  (void)state;
  const char *script = path_in(fixture_directory(), "script");
  make_script(script, "ready");
  int writer = open(script, O_WRONLY | O_CLOEXEC);
  assert_true(writer >= 0);
  expect_not_executed(LIST(script), NULL, SP_ESYS, ETXTBSY, script);
  close_fd(&writer);
  assert_string_equal(output_of(LIST(script), NULL), "ready\n");
}

static void what_is_no_program(void **state) {
  (void)state;
  const char *dir = fixture_directory(), *plain = path_in(dir, "plain");
  make_file(plain, "text", 0644);
  expect_not_executed(LIST(plain), NULL, SP_EACCESS, EACCES, plain);
  expect_not_executed(LIST(dir), NULL, SP_EACCESS, EACCES, dir);
  expect_not_executed(LIST("/no/such/program"), NULL, SP_ENOTFOUND, ENOENT, "/no/such/program");
  expect_not_executed(LIST("no-such-program"), NULL, SP_ENOTFOUND, ENOENT, "no-such-program");
  const char *below = path_in(plain, "x");
  expect_not_executed(LIST(below), NULL, SP_ENOTFOUND, ENOTDIR, below);
  const char *no_interpreter = path_in(dir, "no-interpreter");
  make_file(no_interpreter, "#!/no/such/interpreter\n", 0755);
  expect_not_executed(LIST(no_interpreter), NULL, SP_ENOTFOUND, ENOENT, no_interpreter);
}

static void too_many_arguments(void **state) {
  (void)state;
  char *huge = keep(malloc(200000));
  memset(huge, 'x', 199999);
  huge[199999] = '\0';
  expect_not_executed(LIST("/bin/true", huge), NULL, SP_ESYS, E2BIG, "/bin/true");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      fixture_test(arguments_keep_every_byte),
      fixture_test(many_arguments),
      fixture_test(a_shell_runs_a_command_line),
      fixture_test(another_shell_may_be_named),
      fixture_test(executable_replaces_the_program_only),
      fixture_test(executable_is_looked_up_too),
      fixture_test(the_path_of_the_child_decides),
      fixture_test(without_a_path_there_is_a_default),
      fixture_test(the_first_real_obstacle_is_told),
      fixture_test(a_relative_program_is_relative_to_cwd),
      fixture_test(cwd_is_entered),
      fixture_test(a_script_needs_its_first_line),
      fixture_test(a_program_that_is_being_written),
      fixture_test(what_is_no_program),
      fixture_test(too_many_arguments),
  };
  return run_fixture_tests(tests);
}
