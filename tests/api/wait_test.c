/* SPDX-License-Identifier: MIT
 *
 * The end of a child: its return code, in time and in every thread.
 */
#include "fixture.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

static int64_t code_of(const char *const *argv, const sp_options *opt, int *ret_core) {
  sp_error err = SP_ERROR_INIT;
  sp_result *result = NULL;
  check_ok(sp_run(argv, opt, &result, &err), err);
  int64_t code = sp_result_returncode(result);
  if (ret_core != NULL) *ret_core = sp_result_core_dumped(result);
  sp_result_free(result);
  return code;
}

static void every_exit_code(void **state) {
  (void)state;
  for (int code = 0; code < 256; code++)
    assert_int_equal(code_of(CHILD("exit_code", kept_text("%d", code)), NULL, NULL), code);
}

static void every_deadly_signal(void **state) {
  (void)state;
  static const int harmless[] = {SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT, SIGCHLD, SIGURG, SIGWINCH};
  for (int sig = 1; sig <= 64; sig++) {
    bool deadly = sig < 32 || sig >= SIGRTMIN;
    for (size_t i = 0; i < sizeof harmless / sizeof harmless[0]; i++) deadly = deadly && sig != harmless[i];
    int core = 1;
    if (deadly) assert_int_equal(code_of(CHILD("signal_self", kept_text("%d", sig)), NULL, &core), -sig);
    assert_int_equal(core, !deadly); /* the child has set the limit of core dumps to 0 */
  }
}

static void core_dumps_are_told(void **state) {
  (void)state;
  int core = 0;
  const sp_options options = {.size = sizeof options, .cwd = fixture_directory()};
  int64_t code = code_of(CHILD("signal_self", "6", "core"), &options, &core);
  if (code == 251) skip(); /* this user may not raise the limit */
  assert_int_equal(code, -SIGABRT);
  assert_int_equal(core, 1);
  assert_int_equal(code_of(CHILD("signal_self", "15", "core"), &options, &core), -SIGTERM);
  assert_int_equal(core, 0);
}

static void limits_pass_and_the_child_lives(void **state) {
  (void)state;
  const sp_options options = {.size = sizeof options, .std_in.kind = SP_PIPE};
  sp_process *p = start(CHILD("copy"), &options);
  sp_error err = SP_ERROR_INIT;
  int64_t code = 77, begin = now_ms();
  check_fails(sp_wait(p, 0, &code, &err), SP_ETIMEDOUT, err);
  assert_int_equal(err.step, SP_AT_WAIT);
  check_fails(sp_wait(p, SHORT_MS, &code, &err), SP_ETIMEDOUT, err);
  assert_true(now_ms() - begin >= SHORT_MS);
  assert_int_equal(sp_poll(p, &code), 0);
  assert_int_equal(code, 77);
  assert_int_equal(sp_close_stream(p, SP_IN), SP_OK);
  check_ok(sp_wait(p, SP_TIMEOUT_MAX, &code, &err), err);
  assert_int_equal(code, 0);
  sp_process_free(p);
}

static void repeating_changes_nothing(void **state) {
  (void)state;
  sp_error err = SP_ERROR_INIT;
  int64_t code = SP_NO_RETURNCODE;
  sp_process *p = start(CHILD("exit_code", "17"), NULL);
  await_end(p);
  assert_int_equal(sp_poll(p, &code), 1);
  assert_int_equal(code, 17);
  assert_int_equal(sp_poll(p, NULL), 1);
  for (int i = 0; i < 3; i++) {
    code = SP_NO_RETURNCODE;
    check_ok(sp_wait(p, i == 0 ? 0 : SP_FOREVER, &code, &err), err);
    assert_int_equal(code, 17);
    assert_int_equal(sp_poll(p, &code), 1);
    assert_int_equal(code, 17);
  }
  check_ok(sp_wait(p, 0, NULL, NULL), err);
  sp_process_free(p);
}

static void being_stopped_is_not_the_end(void **state) {
  (void)state;
  siginfo_t info;
  sp_error err = SP_ERROR_INIT;
  sp_process *p = start(CHILD("stop_self", "5"), NULL);
  assert_int_equal(waitid(P_PID, (id_t)sp_pid(p), &info, WSTOPPED | WNOWAIT), 0);
  assert_int_equal(sp_poll(p, NULL), 0);
  check_fails(sp_wait(p, SHORT_MS, NULL, &err), SP_ETIMEDOUT, err);
  check_ok(sp_send_signal(p, SIGCONT, &err), err);
  assert_int_equal(wait_for(p), 5);
  sp_process_free(p);
}

static void the_exit_handle_becomes_readable(void **state) {
  (void)state;
  sp_error err = SP_ERROR_INIT;
  const sp_options options = {.size = sizeof options, .std_in.kind = SP_PIPE};
  sp_process *p = start(CHILD("copy"), &options);
  int handle = (int)sp_exit_handle(p);
  if (handle == -1) { /* a kernel without pidfds */
    check_ok(sp_stop(p, 0, NULL, &err), err);
    sp_process_free(p);
    skip();
  }
  assert_true(handle > 2);
  assert_false(readable(handle, SHORT_MS));
  assert_int_equal(sp_close_stream(p, SP_IN), SP_OK);
  assert_true(readable(handle, LONG_MS));
  assert_int_equal(sp_poll(p, NULL), 1);
  assert_true(readable(handle, 0)); /* still so when the child has been reaped */
  assert_int_equal(sp_exit_handle(p), handle);
  sp_process_free(p);
}

typedef struct {
  sp_process *process;
  pthread_barrier_t *together;
  int64_t code;
} wait_task;

static void *wait_in_thread(void *arg) {
  wait_task *task = arg;
  pthread_barrier_wait(task->together);
  if (sp_wait(task->process, LONG_MS, &task->code, NULL) != SP_OK) task->code = SP_NO_RETURNCODE;
  return NULL;
}

static void several_threads_wait_at_once(void **state) {
  (void)state;
  enum { THREADS = 4 };
  for (int round = 0; round < 10; round++) {
    const sp_options options = {.size = sizeof options, .std_in.kind = SP_PIPE};
    sp_process *p = start(CHILD("copy"), &options);
    pthread_barrier_t together;
    pthread_t threads[THREADS];
    wait_task tasks[THREADS];
    pthread_barrier_init(&together, NULL, THREADS + 1);
    for (int i = 0; i < THREADS; i++) {
      tasks[i] = (wait_task){p, &together, 77};
      assert_int_equal(pthread_create(&threads[i], NULL, wait_in_thread, &tasks[i]), 0);
    }
    pthread_barrier_wait(&together);
    int polled = sp_poll(p, NULL);
    assert_int_equal(polled, 0);
    assert_int_equal(sp_send_signal(p, SIGUSR1, NULL), SP_OK);
    for (int i = 0; i < THREADS; i++) {
      pthread_join(threads[i], NULL);
      assert_int_equal(tasks[i].code, -SIGUSR1);
    }
    pthread_barrier_destroy(&together);
    sp_process_free(p);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      fixture_test(every_exit_code),
      fixture_test(every_deadly_signal),
      fixture_test(core_dumps_are_told),
      fixture_test(limits_pass_and_the_child_lives),
      fixture_test(repeating_changes_nothing),
      fixture_test(being_stopped_is_not_the_end),
      fixture_test(the_exit_handle_becomes_readable),
      fixture_test(several_threads_wait_at_once),
  };
  return run_fixture_tests(tests);
}
