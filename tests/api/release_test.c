/* SPDX-License-Identifier: MIT
 *
 * Reaping: when somebody else was quicker, whose children are reaped, and what becomes of those that are let go.
 */
#include "fixture.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

/* -- when somebody else reaps -------------------------------------------------------------------------------------------- */

/* Whether the kernel remembers the status of a child for its pidfd (since 6.15). */
static bool kernel_remembers(void) {
  struct utsname name;
  int major = 0, minor = 0;
  uname(&name);
  check(sscanf(name.release, "%d.%d", &major, &minor) == 2);
  return major > 6 || (major == 6 && minor >= 15);
}

/* The true code, or the plain statement that it is lost; the same answer every time, and never an invented 0. */
static void check_code_or_lost(sp_process *p, int64_t expected) {
  int64_t code = 77;
  sp_error err = SP_ERROR_INIT;
  int rc = sp_wait(p, LONG_MS, &code, &err);
  if (kernel_remembers()) check(rc == SP_OK);
  if (rc == SP_OK) {
    check(code == expected && sp_poll(p, &code) == 1 && code == expected);
    return;
  }
  check(rc == SP_ELOST && err.code == SP_ELOST && code == 77);
  check(sp_poll(p, &code) == SP_ELOST && sp_wait(p, 0, &code, NULL) == SP_ELOST && code == 77);
}

static void a_status_that_was_stolen(void **state) {
  (void)state;
  int status = 0;
  sp_process *p = start(CHILD("exit_code", "7"), NULL);
  assert_int_equal(waitpid(-1, &status, 0), sp_pid(p));
  assert_int_equal(WEXITSTATUS(status), 7);
  check_code_or_lost(p, 7);
  assert_int_equal(sp_kill(p, NULL), SP_OK);
  assert_int_equal(sp_stop(p, 0, NULL, NULL), sp_wait(p, 0, NULL, NULL));
  sp_process_free(p);
  p = start(CHILD("signal_self", "10"), NULL);
  assert_int_equal(waitpid((pid_t)sp_pid(p), &status, 0), sp_pid(p));
  check_code_or_lost(p, -SIGUSR1);
  sp_process_free(p);
}

static void output_survives_a_stolen_status(void **state) {
  (void)state;
  sp_error err = SP_ERROR_INIT;
  sp_result *result = NULL;
  size_t len = 0;
  const sp_options options = {.size = sizeof options, .flags = SP_CAPTURE};
  sp_process *p = start(CHILD("pattern", "5000"), &options);
  assert_int_equal(waitpid((pid_t)sp_pid(p), NULL, 0), sp_pid(p));
  int rc = sp_communicate(p, NULL, 0, LONG_MS, &result, &err);
  assert_int_equal(rc, kernel_remembers() ? SP_OK : SP_ELOST);
  assert_int_equal(sp_result_returncode(result), kernel_remembers() ? 0 : SP_NO_RETURNCODE);
  check_pattern(sp_result_output(result, SP_OUT, &len), len, SP_OUT);
  assert_int_equal(len, 5000);
  sp_result_free(result);
  sp_process_free(p);
}

static void wait_without_zombies(void *no_wait_flag) {
  struct sigaction action = {.sa_handler = no_wait_flag ? SIG_DFL : SIG_IGN,
                             .sa_flags = no_wait_flag ? SA_NOCLDWAIT : 0};
  check(sigaction(SIGCHLD, &action, NULL) == 0);
  sp_process *p = start(CHILD("exit_code", "7"), NULL);
  check_code_or_lost(p, 7);
  sp_process_free(p);
  sp_error err = SP_ERROR_INIT;
  int rc = sp_run(CHILD("exit_code", "0"), NULL, NULL, &err);
  check(rc == (kernel_remembers() ? SP_OK : SP_ELOST));
}

static void a_host_that_ignores_its_children(void **state) {
  (void)state;
  bool yes = true;
  in_forked_host(wait_without_zombies, NULL);
  in_forked_host(wait_without_zombies, &yes);
}

/* Only the library's own children are reaped, by their own numbers. */
static void children_of_the_host_are_left_alone(void **state) {
  (void)state;
  int status = 0;
  sp_error err = SP_ERROR_INIT;
  const sp_options capture = {.size = sizeof capture, .flags = SP_CAPTURE};
  pid_t own = fork();
  if (own == 0) _exit(5);
  siginfo_t info;
  assert_int_equal(waitid(P_PID, (id_t)own, &info, WEXITED | WNOWAIT), 0); /* a zombie from here on */
  check_ok(sp_run(CHILD("exit_code", "0"), &capture, NULL, &err), err);
  sp_process *p = start(CHILD("exit_code", "1"), NULL);
  assert_int_equal(wait_for(p), 1);
  sp_process_free(p);
  sp_release_caches();
  assert_int_equal(waitpid(own, &status, 0), own);
  assert_int_equal(WEXITSTATUS(status), 5);
}

/* -- letting go ---------------------------------------------------------------------------------------------------------- */

static void a_forgotten_child_is_reaped_later(void **state) {
  (void)state;
  siginfo_t info;
  const sp_options options = {.size = sizeof options, .std_in.kind = SP_PIPE};
  sp_process *p = start(CHILD("copy"), &options);
  id_t pid = (id_t)sp_pid(p);
  sp_process_free(p); /* this closes its input, so it ends */
  assert_int_equal(waitid(P_PID, pid, &info, WEXITED | WNOWAIT), 0);
  p = start(CHILD("exit_code", "0"), NULL); /* any later call sweeps */
  assert_int_equal(wait_for(p), 0);
  sp_process_free(p);
  assert_int_equal(waitid(P_PID, pid, &info, WEXITED | WNOHANG | WNOWAIT), -1);
  assert_int_equal(errno, ECHILD);
}

static void a_freed_child_is_not_killed(void **state) {
  (void)state;
  pipe_pair said = open_pipe(), gate = open_pipe();
  const int32_t passed[] = {gate.read_end};
  const sp_options options = {
      .size = sizeof options, .std_out = {SP_HANDLE, 0, said.write_end, NULL}, .pass_fds = passed, .pass_fds_len = 1};
  sp_process *p = start(CHILD("gate", kept_text("%d", gate.read_end), "/bin/echo", "still here"), &options);
  id_t pid = (id_t)sp_pid(p);
  siginfo_t info;
  sp_process_free(p);
  close_fd(&said.write_end);
  close_fd(&gate.write_end);
  assert_string_equal(drain(said.read_end, NULL), "still here\n");
  assert_int_equal(waitid(P_PID, pid, &info, WEXITED | WNOWAIT), 0);
  close_fd(&said.read_end);
  close_fd(&gate.read_end);
}

static void a_child_may_be_killed_by_freeing(void **state) {
  (void)state;
  const sp_options options = {.size = sizeof options, .flags = SP_KILL_ON_FREE, .std_out.kind = SP_PIPE};
  sp_process *p = start(CHILD("stubborn"), &options);
  expect_line(p, "ready\n");
  id_t pid = (id_t)sp_pid(p);
  siginfo_t info;
  sp_process_free(p);
  if (waitid(P_PID, pid, &info, WEXITED | WNOWAIT) == 0) /* it was not gone within the 100 ms that freeing allows it */
    assert_int_equal(info.si_status, SIGKILL);
  sp_release_caches();
  assert_false(has_children());
}

int main(void) {
  const struct CMUnitTest tests[] = {
      fixture_test(a_status_that_was_stolen),          fixture_test(output_survives_a_stolen_status),
      fixture_test(a_host_that_ignores_its_children),  fixture_test(children_of_the_host_are_left_alone),
      fixture_test(a_forgotten_child_is_reaped_later), fixture_test(a_freed_child_is_not_killed),
      fixture_test(a_child_may_be_killed_by_freeing),
  };
  return run_fixture_tests(tests);
}
