/* SPDX-License-Identifier: MIT
 *
 * Sessions, process groups, the controlling terminal, and the signal at the death of the starter.
 */
#include "fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char *identity_of(const sp_options *options) { return output_of(CHILD("identity"), options); }

static void the_default_is_the_hosts(void **state) {
  (void)state;
  const char *who = identity_of(NULL);
  assert_int_equal(number_of(who, "ppid", 10), getpid());
  assert_int_equal(number_of(who, "sid", 10), getsid(0));
  assert_int_equal(number_of(who, "pgid", 10), getpgrp());
}

static void a_new_session(void **state) {
  (void)state;
  const sp_options options = {.size = sizeof options, .flags = SP_NEW_SESSION};
  const char *who = identity_of(&options);
  int64_t pid = number_of(who, "pid", 10);
  assert_int_equal(number_of(who, "sid", 10), pid);
  assert_int_equal(number_of(who, "pgid", 10), pid);
  assert_int_equal(number_of(who, "ppid", 10), getpid());
  assert_int_equal(number_of(who, "tty", 10), 0);
}

static void a_new_group(void **state) {
  (void)state;
  const sp_options options = {.size = sizeof options, .flags = SP_NEW_GROUP};
  const char *who = identity_of(&options);
  assert_int_equal(number_of(who, "pgid", 10), number_of(who, "pid", 10));
  assert_int_equal(number_of(who, "sid", 10), getsid(0));
}

static void an_existing_group(void **state) {
  (void)state;
  sp_options leader = {.size = sizeof leader, .flags = SP_NEW_GROUP, .std_in.kind = SP_PIPE};
  sp_process *p = start(CHILD("copy"), &leader);
  const sp_options member = {.size = sizeof member, .flags = SP_JOIN_GROUP, .process_group = sp_pid(p)};
  const char *who = identity_of(&member);
  assert_int_equal(number_of(who, "pgid", 10), sp_pid(p));
  assert_int_equal(number_of(who, "sid", 10), getsid(0));
  assert_int_equal(sp_close_stream(p, SP_IN), SP_OK);
  assert_int_equal(wait_for(p), 0);
  sp_error err = SP_ERROR_INIT;
  check_fails(sp_run(LIST("true"), &member, NULL, &err), SP_EACCESS, err); /* the group is gone */
  assert_int_equal(err.step, SP_AT_GROUP);
  assert_int_equal(err.sys_errno, EPERM);
  sp_process_free(p);
}

typedef struct {
  int host, child;
} terminal;

static terminal open_terminal(void) {
  terminal pair = {posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), -1};
  check(pair.host >= 0 && grantpt(pair.host) == 0 && unlockpt(pair.host) == 0);
  pair.child = open(ptsname(pair.host), O_RDWR | O_NOCTTY | O_CLOEXEC);
  check(pair.child >= 0);
  return pair;
}

static void a_controlling_terminal(void **state) {
  (void)state;
  terminal pair = open_terminal();
  sp_options options = {.size = sizeof options, .flags = SP_NEW_SESSION, .std_in = {SP_HANDLE, 0, pair.child, NULL}};
  assert_int_equal(number_of(identity_of(&options), "tty", 10), 0);
  options.flags |= SP_CONTROLLING_TTY;
  const char *who = identity_of(&options);
  assert_int_equal(number_of(who, "tty", 10), 1);
  assert_int_equal(number_of(who, "tpgid", 10), number_of(who, "pid", 10));
  sp_error err = SP_ERROR_INIT;
  options.std_in = (sp_stdio){.kind = SP_DEVNULL};
  check_fails(sp_run(LIST("true"), &options, NULL, &err), SP_ESYS, err);
  assert_int_equal(err.step, SP_AT_SESSION);
  assert_int_equal(err.sys_errno, ENOTTY);
  close_fd(&pair.child);
  close_fd(&pair.host);
}

/* A session leader without a terminal gets one by merely opening it, unless the opener takes care. */
static void open_terminal_by_path(void *path) {
  sp_error err = SP_ERROR_INIT;
  check(setsid() == getpid());
  const sp_options options = {
      .size = sizeof options, .std_in = {SP_FILE, 0, 0, path}, .std_out = {SP_FILE, 0, 0, path}};
  check_ok(sp_run(LIST("true"), &options, NULL, &err), err);
  check(open("/dev/tty", O_RDWR | O_CLOEXEC) < 0 && errno == ENXIO);
}

static void the_host_gets_no_terminal(void **state) {
  (void)state;
  terminal pair = open_terminal();
  in_forked_host(open_terminal_by_path, ptsname(pair.host));
  close_fd(&pair.child);
  close_fd(&pair.host);
}

typedef struct {
  sp_options options;
  sp_process *process;
} start_task;

static void *start_in_thread(void *arg) {
  start_task *task = arg;
  task->process = start(CHILD("obedient"), &task->options);
  expect_line(task->process, "ready\n");
  return NULL;
}

static void expect_death_with_thread(uint64_t flags) {
  start_task task = {
      .options = {.size = sizeof task.options, .flags = flags, .death_signal = SIGUSR1, .std_out.kind = SP_PIPE}};
  pthread_t thread;
  assert_int_equal(pthread_create(&thread, NULL, start_in_thread, &task), 0);
  assert_int_equal(pthread_join(thread, NULL), 0);
  assert_int_equal(wait_for(task.process), -SIGUSR1);
  sp_process_free(task.process);
}

static void death_signal_at_the_end_of_the_thread(void **state) {
  (void)state;
  expect_death_with_thread(0);
  expect_death_with_thread(SP_NEW_SESSION);
}

/* The kernel forgets the death signal when the ids change, so it must be set after that. */
static void death_signal_of_another_user(void **state) {
  (void)state;
  if (geteuid() != 0) skip();
  start_task task = {.options = {.size = sizeof task.options,
                                 .flags = SP_SET_UID,
                                 .uid = 65534,
                                 .death_signal = SIGKILL,
                                 .std_out.kind = SP_PIPE}};
  pipe_pair alive = open_pipe();
  const int32_t passed[] = {alive.write_end};
  task.options.pass_fds = passed, task.options.pass_fds_len = 1;
  pid_t host = fork();
  if (host == 0) {
    sp_error err = SP_ERROR_INIT;
    const char *line;
    size_t len;
    bool fine = sp_popen(LIST("sh", "-c", "echo ready; exec sleep 300"), &task.options, &task.process, &err) == SP_OK &&
                sp_read_line(task.process, SP_OUT, LONG_MS, &line, &len, &err) == SP_OK && strcmp(line, "ready\n") == 0;
    _exit(fine ? 0 : 1);
  }
  close_fd(&alive.write_end);
  int status = -1;
  assert_int_equal(waitpid(host, &status, 0), host);
  assert_int_equal(status, 0);
  assert_true(readable(alive.read_end, LONG_MS)); /* nobody holds the other end any more */
  close_fd(&alive.read_end);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      fixture_test(the_default_is_the_hosts),
      fixture_test(a_new_session),
      fixture_test(a_new_group),
      fixture_test(an_existing_group),
      fixture_test(a_controlling_terminal),
      fixture_test(the_host_gets_no_terminal),
      fixture_test(death_signal_at_the_end_of_the_thread),
      fixture_test(death_signal_of_another_user),
  };
  return run_fixture_tests(tests);
}
