/* SPDX-License-Identifier: MIT
 *
 * Signals: what the child starts with, and what it is sent.
 */
#include "fixture.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define BIT(sig) (INT64_C(1) << ((sig)-1))

static int64_t mask_of(const char *field, uint64_t flags) {
  const sp_options options = {.size = sizeof options, .flags = flags};
  return number_of(output_of(CHILD("signal_state"), &options), field, 16);
}

/* -- what the child starts with ------------------------------------------------------------------------------------------ */

static void ignore_many(void *arg) {
  (void)arg;
  const int ignored[] = {SIGPIPE, SIGXFSZ, SIGHUP, SIGUSR2};
  for (size_t i = 0; i < 4; i++) check(signal(ignored[i], SIG_IGN) != SIG_ERR);
  /* SIGPIPE and SIGXFSZ are restored; SIGHUP stays ignored, or nohup would not work. */
  check(mask_of("SigIgn", 0) == (BIT(SIGHUP) | BIT(SIGUSR2)));
  check(mask_of("SigIgn", SP_KEEP_SIGNALS) == (BIT(SIGPIPE) | BIT(SIGXFSZ) | BIT(SIGHUP) | BIT(SIGUSR2)));
  for (size_t i = 0; i < 4; i++) check(signal(ignored[i], SIG_DFL) == SIG_IGN);
}

static void ignored_signals(void **state) {
  (void)state;
  in_forked_host(ignore_many, NULL);
}

static void ignore_children(void *arg) {
  (void)arg;
  check(signal(SIGCHLD, SIG_IGN) != SIG_ERR);
  const sp_options plain = {.size = sizeof plain, .std_out.kind = SP_PIPE},
                   keep_ignored = {.size = sizeof keep_ignored, .std_out.kind = SP_PIPE, .flags = SP_KEEP_SIGNALS};
  const sp_options *const each[] = {&plain, &keep_ignored};
  for (int i = 0; i < 2; i++) {
    sp_process *p = start(CHILD("signal_state"), each[i]);
    int fd = (int)sp_stream_release(p, SP_OUT);
    check(number_of(drain(fd, NULL), "SigIgn", 16) == (i == 0 ? 0 : BIT(SIGCHLD)));
    close_fd(&fd);
    sp_process_free(p);
  }
  check(signal(SIGCHLD, SIG_DFL) == SIG_IGN);
}

static void ignored_end_of_children(void **state) {
  (void)state;
  in_forked_host(ignore_children, NULL);
}

static void do_nothing(int sig) { (void)sig; }

/* No disposition and no mask of the host changes, whether a start succeeds or fails. */
static void the_host_keeps_its_own(void **state) {
  (void)state;
  struct sigaction caught = {.sa_handler = do_nothing, .sa_flags = SA_RESTART | SA_ONSTACK}, before[65], after;
  sigset_t blocked, old, seen;
  sigaction(SIGCHLD, &caught, NULL);
  sigaction(SIGUSR1, &caught, NULL);
  for (int sig = 1; sig <= 64; sig++) sigaction(sig, NULL, &before[sig]);
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGUSR2);
  sigaddset(&blocked, SIGCHLD);
  pthread_sigmask(SIG_BLOCK, &blocked, &old);
  assert_int_equal(mask_of("SigBlk", 0), 0);
  assert_int_equal(mask_of("SigBlk", SP_KEEP_SIGMASK) & (BIT(SIGUSR2) | BIT(SIGCHLD) | BIT(SIGUSR1)),
                   BIT(SIGUSR2) | BIT(SIGCHLD));
  sp_error err = SP_ERROR_INIT;
  const sp_options capture = {.size = sizeof capture, .flags = SP_CAPTURE};
  check_fails(sp_run(LIST("/no/such/program"), &capture, NULL, &err), SP_ENOTFOUND, err);
  check_ok(sp_run(LIST("true"), &capture, NULL, &err), err);
  pthread_sigmask(SIG_SETMASK, &old, &seen);
  for (int sig = 1; sig <= 64; sig++)
    assert_int_equal(sigismember(&seen, sig), sigismember(&old, sig) == 1 || sig == SIGUSR2 || sig == SIGCHLD);
  for (int sig = 1; sig <= 64; sig++) {
    if (sigaction(sig, NULL, &after) != 0) continue; /* the two that the C library keeps to itself */
    assert_true(after.sa_handler == before[sig].sa_handler && after.sa_flags == before[sig].sa_flags);
  }
  signal(SIGCHLD, SIG_DFL);
  signal(SIGUSR1, SIG_DFL);
}

/* -- sending ------------------------------------------------------------------------------------------------------------- */

static sp_process *start_ready(const char *program, uint64_t flags) {
  const sp_options options = {.size = sizeof options, .flags = flags, .std_out.kind = SP_PIPE};
  sp_process *p = start(CHILD(program), &options);
  expect_line(p, "ready\n");
  return p;
}

static void signals_arrive(void **state) {
  (void)state;
  static const int each[] = {SIGHUP, SIGINT, SIGUSR1, SIGKILL, 64};
  sp_error err = SP_ERROR_INIT;
  for (size_t i = 0; i < sizeof each / sizeof each[0]; i++) {
    sp_process *p = start_ready("stubborn", 0);
    check_ok(sp_send_signal(p, 0, &err), err);
    check_ok(sp_send_signal(p, each[i], &err), err);
    assert_int_equal(wait_for(p), -each[i]);
    sp_process_free(p);
  }
}

static void terminate_and_kill(void **state) {
  (void)state;
  sp_error err = SP_ERROR_INIT;
  sp_process *p = start_ready("obedient", 0), *q = start_ready("stubborn", 0);
  check_ok(sp_terminate(p, &err), err);
  expect_line(p, "bye\n");
  assert_int_equal(wait_for(p), 42);
  check_ok(sp_terminate(q, &err), err); /* which it ignores */
  assert_int_equal(sp_wait(q, SHORT_MS, NULL, &err), SP_ETIMEDOUT);
  check_ok(sp_kill(q, &err), err);
  assert_int_equal(wait_for(q), -SIGKILL);
  sp_process_free(p);
  sp_process_free(q);
}

static void bad_signals_are_refused(void **state) {
  (void)state;
  static const int bad[] = {-1, 65, 1000, -9};
  sp_process *p = start_ready("obedient", SP_NEW_GROUP);
  for (size_t i = 0; i < 4; i++) {
    sp_error err = SP_ERROR_INIT;
    check_fails(sp_send_signal(p, bad[i], &err), SP_EINVAL, err);
    assert_non_null(strstr(err.message, "sig"));
    err = (sp_error)SP_ERROR_INIT;
    check_fails(sp_kill_group(p, bad[i], &err), SP_EINVAL, err);
    assert_non_null(strstr(err.message, "sig"));
  }
  assert_int_equal(sp_poll(p, NULL), 0);
  assert_int_equal(sp_stop(p, LONG_MS, NULL, NULL), SP_OK);
  sp_process_free(p);
}

static void after_the_end_nothing_is_signalled(void **state) {
  (void)state;
  sp_error err = SP_ERROR_INIT;
  sp_process *p = start(CHILD("exit_code", "3"), NULL);
  await_end(p); /* ended, not reaped yet */
  check_ok(sp_terminate(p, &err), err);
  check_ok(sp_kill(p, &err), err);
  assert_int_equal(wait_for(p), 3);
  for (int sig = 0; sig <= 64; sig++) check_ok(sp_send_signal(p, sig, &err), err);
  check_ok(sp_terminate(p, &err), err);
  check_ok(sp_kill(p, &err), err);
  assert_int_equal(wait_for(p), 3);
  sp_process_free(p);
}

static void lose_the_right_to_signal(void *arg) {
  (void)arg;
  sp_error err = SP_ERROR_INIT;
  const sp_options options = {.size = sizeof options, .std_in.kind = SP_PIPE, .flags = SP_NEW_GROUP};
  sp_process *p = start(CHILD("copy"), &options);
  check(setresuid(65534, 65534, 65534) == 0);
  check_fails(sp_terminate(p, &err), SP_EACCESS, err);
  check(err.step == SP_AT_SIGNAL && err.sys_errno == EPERM);
  check_fails(sp_kill_group(p, SIGTERM, &err), SP_EACCESS, err);
  check_fails(sp_stop(p, 0, NULL, &err), SP_EACCESS, err);
  check(sp_close_stream(p, SP_IN) == SP_OK);
  check(wait_for(p) == 0);
  sp_process_free(p);
}

static void signals_that_are_not_permitted(void **state) {
  (void)state;
  if (geteuid() != 0) skip();
  in_forked_host(lose_the_right_to_signal, NULL);
}

/* -- groups -------------------------------------------------------------------------------------------------------------- */

typedef struct {
  sp_process *process;
  pipe_pair lifeline;
} household;

/* A leader that leaves a member of its group behind, which holds the leader's standard output. */
static household start_holder(uint64_t flags, const char *daemon) {
  household made = {NULL, open_pipe()};
  const int32_t passed[] = {made.lifeline.read_end};
  const sp_options options = {
      .size = sizeof options, .flags = flags, .std_out.kind = SP_PIPE, .pass_fds = passed, .pass_fds_len = 1};
  made.process = start(CHILD("holder", kept_text("%d", passed[0]), "7", daemon), &options);
  expect_line(made.process, "held\n");
  return made;
}

static void expect_output_ends(sp_process *p) {
  char byte;
  sp_error err = SP_ERROR_INIT;
  check(sp_read(p, SP_OUT, &byte, 1, LONG_MS, &err) == 0);
}

static void expect_output_open(sp_process *p) {
  char byte;
  sp_error err = SP_ERROR_INIT;
  check(sp_read(p, SP_OUT, &byte, 1, SHORT_MS, &err) == SP_ETIMEDOUT);
}

static void end_household(household *h) {
  close_fd(&h->lifeline.read_end);
  if (h->lifeline.write_end >= 0) close_fd(&h->lifeline.write_end);
  sp_process_free(h->process);
}

static void a_group_is_killed_after_its_leader(void **state) {
  (void)state;
  static const uint64_t kinds[] = {SP_NEW_GROUP, SP_NEW_SESSION};
  for (int i = 0; i < 4; i++) {
    sp_error err = SP_ERROR_INIT;
    household h = start_holder(kinds[i % 2], NULL);
    if (i < 2)
      assert_int_equal(wait_for(h.process), 7); /* reaped */
    else
      await_end(h.process); /* a zombie */
    expect_output_open(h.process);
    check_ok(sp_kill_group(h.process, 0, &err), err);
    expect_output_open(h.process);
    check_ok(sp_kill_group(h.process, SIGKILL, &err), err);
    expect_output_ends(h.process);
    assert_int_equal(wait_for(h.process), 7);
    check_ok(sp_kill_group(h.process, SIGKILL, &err), err); /* nobody is left */
    end_household(&h);
  }
}

static void a_running_leader_is_killed_with_its_group(void **state) {
  (void)state;
  sp_error err = SP_ERROR_INIT;
  sp_process *p = start_ready("stubborn", SP_NEW_GROUP);
  check_ok(sp_kill_group(p, SIGUSR1, &err), err);
  assert_int_equal(wait_for(p), -SIGUSR1);
  check_ok(sp_kill_group(p, SIGKILL, &err), err);
  sp_process_free(p);
}

static void a_daemon_has_left_the_group(void **state) {
  (void)state;
  sp_error err = SP_ERROR_INIT;
  household h = start_holder(SP_NEW_GROUP, "daemon");
  assert_int_equal(wait_for(h.process), 7);
  check_ok(sp_kill_group(h.process, SIGKILL, &err), err);
  expect_output_open(h.process);
  close_fd(&h.lifeline.write_end);
  expect_output_ends(h.process);
  end_household(&h);
}

static void only_a_leaders_group_is_signalled(void **state) {
  (void)state;
  static const uint64_t kinds[] = {0, SP_JOIN_GROUP};
  for (int i = 0; i < 2; i++) {
    sp_error err = SP_ERROR_INIT;
    const sp_options options = {
        .size = sizeof options, .flags = kinds[i], .std_out.kind = SP_PIPE, .process_group = i ? getpgrp() : 0};
    sp_process *p = start(CHILD("obedient"), &options);
    check_fails(sp_kill_group(p, SIGTERM, &err), SP_EINVAL, err);
    assert_non_null(strstr(err.message, "SP_NEW_GROUP"));
    assert_int_equal(sp_stop(p, 0, NULL, NULL), SP_OK);
    sp_process_free(p);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      fixture_test(ignored_signals),
      fixture_test(ignored_end_of_children),
      fixture_test(the_host_keeps_its_own),
      fixture_test(signals_arrive),
      fixture_test(terminate_and_kill),
      fixture_test(bad_signals_are_refused),
      fixture_test(after_the_end_nothing_is_signalled),
      fixture_test(signals_that_are_not_permitted),
      fixture_test(a_group_is_killed_after_its_leader),
      fixture_test(a_running_leader_is_killed_with_its_group),
      fixture_test(a_daemon_has_left_the_group),
      fixture_test(only_a_leaders_group_is_signalled),
  };
  return run_fixture_tests(tests);
}
