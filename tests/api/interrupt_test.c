/* SPDX-License-Identifier: MIT
 *
 * Blocking calls that end from inside the host's own thread: by a signal, or by the output callback.
 */
#include "blocking.h"

#include <poll.h>
#include <signal.h>
#include <time.h>

/* -- inside a running sp_run() ------------------------------------------------------------------------------------------- */

static sp_cancel *handlers_token;
static void trigger_in_handler(int sig) {
  (void)sig;
  sp_cancel_trigger(handlers_token);
}

static int signal_myself(void *arg, int stream, const void *data, size_t len) {
  (void)stream, (void)data, (void)len;
  raise(*(int *)arg);
  return 0;
}

static void a_signal_handler_may_trigger(void **state) {
  (void)state;
  int sig = SIGUSR1;
  handlers_token = new_token();
  assert_true(signal(sig, trigger_in_handler) != SIG_ERR);
  const sp_options options = {.size = sizeof options,
                              .cancel = handlers_token,
                              .flags = SP_CAPTURE,
                              .on_output = signal_myself,
                              .on_output_arg = &sig};
  sp_error err = SP_ERROR_INIT;
  sp_result *result = NULL;
  check_fails(sp_run(CHILD("stubborn"), &options, &result, &err), SP_ECANCELED, err);
  assert_string_equal(sp_result_output(result, SP_OUT, NULL), "ready\n");
  assert_int_equal(sp_result_returncode(result), -SIGKILL);
  assert_false(has_children());
  sp_result_free(result);
  signal(sig, SIG_DFL);
  sp_cancel_free(handlers_token);
}

static int stop_at_output(void *arg, int stream, const void *data, size_t len) {
  int *left = arg;
  (void)stream, (void)data, (void)len;
  return --*left <= 0;
}

static void the_callback_may_stop_a_run(void **state) {
  (void)state;
  int left = 1;
  const sp_options options = {
      .size = sizeof options, .flags = SP_CAPTURE, .on_output = stop_at_output, .on_output_arg = &left};
  sp_error err = SP_ERROR_INIT;
  sp_result *result = NULL;
  check_fails(sp_run(CHILD("stubborn"), &options, &result, &err), SP_ECANCELED, err);
  assert_string_equal(sp_result_output(result, SP_OUT, NULL), "ready\n");
  assert_int_equal(sp_result_returncode(result), -SIGKILL);
  assert_false(has_children());
  sp_result_free(result);
}

/* Not even for what the child says while it is given the time to go. */
static void a_callback_that_stopped_is_not_called_again(void **state) {
  (void)state;
  int left = 1;
  const sp_options options = {.size = sizeof options,
                              .flags = SP_CAPTURE,
                              .kill_grace_ms = LONG_MS,
                              .on_output = stop_at_output,
                              .on_output_arg = &left};
  sp_error err = SP_ERROR_INIT;
  sp_result *result = NULL;
  check_fails(sp_run(CHILD("obedient"), &options, &result, &err), SP_ECANCELED, err);
  expect_output(result, SP_OUT, "ready\nbye\n");
  assert_int_equal(sp_result_returncode(result), 42);
  assert_int_equal(left, 0);
  sp_result_free(result);
}

static void the_callback_may_interrupt_communicating(void **state) {
  (void)state;
  int left = 3;
  const sp_options options = {
      .size = sizeof options, .flags = SP_CAPTURE, .on_output = stop_at_output, .on_output_arg = &left};
  sp_process *p = start(CHILD("pattern", "1000000", "1000000"), &options);
  sp_error err = SP_ERROR_INIT;
  sp_result *result = NULL;
  check_fails(sp_communicate(p, NULL, 0, LONG_MS, &result, &err), SP_ECANCELED, err);
  assert_int_equal(sp_result_returncode(result), SP_NO_RETURNCODE);
  sp_result_free(result);
  left = 1 << 30;
  check_ok(sp_communicate(p, NULL, 0, LONG_MS, &result, &err), err);
  assert_true(left < 1 << 30); /* it has been called again */
  for (int stream = SP_OUT; stream <= SP_ERR; stream++) {
    size_t len = 0;
    check_pattern(sp_result_output(result, stream, &len), 1000000, stream);
    assert_int_equal(len, 1000000);
  }
  sp_result_free(result);
  sp_process_free(p);
}

/* -- signals ------------------------------------------------------------------------------------------------------------- */

static volatile sig_atomic_t ticks;
static void count_tick(int sig) {
  (void)sig;
  ticks++;
}

/* A signal every 20 ms, to this thread, restarting no call by itself (flags 0) or every call (SA_RESTART). */
static timer_t start_ticking(int flags) {
  struct sigaction action = {.sa_handler = count_tick, .sa_flags = flags};
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR2};
  const struct itimerspec every = {{0, 20000000}, {0, 20000000}};
  timer_t timer = NULL;
  check(sigaction(SIGUSR2, &action, NULL) == 0 && timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
  check(timer_settime(timer, 0, &every, NULL) == 0);
  ticks = 0;
  return timer;
}

static void stop_ticking(timer_t timer) {
  check(timer_delete(timer) == 0);
  signal(SIGUSR2, SIG_DFL);
}

static void signals_end_a_call_that_asks_for_it(void **state) {
  (void)state;
  for (int i = 0; i < BLOCKING_CALLS; i++) {
    sp_error err = SP_ERROR_INIT;
    sp_process *p = start_stubborn(NULL, SP_RETURN_ON_SIGNAL);
    timer_t timer = start_ticking(i % 2 ? SA_RESTART : 0);
    check_fails(blocking_calls[i](p, &err), SP_EINTR, err);
    assert_true(ticks > 0);
    stop_ticking(timer);
    assert_int_equal(sp_poll(p, NULL), 0);
    end_stubborn(p);
  }
  const sp_options options = {.size = sizeof options, .flags = SP_RETURN_ON_SIGNAL | SP_CAPTURE};
  sp_error err = SP_ERROR_INIT;
  sp_result *result = NULL;
  timer_t timer = start_ticking(0);
  check_fails(sp_run(CHILD("stubborn"), &options, &result, &err), SP_EINTR, err);
  stop_ticking(timer);
  assert_int_equal(sp_result_returncode(result), -SIGKILL);
  assert_false(has_children());
  sp_result_free(result);
}

/* It does not matter where in the call the signal comes. */
static void a_signal_during_the_callback(void **state) {
  (void)state;
  int sig = SIGUSR2;
  ticks = 0;
  assert_true(signal(sig, count_tick) != SIG_ERR);
  const sp_options options = {.size = sizeof options,
                              .flags = SP_RETURN_ON_SIGNAL | SP_CAPTURE,
                              .on_output = signal_myself,
                              .on_output_arg = &sig};
  sp_error err = SP_ERROR_INIT;
  sp_result *result = NULL;
  check_fails(sp_run(CHILD("stubborn"), &options, &result, &err), SP_EINTR, err);
  expect_output(result, SP_OUT, "ready\n");
  assert_int_equal(ticks, 1);
  sp_result_free(result);
  signal(sig, SIG_DFL);
}

/* Returns when there is more to read: the library never has to wait. */
static int await_more(void *arg, int stream, const void *data, size_t len) {
  (void)data, (void)len;
  sp_process *const *p = arg;
  struct pollfd more = {(int)sp_stream_handle(*p, stream), POLLIN, 0};
  return poll(&more, 1, -1) != 1;
}

/* A child that always has something to say leaves no wait in which a signal could come by itself. */
static void a_signal_comes_through_a_stream_without_pause(void **state) {
  (void)state;
  const char *const yes[] = {"yes", NULL}, *const cat[] = {"cat", NULL};
  const sp_command stages[] = {{yes, NULL}, {cat, NULL}};
  for (size_t n = 1; n <= 2; n++) {
    sp_process *p = NULL;
    const sp_options options = {.size = sizeof options,
                                .flags = SP_RETURN_ON_SIGNAL | SP_CAPTURE,
                                .max_output = 1,
                                .on_output = await_more,
                                .on_output_arg = &p};
    sp_error err = SP_ERROR_INIT;
    check_ok(n == 1 ? sp_popen(yes, &options, &p, &err) : sp_pipeline(stages, n, &options, &p, &err), err);
    timer_t timer = start_ticking(SA_RESTART);
    check_fails(sp_communicate(p, NULL, 0, LONG_MS, NULL, &err), SP_EINTR, err);
    stop_ticking(timer);
    assert_true(ticks > 0);
    check_ok(sp_stop(p, 0, NULL, &err), err);
    sp_process_free(p);
  }
}

static void signals_disturb_nothing_otherwise(void **state) {
  (void)state;
  sp_process *p = start_stubborn(NULL, 0);
  sp_error err = SP_ERROR_INIT;
  char byte;
  timer_t timer = start_ticking(0);
  int64_t begin = now_ms();
  check_fails(sp_wait(p, 100, NULL, &err), SP_ETIMEDOUT, err);
  check_fails(sp_read(p, SP_OUT, &byte, 1, 100, &err), SP_ETIMEDOUT, err);
  check_fails(sp_communicate(p, NULL, 0, 100, NULL, &err), SP_ETIMEDOUT, err);
  assert_true(now_ms() - begin >= 300 && ticks >= 3);
  int64_t code = 0;
  check_ok(sp_stop(p, 100, &code, &err), err);
  assert_int_equal(code, -SIGKILL);
  stop_ticking(timer);
  sp_process_free(p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      fixture_test(a_signal_handler_may_trigger),
      fixture_test(the_callback_may_stop_a_run),
      fixture_test(a_callback_that_stopped_is_not_called_again),
      fixture_test(the_callback_may_interrupt_communicating),
      fixture_test(signals_end_a_call_that_asks_for_it),
      fixture_test(a_signal_during_the_callback),
      fixture_test(a_signal_comes_through_a_stream_without_pause),
      fixture_test(signals_disturb_nothing_otherwise),
  };
  return run_fixture_tests(tests);
}
