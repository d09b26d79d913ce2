/* SPDX-License-Identifier: MIT
 *
 * How a failure is told: code, step, errno, path, and one full sentence.
 */
#include "fixture.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static void every_code_has_its_name(void **state) {
  (void)state;
  static const char *const names[] = {"SP_OK",      "SP_EINVAL",    "SP_ENOMEM",       "SP_ESYS",    "SP_ENOTFOUND",
                                      "SP_EACCESS", "SP_ETIMEDOUT", "SP_EFAILED",      "SP_ECLOSED", "SP_ECANCELED",
                                      "SP_EINTR",   "SP_ELOST",     "SP_EUNSUPPORTED", "SP_EBUSY",   "SP_EABI"};
  for (int i = 0; i < 15; i++) assert_string_equal(sp_code_name(-i), names[i]);
  assert_string_equal(sp_code_name(1), "SP_E?");
  assert_string_equal(sp_code_name(-15), "SP_E?");
  assert_string_equal(sp_code_name(INT32_MIN), "SP_E?");
}

static void every_step_has_its_name(void **state) {
  (void)state;
  for (int step = SP_AT_CALL; step <= SP_AT_SIGNAL; step++) {
    const char *name = sp_step_name(step);
    assert_true(strlen(name) >= 2);
    for (int other = SP_AT_CALL; other < step; other++) assert_string_not_equal(name, sp_step_name(other));
  }
  assert_string_equal(sp_step_name(SP_AT_CHDIR), "chdir");
  assert_string_equal(sp_step_name(SP_AT_EXEC), "exec");
  assert_string_equal(sp_step_name(-1), "?");
  assert_string_equal(sp_step_name(SP_AT_SIGNAL + 1), "?");
}

/* One English sentence in one line, in the form that fits behind "program: ": it names what is concerned, and the
 * system's own reason where that says more than that something does not exist. */
static void expect_sentence(const sp_error *err) {
  size_t len = strnlen(err->message, sizeof err->message);
  bool sentence = len > 10 && len < sizeof err->message && islower((unsigned char)err->message[0]) &&
                  strchr(err->message, ' ') != NULL && strchr(".: \n", err->message[len - 1]) == NULL &&
                  strchr(err->message, '\n') == NULL;
  const char *last = strrchr(err->path, '/'); /* a program that was found along PATH is named as it was asked for */
  bool names_it = strstr(err->message, last != NULL ? last + 1 : err->path) != NULL;
  bool reason =
      err->sys_errno == 0 || err->sys_errno == ENOENT || strstr(err->message, strerror(err->sys_errno)) != NULL;
  if (!sentence || !names_it || !reason) report("about \"%s\": %s\n", err->path, err->message);
  check(sentence);
  check(names_it);
  check(reason);
}

static sp_error failure_of(const char *const *argv, const sp_options *options) {
  sp_error err = SP_ERROR_INIT;
  sp_process *p = NULL;
  check(sp_popen(argv, options, &p, &err) == err.code && err.code < 0 && p == NULL);
  expect_sentence(&err);
  return err;
}

static void expect(sp_error seen, int code, int step, int sys_errno, const char *path) {
  if (seen.code != code || seen.step != step || seen.sys_errno != sys_errno || strcmp(seen.path, path) != 0 ||
      seen.stage != 0)
    fail_msg("%s at %s, errno %d, path \"%s\": %s", sp_code_name(seen.code), sp_step_name(seen.step), seen.sys_errno,
             seen.path, seen.message);
}

static void failures_are_told_apart(void **state) {
  (void)state;
  const char *plain = path_in(fixture_directory(), "plain");
  make_file(plain, "text", 0644);
  sp_options options = {.size = sizeof options};
  expect(failure_of(LIST("no-such-program"), NULL), SP_ENOTFOUND, SP_AT_EXEC, ENOENT, "no-such-program");
  expect(failure_of(LIST(plain), NULL), SP_EACCESS, SP_AT_EXEC, EACCES, plain);
  options.cwd = "/no/such/directory";
  expect(failure_of(LIST("true"), &options), SP_ENOTFOUND, SP_AT_CHDIR, ENOENT, "/no/such/directory");
  expect(failure_of(LIST("no-such-program"), &options), SP_ENOTFOUND, SP_AT_CHDIR, ENOENT, "/no/such/directory");
  options.cwd = plain;
  expect(failure_of(LIST("true"), &options), SP_ENOTFOUND, SP_AT_CHDIR, ENOTDIR, plain);
  options = (sp_options){.size = sizeof options, .executable = "/no/such/executable"};
  expect(failure_of(LIST("true"), &options), SP_ENOTFOUND, SP_AT_EXEC, ENOENT, "/no/such/executable");
  options = (sp_options){.size = sizeof options, .user = "no-such-user"};
  expect(failure_of(LIST("true"), &options), SP_ENOTFOUND, SP_AT_UID, 0, "no-such-user");
  options = (sp_options){.size = sizeof options, .group = "no-such-group"};
  expect(failure_of(LIST("true"), &options), SP_ENOTFOUND, SP_AT_GID, 0, "no-such-group");
  options = (sp_options){.size = sizeof options, .std_in = {SP_FILE, 0, 0, "/no/such/file"}};
  expect(failure_of(LIST("true"), &options), SP_ENOTFOUND, SP_AT_STDIO, ENOENT, "/no/such/file");
}

/* The script exists, and the sentence must not say otherwise. */
static void a_missing_interpreter(void **state) {
  (void)state;
  const char *script = path_in(fixture_directory(), "script");
  make_file(script, "#!/no/such/interpreter\n", 0755);
  const sp_options by_path = {.size = sizeof by_path, .env = LIST(kept_text("PATH=%s", fixture_directory()))};
  const sp_options from_cwd = {.size = sizeof from_cwd, .cwd = "/"};
  const sp_error each[] = {failure_of(LIST(script), NULL), failure_of(LIST("script"), &by_path),
                           failure_of(LIST(script), &from_cwd)};
  for (int i = 0; i < 3; i++) {
    assert_int_equal(each[i].code, SP_ENOTFOUND);
    assert_int_equal(each[i].sys_errno, ENOENT);
    assert_non_null(strstr(each[i].message, "interpreter"));
  }
}

static void be_refused(void *arg) {
  (void)arg;
  const sp_options root = {.size = sizeof root, .flags = SP_SET_UID},
                   wheel = {.size = sizeof wheel, .flags = SP_SET_GID};
  sp_error by_uid = failure_of(LIST("true"), &root), by_gid = failure_of(LIST("true"), &wheel);
  check(by_uid.code == SP_EACCESS && by_uid.step == SP_AT_UID && by_uid.sys_errno == EPERM);
  check(by_gid.code == SP_EACCESS && by_gid.step == SP_AT_GID && by_gid.sys_errno == EPERM);
  const sp_options locked = {.size = sizeof locked, .cwd = arg};
  sp_error by_cwd = failure_of(LIST("true"), &locked);
  check(by_cwd.code == SP_EACCESS && by_cwd.step == SP_AT_CHDIR && by_cwd.sys_errno == EACCES &&
        strcmp(by_cwd.path, arg) == 0);
}

static void refused_rights_are_told_apart(void **state) {
  (void)state;
  const char *dir = fixture_directory(), *locked = path_in(dir, "locked");
  assert_int_equal(mkdir(locked, 0), 0);
  as_ordinary_user(be_refused, (void *)(uintptr_t)locked);
}

static int refuse(void *arg) { return *(int *)arg; }
static int say_hello(void *arg) { return write(*(int *)arg, "hello", 5) == 5 ? 0 : EIO; }

static void the_preexec_callback(void **state) {
  (void)state;
  int reason = EDOM;
  sp_options options = {.size = sizeof options, .preexec = refuse, .preexec_arg = &reason};
  sp_error err = SP_ERROR_INIT;
  sp_process *p = NULL;
  check_fails(sp_popen(LIST("true"), &options, &p, &err), SP_ESYS, err);
  assert_int_equal(err.step, SP_AT_PREEXEC);
  assert_int_equal(err.sys_errno, EDOM);
  expect_sentence(&err);
  assert_false(has_children());
  pipe_pair said = open_pipe();
  options.preexec = say_hello, options.preexec_arg = &said.write_end;
  check_ok(sp_run(LIST("true"), &options, NULL, &err), err);
  close_fd(&said.write_end);
  assert_string_equal(drain(said.read_end, NULL), "hello");
  close_fd(&said.read_end);
}

static int set_a_variable(void *arg) { return putenv(arg); }

static void preexec_can_change_an_inherited_environment(void **state) {
  (void)state;
  char variable[] = "SP_SET_BY_PREEXEC=yes";
  static const char script[] = "echo ${SP_SET_BY_PREEXEC-no}";
  static const char *const own[] = {"PATH=/bin:/usr/bin", NULL};
  sp_options options = {.size = sizeof options, .flags = SP_SHELL, .preexec = set_a_variable, .preexec_arg = variable};
  char *said = NULL;
  sp_error err = SP_ERROR_INIT;
  check_ok(sp_check_output(LIST(script), &options, &said, NULL, &err), err);
  assert_string_equal(said, "yes\n");
  sp_mem_free(said);
  options.env = own;
  check_ok(sp_check_output(LIST(script), &options, &said, NULL, &err), err);
  assert_string_equal(said, "no\n");
  sp_mem_free(said);
  assert_null(getenv("SP_SET_BY_PREEXEC"));
}

static void run_out_of_processes(void *arg) {
  (void)arg;
  const struct rlimit none = {1, 1};
  check(setrlimit(RLIMIT_NPROC, &none) == 0);
  const sp_options options = {.size = sizeof options, .flags = SP_CAPTURE};
  int fds = open_fd_count();
  sp_error err = failure_of(LIST("true"), &options);
  check(err.code == SP_ESYS && err.step == SP_AT_FORK && err.sys_errno == EAGAIN);
  check(open_fd_count() == fds);
}

static void no_more_processes(void **state) {
  (void)state;
  as_ordinary_user(run_out_of_processes, NULL);
}

static void run_out_of_descriptors(void *arg) {
  (void)arg;
  sp_release_caches();
  int fds = open_fd_count(), low = dup(0);
  const sp_options options = {.size = sizeof options, .flags = SP_CAPTURE, .std_in.kind = SP_PIPE};
  check(low >= 0 && close(low) == 0);
  for (int extra = 0; extra < 10; extra++) { /* each number of descriptors that are left fails, or is enough, cleanly */
    const struct rlimit few = {(rlim_t)(low + extra), 20000};
    sp_error err = SP_ERROR_INIT;
    sp_process *p = NULL;
    check(setrlimit(RLIMIT_NOFILE, &few) == 0);
    int rc = sp_popen(LIST("true"), &options, &p, &err);
    if (rc == SP_OK) {
      check(wait_for(p) == 0);
      sp_process_free(p);
    } else {
      check(rc == SP_ESYS && err.sys_errno == EMFILE && extra < 9);
      check(err.step == SP_AT_STDIO || err.step == SP_AT_FORK);
    }
    check(setrlimit(RLIMIT_NOFILE, &(struct rlimit){20000, 20000}) == 0);
    sp_release_caches();
    check(open_fd_count() == fds && !has_children());
  }
}

static void no_more_descriptors(void **state) {
  (void)state;
  in_forked_host(run_out_of_descriptors, NULL);
}

static void long_paths_lose_their_beginning(void **state) {
  (void)state;
  char name[1000];
  memset(name, 'x', sizeof name);
  memcpy(name, "/tmp/", 5);
  for (size_t i = 200; i < 900; i += 200) name[i] = '/';
  strcpy(name + 900, "/the-end");
  sp_error err = SP_ERROR_INIT;
  sp_process *p = NULL;
  check_fails(sp_popen(LIST(name), NULL, &p, &err), SP_ENOTFOUND, err);
  size_t len = strlen(err.path);
  assert_true(len > 100 && len < sizeof err.path);
  assert_string_equal(err.path + len - 8, "/the-end");
  assert_true(strlen(err.message) > 100); /* its own cut falls elsewhere */
}

static bool is_utf8(const char *text) {
  for (const unsigned char *at = (const unsigned char *)text; *at != '\0';) {
    int more = *at < 0x80 ? 0 : *at >= 0xc2 && *at < 0xe0 ? 1 : *at >= 0xe0 && *at < 0xf0 ? 2 : *at >= 0xf0 ? 3 : -1;
    if (more < 0) return false;
    for (at++; more > 0; more--) {
      if ((*at++ & 0xc0) != 0x80) return false;
    }
  }
  return true;
}

/* Wherever a long name is cut, no character is cut in two: other languages could not decode the rest. */
static void cuts_respect_characters(void **state) {
  (void)state;
  for (size_t len = 1; len < 300; len++) {
    char name[1024] = "/";
    for (size_t i = 0; i < len % 4; i++) strcat(name, "x");
    for (size_t i = 0; i < len; i++) strcat(name, len % 2 ? "\xc3\xa9" : "\xe2\x82\xac");
    for (int by_cwd = 0; by_cwd < 2; by_cwd++) {
      sp_error err = SP_ERROR_INIT;
      sp_process *p = NULL;
      const sp_options options = {.size = sizeof options, .cwd = by_cwd ? name : NULL};
      assert_int_not_equal(sp_popen(LIST(by_cwd ? "true" : name), &options, &p, &err), SP_OK);
      assert_true(is_utf8(err.message));
      assert_true(is_utf8(err.path));
    }
  }
}

static void success_leaves_the_error_alone(void **state) {
  (void)state;
  sp_error err = SP_ERROR_INIT, before;
  memset(&err, 0x55, sizeof err);
  err.size = sizeof err;
  before = err;
  assert_int_equal(sp_run(LIST("true"), NULL, NULL, &err), SP_OK);
  assert_memory_equal(&err, &before, sizeof err);
}

/* A failure leaves nothing from an earlier one. */
static void errors_are_written_whole(void **state) {
  (void)state;
  sp_error err;
  memset(&err, 0x55, sizeof err);
  err.size = sizeof err;
  check_fails(sp_wait(NULL, 0, NULL, &err), SP_EINVAL, err);
  assert_int_equal(err.step, SP_AT_CALL);
  assert_int_equal(err.sys_errno, 0);
  assert_int_equal(err.stage, 0);
  assert_string_equal(err.path, "");
  assert_int_equal(err.size, sizeof err);
  expect_sentence(&err);
}

static void sentences_of_other_failures(void **state) {
  (void)state;
  sp_error err = SP_ERROR_INIT;
  const sp_options options = {.size = sizeof options, .flags = SP_CHECK, .timeout_ms = SHORT_MS};
  check_fails(sp_run(LIST("false"), &options, NULL, &err), SP_EFAILED, err);
  expect_sentence(&err);
  check_fails(sp_run(CHILD("speaker"), &options, NULL, &err), SP_ETIMEDOUT, err);
  expect_sentence(&err);
  check_fails(sp_split("'", &(char **){NULL}, &err), SP_EINVAL, err);
  expect_sentence(&err);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      fixture_test(every_code_has_its_name),
      fixture_test(every_step_has_its_name),
      fixture_test(failures_are_told_apart),
      fixture_test(a_missing_interpreter),
      fixture_test(refused_rights_are_told_apart),
      fixture_test(the_preexec_callback),
      fixture_test(preexec_can_change_an_inherited_environment),
      fixture_test(no_more_processes),
      fixture_test(no_more_descriptors),
      fixture_test(long_paths_lose_their_beginning),
      fixture_test(cuts_respect_characters),
      fixture_test(success_leaves_the_error_alone),
      fixture_test(errors_are_written_whole),
      fixture_test(sentences_of_other_failures),
  };
  return run_fixture_tests(tests);
}
