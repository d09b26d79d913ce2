/* SPDX-License-Identifier: MIT
 *
 * Running out of descriptors at every place: each call succeeds or says EMFILE, leaks nothing, and works again when the
 * limit is raised.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "host.h"
#include "host_state.h"
#include "scenarios.h"

enum { LOWEST = 3, HIGHEST = 30, PLENTY = 1000 };

typedef int (*attempt)(sp_error *err);

static int run_with_capture(sp_error *err) {
  sp_result *r = NULL;
  int rc = sp_run(ARGV("echo", "out"), &SP_OPTIONS(.flags = SP_CAPTURE), &r, err);
  if (rc != SP_OK) return rc;
  REQUIRE_OUTPUT(r, SP_OUT, "out\n");
  REQUIRE_OUTPUT(r, SP_ERR, "");
  sp_result_free(r);
  return SP_OK;
}

static int run_with_input_and_limit(sp_error *err) {
  sp_result *r = NULL;
  sp_options opt = {.size = sizeof opt, .flags = SP_CAPTURE, .input = "word", .input_len = 4, .timeout_ms = 100000};
  int rc = sp_run(ARGV("cat"), &opt, &r, err);
  if (rc != SP_OK) return rc;
  REQUIRE_OUTPUT(r, SP_OUT, "word");
  sp_result_free(r);
  return SP_OK;
}

static int run_with_files(sp_error *err) {
  sp_options opt = {.size = sizeof opt, .flags = SP_CHECK, .std_in = {.kind = SP_FILE, .path = "/dev/zero"}};
  opt.std_out.kind = SP_DEVNULL;
  opt.std_err.kind = SP_DEVNULL;
  return sp_run(SHELL("test -c /dev/stdin"), &opt, NULL, err);
}

/* Ends and frees a process after a failed call, which needs no descriptor. */
static int give_up(sp_process *p, int rc) {
  REQUIRE_CODE(sp_stop(p, 0, NULL, NULL), SP_OK, NULL);
  sp_process_free(p);
  return rc;
}

static int communicate_on(sp_process *p, sp_error *err) {
  sp_result *r = NULL;
  int rc = sp_communicate(p, "b\na\n", 4, SP_FOREVER, &r, err);
  if (rc != SP_OK) return give_up(p, rc);
  REQUIRE_OUTPUT(r, SP_OUT, "a\nb\n");
  sp_result_free(r);
  sp_process_free(p);
  return SP_OK;
}

static int popen_three_pipes(sp_error *err) {
  sp_process *p = NULL;
  int rc = sp_popen(ARGV("sort"), &SP_OPTIONS(.flags = SP_CAPTURE, .std_in.kind = SP_PIPE), &p, err);
  return rc != SP_OK ? rc : communicate_on(p, err);
}

static int pipeline_of_three(sp_error *err) {
  sp_process *p = NULL;
  sp_command stages[] = {{ARGV("cat"), NULL}, {ARGV("sort"), NULL}, {ARGV("cat"), NULL}};
  int rc = sp_pipeline(stages, 3, &SP_OPTIONS(.std_in.kind = SP_PIPE, .std_out.kind = SP_PIPE), &p, err);
  return rc != SP_OK ? rc : communicate_on(p, err);
}

static int cancel_and_wait(sp_error *err) {
  sp_cancel *token = NULL;
  int rc = sp_cancel_new(&token, err);
  if (rc != SP_OK) return rc;
  sp_process *p = NULL;
  rc = sp_popen(ARGV("cat"), &SP_OPTIONS(.std_in.kind = SP_PIPE, .cancel = token), &p, err);
  if (rc == SP_OK) {
    sp_cancel_trigger(token);
    rc = sp_wait(p, SP_FOREVER, NULL, err);
    sp_cancel_reset(token);
    give_up(p, rc);
    if (rc == SP_ECANCELED) rc = SP_OK;
  }
  sp_cancel_free(token);
  return rc;
}

static int fail_to_execute(sp_error *err) {
  int rc = sp_run(ARGV("/nonexistent/program"), &SP_OPTIONS(.flags = SP_CAPTURE), NULL, err);
  return rc == SP_ENOTFOUND ? SP_OK : rc;
}

static void limit_descriptors(rlim_t n) {
  struct rlimit limit;
  REQUIRE(getrlimit(RLIMIT_NOFILE, &limit) == 0);
  limit.rlim_cur = n;
  REQUIRE(setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

/* One attempt under a limit and one without. @return whether the first succeeded. */
static bool attempt_under(attempt call, rlim_t limit) {
  sp_error err = SP_ERROR_INIT;
  static host_fds before;
  host_fds_take(&before);
  limit_descriptors(limit);
  int rc = call(&err);
  limit_descriptors(PLENTY);
  if (rc != SP_OK) {
    REQUIRE_CODE(rc, SP_ESYS, &err);
    REQUIRE_INT(err.sys_errno, EMFILE);
  }
  host_require_no_children();
  host_fds_require_released(&before);
  memset(&err, 0, sizeof err);
  err.size = sizeof err;
  REQUIRE_CODE(call(&err), SP_OK, &err);
  host_require_no_children();
  host_fds_require_released(&before);
  return rc == SP_OK;
}

/* The library has never been used before the attempt: libuv's first loop is made under the limit. */
static void walk_cold(attempt call) {
  host_close_all();
  int succeeded = 0, failed = 0;
  for (rlim_t limit = LOWEST; limit <= HIGHEST; limit++) {
    pid_t pid = fork();
    if (pid == 0) _exit(attempt_under(call, limit) ? 10 : 11);
    int status;
    REQUIRE(waitpid(pid, &status, 0) == pid);
    if (!WIFEXITED(status) || WEXITSTATUS(status) < 10) host_note("limit %d, status %#x", (int)limit, (unsigned)status);
    REQUIRE(WIFEXITED(status) && WEXITSTATUS(status) >= 10);
    WEXITSTATUS(status) == 10 ? succeeded++ : failed++;
  }
  REQUIRE(succeeded > 0 && failed > 0);
}

static void walk_warm(attempt call) {
  host_close_all();
  limit_descriptors(PLENTY);
  scenario_capture();
  sp_release_caches();
  for (rlim_t limit = LOWEST; limit <= HIGHEST; limit++) attempt_under(call, limit);
}

/* Loops are kept from before, and must not be spoilt by a failure. */
static void walk_with_caches(attempt call) {
  host_close_all();
  limit_descriptors(PLENTY);
  for (rlim_t limit = LOWEST; limit <= HIGHEST; limit++) {
    sp_error err = SP_ERROR_INIT;
    REQUIRE_CODE(popen_three_pipes(&err), SP_OK, &err);
    limit_descriptors(limit);
    int rc = call(&err);
    limit_descriptors(PLENTY);
    if (rc != SP_OK) REQUIRE_INT(err.sys_errno, EMFILE);
    host_require_no_children();
  }
  sp_release_caches();
}

#define WALKS(name) \
  HOST_TEST(name##_cold) { walk_cold(name); } \
  HOST_TEST(name##_warm) { \
    walk_warm(name); \
    walk_with_caches(name); \
  }

WALKS(run_with_capture)
WALKS(run_with_input_and_limit)
WALKS(run_with_files)
WALKS(popen_three_pipes)
WALKS(pipeline_of_three)
WALKS(cancel_and_wait)
WALKS(fail_to_execute)

#define BOTH(name) cmocka_unit_test(name##_cold), cmocka_unit_test(name##_warm)

int main(void) {
  const struct CMUnitTest tests[] = {
      BOTH(run_with_capture),  BOTH(run_with_input_and_limit), BOTH(run_with_files),  BOTH(popen_three_pipes),
      BOTH(pipeline_of_three), BOTH(cancel_and_wait),          BOTH(fail_to_execute),
  };
  return cmocka_run_group_tests_name("fault_descriptors", tests, NULL, NULL);
}
