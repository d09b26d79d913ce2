/* SPDX-License-Identifier: MIT
 *
 * Running out of memory at every place: every allocation of every call fails once, alone and with all that follow. The
 * call says SP_ENOMEM, or copes; nothing leaks, nothing crashes.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "failing_memory.h"
#include "host.h"
#include "host_state.h"

typedef int (*attempt)(sp_error *err);

static int run_with_capture(sp_error *err) {
  sp_result *r = NULL;
  sp_options opt = {
      .size = sizeof opt, .flags = SP_CAPTURE | SP_SHELL | SP_ENV_EXTEND, .cwd = "/", .env = ARGV("A=1", "B")};
  int rc = sp_run(ARGV("echo out; echo err >&2"), &opt, &r, err);
  if (rc != SP_OK) {
    REQUIRE(r == NULL);
    return rc;
  }
  REQUIRE_OUTPUT(r, SP_OUT, "out\n");
  REQUIRE_OUTPUT(r, SP_ERR, "err\n");
  sp_result_free(r);
  return SP_OK;
}

static int run_without_anything(sp_error *err) { return sp_run(ARGV("true"), NULL, NULL, err); }

static int run_with_other_ids(sp_error *err) {
  if (geteuid() != 0) return SP_OK;
  return sp_run(ARGV("true"), &SP_OPTIONS(.user = "root", .group = "root", .flags = SP_SET_GROUPS), NULL, err);
}

static int run_until_timeout(sp_error *err) {
  sp_result *r = NULL;
  sp_options opt = {.size = sizeof opt, .flags = SP_CAPTURE, .timeout_ms = 20, .kill_grace_ms = 1};
  int rc = sp_run(ARGV("sleep", "1000"), &opt, &r, err);
  sp_result_free(r);
  return rc == SP_ETIMEDOUT ? SP_OK : rc;
}

static int fail_to_execute(sp_error *err) {
  int rc = sp_run(ARGV("no-such-program-anywhere"), &SP_OPTIONS(.flags = SP_CAPTURE), NULL, err);
  return rc == SP_ENOTFOUND ? SP_OK : rc;
}

static int check_much_output(sp_error *err) {
  char *text = NULL;
  size_t len = 0;
  int rc = sp_check_output(ARGV("head", "-c", "1000000", "/dev/zero"), NULL, &text, &len, err);
  if (rc == SP_OK) REQUIRE_INT(len, 1000000);
  sp_mem_free(text);
  return rc;
}

static int finish(sp_process *p, int rc) {
  REQUIRE_CODE(sp_stop(p, 0, NULL, NULL), SP_OK, NULL);
  sp_process_free(p);
  return rc;
}

static int communicate_on(sp_process *p, sp_error *err) {
  sp_result *r = NULL;
  int rc = sp_communicate(p, "b\na\n", 4, SP_FOREVER, &r, err);
  if (rc == SP_OK) REQUIRE_OUTPUT(r, SP_OUT, "a\nb\n");
  sp_result_free(r);
  return finish(p, rc);
}

static int popen_and_communicate(sp_error *err) {
  sp_process *p = NULL;
  int rc = sp_popen(ARGV("sort"), &SP_OPTIONS(.flags = SP_CAPTURE, .std_in.kind = SP_PIPE), &p, err);
  return rc != SP_OK ? rc : communicate_on(p, err);
}

static int pipeline_and_communicate(sp_error *err) {
  sp_process *p = NULL;
  sp_command stages[] = {{ARGV("cat"), NULL}, {ARGV("sort"), NULL}, {ARGV("cat"), NULL}};
  int rc = sp_pipeline(stages, 3, &SP_OPTIONS(.flags = SP_CAPTURE, .std_in.kind = SP_PIPE), &p, err);
  return rc != SP_OK ? rc : communicate_on(p, err);
}

static int talk_by_lines(sp_error *err) {
  sp_process *p = NULL;
  sp_options opt = {.size = sizeof opt, .std_in.kind = SP_PIPE, .std_out.kind = SP_PIPE};
  int rc = sp_popen(ARGV("cat"), &opt, &p, err);
  if (rc != SP_OK) return rc;
  const char *line = NULL;
  size_t len = 0;
  int64_t wrote = sp_write(p, "one\ntwo\n", 8, SP_FOREVER, err);
  if (wrote < 0) return finish(p, (int)wrote);
  rc = sp_read_line(p, SP_OUT, SP_FOREVER, &line, &len, err);
  if (rc == SP_OK) REQUIRE(len == 4 && memcmp(line, "one\n", 4) == 0);
  return finish(p, rc);
}

static int use_token(sp_error *err) {
  sp_cancel *token = NULL;
  sp_process *p = NULL;
  int rc = sp_cancel_new(&token, err);
  if (rc != SP_OK) return rc;
  rc = sp_popen(ARGV("cat"), &SP_OPTIONS(.std_in.kind = SP_PIPE, .cancel = token), &p, err);
  if (rc == SP_OK) {
    sp_cancel_trigger(token);
    rc = sp_wait(p, SP_FOREVER, NULL, err);
    sp_cancel_reset(token);
    finish(p, rc);
    if (rc == SP_ECANCELED) rc = SP_OK;
  }
  sp_cancel_free(token);
  return rc;
}

static int use_helpers(sp_error *err) {
  char *text = NULL, **argv = NULL, *path = NULL;
  int rc = sp_quote(ARGV("a b", "c'd", ""), &text, err);
  if (rc == SP_OK) rc = sp_split(text, &argv, err);
  if (rc == SP_OK) rc = sp_which("sh", NULL, &path, err);
  sp_mem_free(path);
  sp_mem_free(argv);
  sp_mem_free(text);
  return rc;
}

/* A child that is freed while it runs has to be remembered, if need be without memory. */
static int forget_running(sp_error *err) {
  sp_process *p = NULL;
  int rc = sp_popen(ARGV("cat"), &SP_OPTIONS(.std_in.kind = SP_PIPE), &p, err);
  if (rc != SP_OK) return rc;
  int64_t pid = sp_pid(p);
  sp_process_free(p);
  host_await_death(pid);
  return SP_OK;
}

/* @return how many allocations failed, or -1 if fewer blocks were freed than allocated. */
static long fail_at(attempt call, long k, bool onwards, const host_fds *before) {
  sp_error err = SP_ERROR_INIT;
  const long blocks = failing_memory_live();
  failing_memory_arm(k, onwards);
  int rc = call(&err);
  long failed = failing_memory_disarm();
  if (rc != SP_OK) REQUIRE_CODE(rc, SP_ENOMEM, &err);
  host_fds_require_released(before);
  host_require_no_children();
  if (failed == 0) REQUIRE_CODE(rc, SP_OK, &err);
  if (failing_memory_live() == blocks) return failed;
  host_note("%ld blocks are left by the failure of allocation %ld%s", failing_memory_live() - blocks, k,
            onwards ? " and all later ones" : "");
  return -1;
}

/* The C library's user database keeps memory after its first failure; what is lost is lost again each time. */
static long fail_twice_at(attempt call, long k, bool onwards, const host_fds *before) {
  long failed = fail_at(call, k, onwards, before);
  if (failed < 0) failed = fail_at(call, k, onwards, before);
  REQUIRE(failed >= 0);
  return failed;
}

static void walk(attempt call) {
  static host_fds before;
  sp_error err = SP_ERROR_INIT;
  /* What is made once and kept has been made after this. */
  REQUIRE_CODE(call(&err), SP_OK, &err);
  sp_release_caches();
  host_fds_take(&before);
  long k = 1;
  while (fail_twice_at(call, k, false, &before) > 0) k++;
  for (long first = 1; first < k; first++) fail_twice_at(call, first, true, &before);
}

#define WALK(name) \
  HOST_TEST(memory_for_##name) { walk(name); }

WALK(run_with_capture)
WALK(run_without_anything)
WALK(run_with_other_ids)
WALK(run_until_timeout)
WALK(fail_to_execute)
WALK(check_much_output)
WALK(popen_and_communicate)
WALK(pipeline_and_communicate)
WALK(talk_by_lines)
WALK(use_token)
WALK(use_helpers)
WALK(forget_running)

/* The walks see the allocations of the library. */
HOST_TEST(memory_is_counted) {
  char *text = NULL;
  const long blocks = failing_memory_live();
  REQUIRE_CODE(sp_quote(ARGV("a b"), &text, NULL), SP_OK, NULL);
  REQUIRE(failing_memory_live() > blocks);
  sp_mem_free(text);
  REQUIRE_INT(failing_memory_live(), blocks);
  failing_memory_arm(1, false);
  int rc = sp_popen(ARGV("true"), NULL, &(sp_process *){NULL}, NULL);
  failing_memory_disarm();
  REQUIRE_CODE(rc, SP_ENOMEM, NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(memory_is_counted),
      cmocka_unit_test(memory_for_run_with_capture),
      cmocka_unit_test(memory_for_run_without_anything),
      cmocka_unit_test(memory_for_run_with_other_ids),
      cmocka_unit_test(memory_for_run_until_timeout),
      cmocka_unit_test(memory_for_fail_to_execute),
      cmocka_unit_test(memory_for_check_much_output),
      cmocka_unit_test(memory_for_popen_and_communicate),
      cmocka_unit_test(memory_for_pipeline_and_communicate),
      cmocka_unit_test(memory_for_talk_by_lines),
      cmocka_unit_test(memory_for_use_token),
      cmocka_unit_test(memory_for_use_helpers),
      cmocka_unit_test(memory_for_forget_running),
  };
  return cmocka_run_group_tests_name("fault_memory", tests, NULL, NULL);
}
