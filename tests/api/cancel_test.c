/* SPDX-License-Identifier: MIT
 *
 * Blocking calls that end from outside: by a cancel token, by sp_close(), by sp_close_stream().
 */
#include "blocking.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* -- threads that are woken ---------------------------------------------------------------------------------------------- */

typedef struct {
  sp_process *process;
  blocking_call call;
  int rc;
  sp_error err;
} blocked_task;

static void *block_in_thread(void *arg) {
  blocked_task *task = arg;
  task->rc = task->call(task->process, &task->err);
  return NULL;
}

/* Blocks in `call` on a thread of its own, wakes it after a while with `wake`, and expects `code`. */
static void expect_woken(sp_process *p, blocking_call call, void (*wake)(void *), void *arg, int code) {
  blocked_task task = {p, call, 77, SP_ERROR_INIT};
  pthread_t thread;
  struct timespec late;
  assert_int_equal(pthread_create(&thread, NULL, block_in_thread, &task), 0);
  clock_gettime(CLOCK_REALTIME, &late);
  late.tv_nsec += 5000000;
  late.tv_sec += late.tv_nsec / 1000000000;
  late.tv_nsec %= 1000000000;
  /* Whether it blocks by then or comes later, the call must end; it must not end by itself before. */
  if (pthread_timedjoin_np(thread, NULL, &late) == 0)
    fail_msg("returned %s by itself: %s", sp_code_name(task.rc), task.err.message);
  wake(arg);
  pthread_join(thread, NULL);
  assert_int_equal(task.rc, code);
  assert_int_equal(task.err.code, code);
}

static void trigger(void *cancel) { sp_cancel_trigger(cancel); }

static void a_token_wakes_every_call(void **state) {
  (void)state;
  for (int i = 0; i < CANCELABLE_CALLS; i++) {
    sp_cancel *cancel = new_token();
    sp_process *p = start_stubborn(cancel, 0);
    expect_woken(p, blocking_calls[i], trigger, cancel, SP_ECANCELED);
    sp_error err = SP_ERROR_INIT;
    check_fails(sp_wait(p, LONG_MS, NULL, &err), SP_ECANCELED, err); /* it stays triggered */
    assert_int_equal(sp_poll(p, NULL), 0);
    sp_cancel_reset(cancel);
    check_fails(sp_wait(p, 0, NULL, &err), SP_ETIMEDOUT, err);
    end_stubborn(p);
    sp_cancel_free(cancel);
  }
}

static void close_process(void *p) { check(sp_close(p) == SP_OK); }

static void closing_wakes_every_call(void **state) {
  (void)state;
  for (int i = 0; i < BLOCKING_CALLS; i++) {
    sp_process *p = start_stubborn(NULL, 0);
    pid_t pid = (pid_t)sp_pid(p);
    expect_woken(p, blocking_calls[i], close_process, p, SP_ECLOSED);
    sp_process_free(p);
    assert_int_equal(kill(pid, SIGKILL), 0); /* closing has left the child alone */
    siginfo_t info;
    assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
    assert_int_equal(info.si_status, SIGKILL);
    sp_release_caches();
  }
}

static void close_output(void *p) { check(sp_close_stream(p, SP_OUT) == SP_OK); }
static void close_input(void *p) { check(sp_close_stream(p, SP_IN) == SP_OK); }

static void closing_a_stream_wakes_its_user(void **state) {
  (void)state;
  sp_process *p = start_stubborn(NULL, 0);
  expect_woken(p, block_in_read_line, close_output, p, SP_ECLOSED);
  end_stubborn(p);
  p = start_stubborn(NULL, 0);
  expect_woken(p, block_in_read_for_ever, close_output, p, SP_ECLOSED);
  end_stubborn(p);
  p = start_stubborn(NULL, 0);
  expect_woken(p, block_in_write, close_input, p, SP_ECLOSED);
  end_stubborn(p);
}

static void one_token_for_many(void **state) {
  (void)state;
  sp_cancel *cancel = new_token();
  sp_process *p = start_stubborn(cancel, 0), *q = start_stubborn(cancel, 0), *other = start_stubborn(NULL, 0);
  expect_woken(p, block_in_wait, trigger, cancel, SP_ECANCELED);
  sp_error err = SP_ERROR_INIT;
  check_fails(sp_wait(q, LONG_MS, NULL, &err), SP_ECANCELED, err);
  check_fails(sp_wait(other, 0, NULL, &err), SP_ETIMEDOUT, err);
  sp_cancel_free(cancel); /* the processes keep theirs */
  check_fails(sp_wait(q, LONG_MS, NULL, &err), SP_ECANCELED, err);
  end_stubborn(p), end_stubborn(q), end_stubborn(other);
}

/* -- before the call ----------------------------------------------------------------------------------------------------- */

static void a_triggered_token_ends_each_call_at_once(void **state) {
  (void)state;
  sp_cancel *cancel = new_token();
  sp_process *p = start_stubborn(cancel, 0);
  sp_cancel_trigger(cancel);
  sp_cancel_trigger(cancel);
  for (int i = 0; i < CANCELABLE_CALLS; i++) {
    sp_error err = SP_ERROR_INIT;
    check_fails(blocking_calls[i](p, &err), SP_ECANCELED, err);
  }
  sp_cancel_reset(cancel);
  sp_cancel_reset(cancel);
  end_stubborn(p);
  sp_cancel_free(cancel);
}

/* To stop a child is what one does after a cancel. */
static void a_token_does_not_end_stopping(void **state) {
  (void)state;
  sp_cancel *cancel = new_token();
  sp_process *p = start_stubborn(cancel, 0);
  sp_error err = SP_ERROR_INIT;
  int64_t code = 0, begin = now_ms();
  sp_cancel_trigger(cancel);
  check_ok(sp_stop(p, SHORT_MS, &code, &err), err);
  assert_int_equal(code, -SIGKILL);
  assert_true(now_ms() - begin >= SHORT_MS);
  assert_false(has_children());
  sp_process_free(p);
  sp_cancel_free(cancel);
}

static void running_with_a_triggered_token(void **state) {
  (void)state;
  sp_cancel *cancel = new_token();
  sp_cancel_trigger(cancel);
  const sp_options options = {.size = sizeof options, .cancel = cancel, .flags = SP_CAPTURE};
  for (int i = 0; i < 2; i++) {
    sp_error err = SP_ERROR_INIT;
    sp_result *result = NULL;
    check_fails(sp_run(CHILD("stubborn"), &options, &result, &err), SP_ECANCELED, err);
    assert_non_null(result);
    assert_int_equal(sp_result_returncode(result), -SIGKILL);
    assert_false(has_children());
    sp_result_free(result);
  }
  sp_cancel_free(cancel);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      fixture_test(a_token_wakes_every_call),
      fixture_test(closing_wakes_every_call),
      fixture_test(closing_a_stream_wakes_its_user),
      fixture_test(one_token_for_many),
      fixture_test(a_triggered_token_ends_each_call_at_once),
      fixture_test(a_token_does_not_end_stopping),
      fixture_test(running_with_a_triggered_token),
  };
  return run_fixture_tests(tests);
}
