/* SPDX-License-Identifier: MIT
 *
 * sp_stop(): a child is asked to go, then made to go.
 */
#include "fixture.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

static sp_process *start_ready(const char *program) {
  const sp_options options = {.size = sizeof options, .std_out.kind = SP_PIPE};
  sp_process *p = start(CHILD(program), &options);
  expect_line(p, "ready\n");
  return p;
}

static int64_t stop(sp_process *p, int64_t grace_ms) {
  sp_error err = SP_ERROR_INIT;
  int64_t code = SP_NO_RETURNCODE;
  check_ok(sp_stop(p, grace_ms, &code, &err), err);
  check(!has_children());
  return code;
}

static void an_obedient_child_goes_by_itself(void **state) {
  (void)state;
  static const int64_t graces[] = {LONG_MS, SP_FOREVER, SP_TIMEOUT_MAX};
  for (int i = 0; i < 3; i++) {
    sp_process *p = start_ready("obedient");
    assert_int_equal(stop(p, graces[i]), 42);
    expect_line(p, "bye\n");
    sp_process_free(p);
  }
}

static void a_stubborn_child_is_killed_after_the_grace(void **state) {
  (void)state;
  sp_process *p = start_ready("stubborn");
  int64_t begin = now_ms();
  assert_int_equal(stop(p, SHORT_MS), -SIGKILL);
  assert_true(now_ms() - begin >= SHORT_MS);
  sp_process_free(p);
}

static void without_grace_it_is_killed_at_once(void **state) {
  (void)state;
  sp_process *p = start_ready("obedient");
  assert_int_equal(stop(p, 0), -SIGKILL);
  sp_process_free(p);
}

static void a_stopped_child_is_woken_to_obey(void **state) {
  (void)state;
  siginfo_t info;
  sp_process *p = start_ready("obedient");
  assert_int_equal(sp_send_signal(p, SIGSTOP, NULL), SP_OK);
  assert_int_equal(waitid(P_PID, (id_t)sp_pid(p), &info, WSTOPPED | WNOWAIT), 0);
  assert_int_equal(stop(p, LONG_MS), 42);
  sp_process_free(p);
}

static void one_that_ended_before_keeps_its_code(void **state) {
  (void)state;
  sp_process *p = start(CHILD("exit_code", "9"), NULL);
  await_end(p);
  assert_int_equal(stop(p, 0), 9);
  assert_int_equal(stop(p, SP_FOREVER), 9);
  assert_int_equal(wait_for(p), 9);
  assert_int_equal(sp_stop(p, 0, NULL, NULL), SP_OK);
  sp_process_free(p);
}

static void bad_graces_are_refused(void **state) {
  (void)state;
  static const int64_t bad[] = {-2, INT64_MIN, SP_TIMEOUT_MAX + 1, INT64_MAX};
  sp_process *p = start_ready("obedient");
  for (int i = 0; i < 4; i++) {
    sp_error err = SP_ERROR_INIT;
    int64_t code = 77;
    check_fails(sp_stop(p, bad[i], &code, &err), SP_EINVAL, err);
    assert_non_null(strstr(err.message, "grace_ms"));
    assert_int_equal(code, 77);
  }
  assert_int_equal(sp_poll(p, NULL), 0);
  assert_int_equal(stop(p, LONG_MS), 42);
  sp_process_free(p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      fixture_test(an_obedient_child_goes_by_itself),     fixture_test(a_stubborn_child_is_killed_after_the_grace),
      fixture_test(without_grace_it_is_killed_at_once),   fixture_test(a_stopped_child_is_woken_to_obey),
      fixture_test(one_that_ended_before_keeps_its_code), fixture_test(bad_graces_are_refused),
  };
  return run_fixture_tests(tests);
}
