/* SPDX-License-Identifier: MIT
 *
 * Blocking calls that a signal interrupts: left, taken up again with what remains of their limit, and given up.
 */
#define _GNU_SOURCE
#include "call.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

#include <cmocka.h>

#include "functions.h"

static volatile sig_atomic_t signals_left; /* the handler's exception comes with the last of them; -1: never */
static int interruptions;

static void count_down(int sig) {
  (void)sig;
  if (signals_left > 0) signals_left--;
}

/* As a language does it: SIGALRM is its signal, and its handler raises when the count is down. */
void spb_block(spb_call *call) {
  for (;;) {
    spb_perform(call);
    if (call->err->code != SP_EINTR) return;
    interruptions++;
    if (signals_left == 0) return;
  }
}

static int set_up(void **state) {
  (void)state;
  const struct sigaction action = {.sa_handler = count_down};
  const struct itimerval often = {{0, 5000}, {0, 5000}};
  signals_left = -1;
  interruptions = 0;
  return sigaction(SIGALRM, &action, NULL) | setitimer(ITIMER_REAL, &often, NULL);
}

static int tear_down(void **state) {
  (void)state;
  const struct itimerval never = {{0, 0}, {0, 0}};
  setitimer(ITIMER_REAL, &never, NULL);
  /* Nothing is left behind. */
  return waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD ? 0 : -1;
}

static spb_spec *shell(const char *script) {
  sp_error err = SP_ERROR_INIT;
  spb_spec *spec = spb_spec_new();
  assert_int_equal(spb_add_argument(spec, script, strlen(script), &err), SP_OK);
  assert_int_equal(spb_set_integer(spec, SPB_SHELL, 1, &err), SP_OK);
  assert_int_equal(spb_set_integer(spec, SPB_CAPTURE, 1, &err), SP_OK);
  assert_int_equal(spb_set_integer(spec, SPB_RETURN_ON_SIGNAL, 1, &err), SP_OK);
  return spec;
}

static int64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void expect_output(sp_result *result, const char *text) {
  size_t len = 0;
  const char *output = sp_result_output(result, SP_OUT, &len);
  assert_non_null(output);
  assert_string_equal(output, text);
}

/* The child counts the signals' time, not the test: it ends when it has seen its host interrupted often enough. */
static void a_run_goes_on_after_handlers(void **state) {
  (void)state;
  sp_error err = SP_ERROR_INIT;
  spb_spec *spec = shell("cat; sleep 0.2; echo end; exit 7");
  static char input[300000];
  memset(input, 'i', sizeof input);
  spb_set_input(spec, input, sizeof input);
  sp_result *result = spb_run(&err, spec);
  assert_int_equal(err.code, SP_OK);
  assert_true(interruptions > 0);
  assert_int_equal(sp_result_returncode(result), 7);
  size_t len = 0;
  sp_result_output(result, SP_OUT, &len);
  assert_int_equal(len, sizeof input + 4);
  sp_result_free(result);
  spb_spec_free(spec);
}

/* With a handler every 5 ms, a limit that began anew each time would never pass. */
static void a_limit_counts_from_the_beginning(void **state) {
  (void)state;
  sp_error err = SP_ERROR_INIT;
  spb_spec *spec = shell("echo begun; exec sleep 1000");
  assert_int_equal(spb_set_integer(spec, SPB_TIMEOUT_MS, 150, &err), SP_OK);
  const int64_t begin = now_ms();
  sp_result *result = spb_run(&err, spec);
  assert_int_equal(err.code, SP_ETIMEDOUT);
  assert_true(now_ms() - begin >= 150);
  assert_true(interruptions > 0);
  assert_int_equal(sp_result_returncode(result), -SIGKILL);
  expect_output(result, "begun\n");
  sp_result_free(result);
  spb_spec_free(spec);
}

/* A limit of nothing is a limit. */
static void no_time_at_all_is_a_limit(void **state) {
  (void)state;
  sp_error err = SP_ERROR_INIT;
  spb_spec *spec = shell("exec sleep 1000");
  assert_int_equal(spb_set_integer(spec, SPB_TIMEOUT_MS, 0, &err), SP_OK);
  sp_result *result = spb_run(&err, spec);
  assert_int_equal(err.code, SP_ETIMEDOUT);
  assert_int_equal(sp_result_returncode(result), -SIGKILL);
  sp_result_free(result);
  spb_spec_free(spec);
}

static void grace_is_given_at_the_limit(void **state) {
  (void)state;
  sp_error err = SP_ERROR_INIT;
  spb_spec *spec = shell("trap 'echo bye; exit 3' TERM; echo ready; while :; do sleep 1000 & wait; done");
  assert_int_equal(spb_set_integer(spec, SPB_NEW_GROUP, 1, &err), SP_OK);
  assert_int_equal(spb_set_integer(spec, SPB_KILL_GROUP_ON_TIMEOUT, 1, &err), SP_OK);
  assert_int_equal(spb_set_integer(spec, SPB_TIMEOUT_MS, 1000, &err), SP_OK);
  assert_int_equal(spb_set_integer(spec, SPB_KILL_GRACE_MS, 30000, &err), SP_OK);
  sp_result *result = spb_run(&err, spec);
  assert_int_equal(err.code, SP_ETIMEDOUT);
  assert_int_equal(sp_result_returncode(result), 3);
  expect_output(result, "ready\nbye\n");
  sp_result_free(result);
  spb_spec_free(spec);
}

static void a_handler_that_raises_ends_the_run(void **state) {
  (void)state;
  sp_error err = SP_ERROR_INIT;
  spb_spec *spec = shell("exec sleep 1000");
  signals_left = 5;
  assert_null(spb_run(&err, spec));
  assert_int_equal(err.code, SP_EINTR);
  spb_spec_free(spec);
}

static void other_calls_can_be_made_again(void **state) {
  (void)state;
  sp_error err = SP_ERROR_INIT;
  spb_spec *spec = shell("exec sleep 1000");
  sp_process *process = spb_start(&err, spec);
  assert_int_equal(err.code, SP_OK);
  signals_left = 3;
  spb_wait(&err, process, SP_FOREVER);
  assert_int_equal(err.code, SP_EINTR);
  signals_left = -1;
  assert_int_equal(spb_poll(&err, process), SP_NO_RETURNCODE);
  err = (sp_error)SP_ERROR_INIT;
  const int64_t begin = now_ms();
  spb_wait(&err, process, 100);
  assert_int_equal(err.code, SP_ETIMEDOUT);
  assert_true(now_ms() - begin >= 100);
  assert_int_equal(spb_stop(&err, process, 0), -SIGKILL);
  assert_int_equal(err.code, SP_OK);
  sp_process_free(process);
  spb_spec_free(spec);
}

/* A writer that is interrupted all the time writes every byte once. */
static void writing_goes_on_where_it_was(void **state) {
  (void)state;
  sp_error err = SP_ERROR_INIT;
  spb_spec *spec = shell("sleep 0.1; md5sum");
  assert_int_equal(spb_set_stdio(spec, SPB_STDIN, "pipe", 4, &err), SP_OK);
  sp_process *process = spb_start(&err, spec);
  assert_int_equal(err.code, SP_OK);
  enum { SIZE = 3000000 };
  char *input = malloc(SIZE);
  assert_non_null(input);
  memset(input, 'w', SIZE);
  assert_int_equal(spb_write(&err, process, input, SIZE, SP_FOREVER), SIZE);
  assert_int_equal(err.code, SP_OK);
  assert_true(interruptions > 0);
  free(input);
  spb_close_stream(&err, process, SP_IN);
  sp_result *result = spb_communicate(&err, process, NULL, 0, SP_FOREVER);
  assert_int_equal(err.code, SP_OK);
  expect_output(result, "b7fbbcf48e177a296c325007fff36d50  -\n");
  sp_result_free(result);
  sp_process_free(process);
  spb_spec_free(spec);
}

/* What only sp_run() takes is refused in its words, before anything starts. */
static void bad_limits_are_refused(void **state) {
  (void)state;
  static const struct {
    int option;
    int64_t value;
    const char *name;
  } bad[] = {{SPB_TIMEOUT_MS, -5, "timeout_ms"},
             {SPB_KILL_GRACE_MS, -5, "kill_grace_ms"},
             {SPB_KILL_GROUP_ON_TIMEOUT, 1, "SP_KILL_GROUP_ON_TIMEOUT"}};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    sp_error err = SP_ERROR_INIT;
    spb_spec *spec = shell("exit 0");
    assert_int_equal(spb_set_integer(spec, bad[i].option, bad[i].value, &err), SP_OK);
    assert_null(spb_run(&err, spec));
    assert_int_equal(err.code, SP_EINVAL);
    assert_non_null(strstr(err.message, bad[i].name));
    spb_spec_free(spec);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_run_goes_on_after_handlers, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_limit_counts_from_the_beginning, set_up, tear_down),
      cmocka_unit_test_setup_teardown(no_time_at_all_is_a_limit, set_up, tear_down),
      cmocka_unit_test_setup_teardown(grace_is_given_at_the_limit, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_handler_that_raises_ends_the_run, set_up, tear_down),
      cmocka_unit_test_setup_teardown(other_calls_can_be_made_again, set_up, tear_down),
      cmocka_unit_test_setup_teardown(writing_goes_on_where_it_was, set_up, tear_down),
      cmocka_unit_test_setup_teardown(bad_limits_are_refused, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
