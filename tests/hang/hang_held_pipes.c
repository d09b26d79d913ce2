/* SPDX-License-Identifier: MIT
 *
 * Grandchildren that keep the pipes open after the child has ended: each limit bounds the whole call, and what was
 * written before is told.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "host.h"
#include "host_state.h"
#include "waker.h"

/* A limit that is kept may be late by a little. */
static void require_between(int64_t start, int64_t least, int64_t most) {
  int64_t took = host_now_ms() - start;
  if (took < least || took > host_slow(most)) host_note("took %lld ms", (long long)took);
  REQUIRE(took >= least && took <= host_slow(most));
}

HOST_TEST(run_ends_at_its_limit) {
  sp_error err = SP_ERROR_INIT;
  sp_result *r = NULL;
  sp_options opt = {
      .size = sizeof opt, .flags = SP_CAPTURE | SP_NEW_GROUP | SP_KILL_GROUP_ON_TIMEOUT, .timeout_ms = 500};
  int64_t start = host_now_ms();
  REQUIRE_CODE(sp_run(SHELL("sleep 1000 & echo hi"), &opt, &r, &err), SP_ETIMEDOUT, &err);
  require_between(start, 499, 700);
  REQUIRE_OUTPUT(r, SP_OUT, "hi\n");
  REQUIRE_INT(sp_result_pipes_held(r), 1);
  REQUIRE_INT(sp_result_returncode(r), 0);
  sp_result_free(r);
}

/* The same where nothing kills the grandchild: the call ends without its help. */
HOST_TEST(run_ends_at_its_limit_without_a_group) {
  sp_error err = SP_ERROR_INIT;
  sp_result *r = NULL;
  for (int grace = 0; grace <= 50; grace += 50) {
    sp_options opt = {.size = sizeof opt, .flags = SP_CAPTURE, .timeout_ms = 500, .kill_grace_ms = grace};
    int64_t start = host_now_ms();
    REQUIRE_CODE(sp_run(SHELL("sleep 1000 & echo $!"), &opt, &r, &err), SP_ETIMEDOUT, &err);
    require_between(start, 499, 700);
    REQUIRE_INT(sp_result_pipes_held(r), 1);
    int pid = atoi(sp_result_output(r, SP_OUT, NULL));
    REQUIRE(pid > 1 && kill(pid, SIGKILL) == 0);
    sp_result_free(r);
  }
}

/* The child itself runs too, and its death leaves the grandchild. */
HOST_TEST(run_ends_at_its_limit_with_both_alive) {
  sp_error err = SP_ERROR_INIT;
  sp_result *r = NULL;
  sp_options opt = {.size = sizeof opt, .flags = SP_CAPTURE, .timeout_ms = 300};
  int64_t start = host_now_ms();
  REQUIRE_CODE(sp_run(SHELL("sleep 1000 & echo $!; exec sleep 1000"), &opt, &r, &err), SP_ETIMEDOUT, &err);
  require_between(start, 299, 5000);
  REQUIRE_INT(sp_result_returncode(r), -SIGKILL);
  int pid = atoi(sp_result_output(r, SP_OUT, NULL));
  REQUIRE(pid > 1 && kill(pid, SIGKILL) == 0);
  sp_result_free(r);
}

HOST_TEST(run_ends_when_drained) {
  sp_error err = SP_ERROR_INIT;
  sp_result *r = NULL;
  sp_options opt = {.size = sizeof opt, .flags = SP_CAPTURE | SP_CHECK, .drain_ms = 200};
  for (int limited = 0; limited < 2; limited++) {
    opt.timeout_ms = limited ? 100000 : 0;
    int64_t start = host_now_ms();
    REQUIRE_CODE(sp_run(SHELL("sleep 1000 & echo $!"), &opt, &r, &err), SP_OK, &err);
    require_between(start, 199, 10000);
    REQUIRE_INT(sp_result_pipes_held(r), 1);
    REQUIRE_INT(sp_result_returncode(r), 0);
    int pid = atoi(sp_result_output(r, SP_OUT, NULL));
    REQUIRE(pid > 1 && kill(pid, SIGKILL) == 0);
    sp_result_free(r);
  }
  /* And where nobody holds them, the end of file is enough. */
  opt.drain_ms = 100000;
  int64_t start = host_now_ms();
  REQUIRE_CODE(sp_run(SHELL("echo hi"), &opt, &r, &err), SP_OK, &err);
  require_between(start, 0, 20000);
  REQUIRE_INT(sp_result_pipes_held(r), 0);
  sp_result_free(r);
}

HOST_TEST(communicate_ends_at_its_limit_and_goes_on) {
  sp_error err = SP_ERROR_INIT;
  sp_process *p = NULL;
  sp_result *r = NULL;
  sp_options opt = {.size = sizeof opt, .flags = SP_CAPTURE | SP_NEW_GROUP};
  REQUIRE_CODE(sp_popen(SHELL("sleep 1000 & echo hi"), &opt, &p, &err), SP_OK, &err);
  for (int i = 0; i < 2; i++) {
    int64_t start = host_now_ms();
    REQUIRE_CODE(sp_communicate(p, NULL, 0, 300, &r, &err), SP_ETIMEDOUT, &err);
    require_between(start, 299, 5000);
    REQUIRE_OUTPUT(r, SP_OUT, "hi\n");
    REQUIRE_INT(sp_result_pipes_held(r), 1);
    sp_result_free(r);
    r = NULL;
  }
  REQUIRE_CODE(sp_wait(p, SP_FOREVER, NULL, &err), SP_OK, &err);
  REQUIRE_CODE(sp_kill_group(p, SIGKILL, &err), SP_OK, &err);
  REQUIRE_CODE(sp_communicate(p, NULL, 0, SP_FOREVER, &r, &err), SP_OK, &err);
  REQUIRE_OUTPUT(r, SP_OUT, "hi\n");
  REQUIRE_INT(sp_result_pipes_held(r), 0);
  sp_result_free(r);
  sp_process_free(p);
}

/* The output of the last moment is not cut off by a short drain: it was in the pipe when the child ended. */
HOST_TEST(drain_loses_nothing_that_was_written) {
  char *input = big_input();
  for (int i = 0; i < 20; i++) {
    sp_error err = SP_ERROR_INIT;
    sp_process *p = NULL;
    sp_result *r = NULL;
    sp_options opt = {.size = sizeof opt, .flags = SP_NEW_GROUP, .std_in.kind = SP_PIPE, .std_out.kind = SP_PIPE};
    opt.drain_ms = 1;
    REQUIRE_CODE(sp_popen(SHELL("sleep 1000 & cat"), &opt, &p, &err), SP_OK, &err);
    REQUIRE_CODE(sp_communicate(p, input, 300000, SP_FOREVER, &r, &err), SP_OK, &err);
    require_same(r, SP_OUT, input, 300000);
    REQUIRE_CODE(sp_kill_group(p, SIGKILL, &err), SP_OK, &err);
    sp_result_free(r);
    sp_process_free(p);
  }
  free(input);
}

/* A daemon: forked twice, in a session of its own, out of reach of every group, with the pipes in its hands. */
static const char daemon_line[] = "setsid --fork sh -c 'echo $$; exec sleep 1000'";

HOST_TEST(daemon_holds_the_pipes) {
  sp_error err = SP_ERROR_INIT;
  sp_process *p = NULL;
  sp_options opt = {.size = sizeof opt, .flags = SP_CAPTURE | SP_NEW_GROUP, .std_in.kind = SP_PIPE, .drain_ms = 100};
  REQUIRE_CODE(sp_popen(SHELL(daemon_line), &opt, &p, &err), SP_OK, &err);
  int pid = read_pid(p);
  REQUIRE_CODE(sp_kill_group(p, SIGKILL, &err), SP_OK, &err);
  int64_t start = host_now_ms();
  REQUIRE_CODE(sp_wait(p, host_slow(20000), NULL, &err), SP_OK, &err);
  sp_result *r = NULL;
  REQUIRE_CODE(sp_communicate(p, NULL, 0, host_slow(20000), &r, &err), SP_OK, &err);
  require_between(start, 99, 15000);
  REQUIRE_INT(sp_result_pipes_held(r), 1);
  sp_result_free(r);
  sp_process_free(p);
  REQUIRE(kill(pid, SIGKILL) == 0);
}

HOST_TEST(daemon_does_not_hold_run) {
  sp_error err = SP_ERROR_INIT;
  sp_result *r = NULL;
  sp_options opt = {.size = sizeof opt, .flags = SP_CAPTURE, .timeout_ms = 500};
  int64_t start = host_now_ms();
  REQUIRE_CODE(sp_run(SHELL(daemon_line), &opt, &r, &err), SP_ETIMEDOUT, &err);
  require_between(start, 499, 700);
  REQUIRE_INT(sp_result_pipes_held(r), 1);
  int pid = atoi(sp_result_output(r, SP_OUT, NULL));
  REQUIRE(pid > 1 && kill(pid, SIGKILL) == 0);
  sp_result_free(r);
  /* A daemon without pipes holds nobody. */
  opt.timeout_ms = 0;
  REQUIRE_CODE(sp_run(SHELL("setsid --fork sh -c 'echo $$; exec sleep 1000 > /dev/null 2>&1'"), &opt, &r, &err), SP_OK,
               &err);
  REQUIRE_INT(sp_result_pipes_held(r), 0);
  pid = atoi(sp_result_output(r, SP_OUT, NULL));
  REQUIRE(pid > 1 && kill(pid, SIGKILL) == 0);
  sp_result_free(r);
}

HOST_TEST(pipeline_ends_at_its_limit) {
  sp_error err = SP_ERROR_INIT;
  sp_process *p = NULL;
  sp_result *r = NULL;
  sp_command stages[] = {{SHELL("sleep 1000 & echo hi"), NULL}, {ARGV("cat"), NULL}};
  REQUIRE_CODE(sp_pipeline(stages, 2, &SP_OPTIONS(.flags = SP_NEW_GROUP, .std_out.kind = SP_PIPE), &p, &err), SP_OK,
               &err);
  int64_t start = host_now_ms();
  REQUIRE_CODE(sp_communicate(p, NULL, 0, 300, &r, &err), SP_ETIMEDOUT, &err);
  require_between(start, 299, 5000);
  REQUIRE_OUTPUT(r, SP_OUT, "hi\n");
  sp_result_free(r);
  REQUIRE_CODE(sp_kill_group(p, SIGKILL, &err), SP_OK, &err);
  REQUIRE_CODE(sp_wait(p, SP_FOREVER, NULL, &err), SP_OK, &err);
  sp_process_free(p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(run_ends_at_its_limit),
      cmocka_unit_test(run_ends_at_its_limit_without_a_group),
      cmocka_unit_test(run_ends_at_its_limit_with_both_alive),
      cmocka_unit_test(run_ends_when_drained),
      cmocka_unit_test(communicate_ends_at_its_limit_and_goes_on),
      cmocka_unit_test(drain_loses_nothing_that_was_written),
      cmocka_unit_test(daemon_holds_the_pipes),
      cmocka_unit_test(daemon_does_not_hold_run),
      cmocka_unit_test(pipeline_ends_at_its_limit),
  };
  return cmocka_run_group_tests_name("hang_held_pipes", tests, NULL, NULL);
}
