/* SPDX-License-Identifier: MIT
 *
 * sp_finish(): what sp_communicate() could not end is ended, and nothing that the child has said is lost.
 */
#include "fixture.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

static const sp_options captured = {.size = sizeof captured, .flags = SP_CAPTURE};

/* Runs into the limits of communicate() until the child has said `text`. */
static void time_out(sp_process *p, const char *text) {
  for (bool said = false; !said;) {
    sp_error err = SP_ERROR_INIT;
    sp_result *r = NULL;
    check_fails(sp_communicate(p, NULL, 0, 1, &r, &err), SP_ETIMEDOUT, err);
    said = strcmp(sp_result_output(r, SP_OUT, NULL), text) == 0;
    sp_result_free(r);
  }
}

static sp_result *finish(sp_process *p, int64_t grace_ms, int whole_group) {
  sp_error err = SP_ERROR_INIT;
  sp_result *r = NULL;
  check_ok(sp_finish(p, grace_ms, whole_group, &r, &err), err);
  check(!has_children());
  return r;
}

static void an_obedient_child_has_its_last_word(void **state) {
  (void)state;
  sp_process *p = start(CHILD("obedient"), &captured);
  time_out(p, "ready\n");
  sp_result *r = finish(p, LONG_MS, 0);
  assert_int_equal(sp_result_returncode(r), 42);
  expect_output(r, SP_OUT, "ready\nbye\n");
  sp_result_free(r);
  /* The process is finished for every other call too. */
  sp_error err = SP_ERROR_INIT;
  int64_t code = 0;
  check_ok(sp_wait(p, 0, &code, &err), err);
  assert_int_equal(code, 42);
  check_ok(sp_communicate(p, NULL, 0, 0, &r, &err), err);
  expect_output(r, SP_OUT, "ready\nbye\n");
  sp_result_free(r);
  r = finish(p, 0, 0);
  expect_output(r, SP_OUT, "ready\nbye\n");
  sp_result_free(r);
  sp_process_free(p);
}

/* More than a pipe holds: a child that says goodbye needs a reader during its grace. */
static void reading_goes_on_during_the_grace(void **state) {
  (void)state;
  const char *script = "trap 'head -c 300000 /dev/zero; exit 5' TERM; echo ready; read x";
  const sp_options options = {
      .size = sizeof options, .flags = SP_SHELL, .std_in.kind = SP_PIPE, .std_out.kind = SP_PIPE};
  sp_process *p = start(LIST(script), &options);
  expect_line(p, "ready\n");
  sp_result *r = finish(p, LONG_MS, 0);
  size_t len = 0;
  assert_int_equal(sp_result_returncode(r), 5);
  sp_result_output(r, SP_OUT, &len);
  assert_int_equal(len, 300000);
  sp_result_free(r);
  sp_process_free(p);
}

static void what_was_read_ahead_is_not_lost(void **state) {
  (void)state;
  const sp_options options = {.size = sizeof options, .flags = SP_SHELL, .std_out.kind = SP_PIPE};
  sp_process *p = start(LIST("printf 'ready\\nmore'; exec sleep 1000"), &options);
  expect_line(p, "ready\n");
  sp_result *r = finish(p, 0, 0);
  expect_output(r, SP_OUT, "more");
  sp_result_free(r);
  sp_process_free(p);
}

static void a_stubborn_child_is_killed_after_the_grace(void **state) {
  (void)state;
  for (int64_t grace_ms = 0; grace_ms <= SHORT_MS; grace_ms += SHORT_MS) {
    sp_process *p = start(CHILD("stubborn"), &captured);
    time_out(p, "ready\n");
    const int64_t begin = now_ms();
    sp_result *r = finish(p, grace_ms, 0);
    assert_true(now_ms() - begin >= grace_ms);
    assert_int_equal(sp_result_returncode(r), -SIGKILL);
    expect_output(r, SP_OUT, "ready\n");
    sp_result_free(r);
    sp_process_free(p);
  }
}

/* The token is what has ended the call before: it does not end this one. */
static void neither_a_token_nor_a_kept_pipe_delays_it(void **state) {
  (void)state;
  sp_error err = SP_ERROR_INIT;
  sp_cancel *cancel = NULL;
  check_ok(sp_cancel_new(&cancel, &err), err);
  pipe_pair gate = open_pipe();
  const int32_t passed[] = {gate.read_end};
  const sp_options options = {
      .size = sizeof options, .flags = SP_CAPTURE | SP_CHECK, .cancel = cancel, .pass_fds = passed, .pass_fds_len = 1};
  sp_process *p = start(CHILD("holder", kept_text("%d", gate.read_end), "7"), &options);
  await_end(p);
  sp_cancel_trigger(cancel);
  check_fails(sp_communicate(p, NULL, 0, LONG_MS, NULL, &err), SP_ECANCELED, err);
  sp_result *r = NULL;
  check_ok(sp_finish(p, LONG_MS, 0, &r, &err), err);
  assert_int_equal(sp_result_returncode(r), 7);
  assert_int_equal(sp_result_pipes_held(r), 1);
  expect_output(r, SP_OUT, "held\n");
  sp_result_free(r);
  sp_process_free(p);
  sp_cancel_free(cancel);
  close_fd(&gate.read_end);
  close_fd(&gate.write_end);
}

static void the_whole_group_goes_if_asked(void **state) {
  (void)state;
  const sp_options options = {.size = sizeof options, .flags = SP_CAPTURE | SP_SHELL | SP_NEW_GROUP};
  sp_process *p = start(LIST("sleep 1000 & echo ready; wait"), &options);
  time_out(p, "ready\n");
  sp_error err = SP_ERROR_INIT;
  sp_result *r = NULL;
  check_ok(sp_finish(p, 0, 1, &r, &err), err);
  assert_int_equal(sp_result_returncode(r), -SIGKILL);
  expect_output(r, SP_OUT, "ready\n");
  sp_result_free(r);
  /* Without pidfds the leader stays a zombie until it is freed. */
  const pid_t group = (pid_t)sp_pid(p);
  sp_process_free(p);
  assert_false(has_children());
  /* Nobody of the group is left: the grandchild's end is all that can be waited for here. */
  const int64_t limit = now_ms() + LONG_MS;
  while (kill(-group, 0) == 0) check(now_ms() < limit);
}

static void bad_arguments_are_refused(void **state) {
  (void)state;
  static const int64_t graces[] = {SP_FOREVER, -2, SP_TIMEOUT_MAX + 1};
  sp_process *p = start(CHILD("obedient"), &captured);
  sp_error err = SP_ERROR_INIT;
  sp_result *untouched = (sp_result *)&err;
  for (int i = 0; i < 3; i++) {
    check_fails(sp_finish(p, graces[i], 0, &untouched, &err), SP_EINVAL, err);
    assert_non_null(strstr(err.message, "grace_ms"));
  }
  check_fails(sp_finish(p, 0, 1, &untouched, &err), SP_EINVAL, err);
  assert_non_null(strstr(err.message, "whole_group"));
  assert_ptr_equal(untouched, &err);
  assert_int_equal(sp_poll(p, NULL), 0);
  sp_result_free(finish(p, 0, 0));
  sp_process_free(p);
}

static int tell(void *fd, int stream, const void *data, size_t len) {
  (void)stream;
  (void)data;
  (void)len;
  return write(*(int *)fd, "", 1) == 1 ? 0 : 1;
}

static void *communicate_for_ever(void *p) {
  sp_error err = SP_ERROR_INIT;
  check_ok(sp_communicate(p, NULL, 0, SP_FOREVER, NULL, &err), err);
  return NULL;
}

static void while_another_thread_communicates_it_is_busy(void **state) {
  (void)state;
  sp_error err = SP_ERROR_INIT;
  pthread_t thread;
  pipe_pair begun = open_pipe();
  sp_process *p =
      start(CHILD("stubborn"), &SP_OPTIONS(.flags = SP_CAPTURE, .on_output = tell, .on_output_arg = &begun.write_end));
  assert_int_equal(pthread_create(&thread, NULL, communicate_for_ever, p), 0);
  assert_true(readable(begun.read_end, LONG_MS));
  check_fails(sp_finish(p, 0, 0, NULL, &err), SP_EBUSY, err);
  check_ok(sp_kill(p, &err), err);
  pthread_join(thread, NULL);
  sp_result_free(finish(p, 0, 0));
  sp_process_free(p);
  close_fd(&begun.read_end);
  close_fd(&begun.write_end);
}

static void every_stage_of_a_pipeline_is_ended(void **state) {
  (void)state;
  sp_error err = SP_ERROR_INIT;
  const sp_command stages[] = {{CHILD("stubborn"), NULL}, {LIST("cat"), NULL}};
  sp_process *p = NULL;
  check_ok(sp_pipeline(stages, 2, &SP_OPTIONS(.std_out.kind = SP_PIPE), &p, &err), err);
  time_out(p, "ready\n");
  sp_result *r = finish(p, SHORT_MS, 0);
  assert_int_equal(sp_result_stage_returncode(r, 0), -SIGKILL);
  expect_output(r, SP_OUT, "ready\n");
  sp_result_free(r);
  sp_process_free(p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      fixture_test(an_obedient_child_has_its_last_word),
      fixture_test(reading_goes_on_during_the_grace),
      fixture_test(what_was_read_ahead_is_not_lost),
      fixture_test(a_stubborn_child_is_killed_after_the_grace),
      fixture_test(neither_a_token_nor_a_kept_pipe_delays_it),
      fixture_test(the_whole_group_goes_if_asked),
      fixture_test(bad_arguments_are_refused),
      fixture_test(while_another_thread_communicates_it_is_busy),
      fixture_test(every_stage_of_a_pipeline_is_ended),
  };
  return run_fixture_tests(tests);
}
