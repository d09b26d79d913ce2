/* SPDX-License-Identifier: MIT
 *
 * Children that are killed, stopped or traced at an awkward moment.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "host.h"
#include "host_state.h"

static int die_before_exec(void *arg) { return kill(getpid(), *(int *)arg); }

/* It ends after the fork and before the exec: an error or its signal, but no hang and no zombie. */
HOST_TEST(child_killed_before_exec) {
  static host_fds before;
  host_fds_take(&before);
  int sigs[] = {SIGKILL, SIGTERM, SIGABRT};
  for (size_t i = 0; i < 3; i++) {
    sp_error err = SP_ERROR_INIT;
    sp_result *r = NULL;
    sp_options opt = {.size = sizeof opt, .flags = SP_CAPTURE, .preexec = die_before_exec, .preexec_arg = &sigs[i]};
    int rc = sp_run(ARGV("true"), &opt, &r, &err);
    if (rc == SP_OK)
      REQUIRE_INT(sp_result_returncode(r), -sigs[i]);
    else
      REQUIRE(rc == SP_ESYS && err.message[0] != '\0');
    sp_result_free(r);
    host_require_no_children();
  }
  host_fds_require_released(&before);
}

HOST_TEST(child_killed_from_outside) {
  for (int way = 0; way < 4; way++) {
    sp_error err = SP_ERROR_INIT;
    sp_process *p = NULL;
    sp_result *r = NULL;
    int64_t code = 0;
    sp_options opt = {.size = sizeof opt, .flags = SP_CAPTURE, .std_in.kind = SP_PIPE};
    REQUIRE_CODE(sp_popen(SHELL("echo before; exec sleep 1000"), &opt, &p, &err), SP_OK, &err);
    char text[16];
    REQUIRE_INT(sp_read(p, SP_OUT, text, 4, SP_FOREVER, &err), 4);
    REQUIRE(kill((pid_t)sp_pid(p), SIGKILL) == 0);
    if (way > 1) host_await_death(sp_pid(p));
    if (way % 2 == 0) {
      REQUIRE_CODE(sp_communicate(p, "in", 2, SP_FOREVER, &r, &err), SP_OK, &err);
      REQUIRE_INT(sp_result_returncode(r), -SIGKILL);
      REQUIRE_OUTPUT(r, SP_OUT, "re\n");
      sp_result_free(r);
    } else {
      REQUIRE_CODE(sp_stop(p, 10000, &code, &err), SP_OK, &err);
      REQUIRE_INT(code, -SIGKILL);
    }
    sp_process_free(p);
    host_require_no_children();
  }
}

static void await_stopped(int64_t pid) {
  siginfo_t info;
  REQUIRE(waitid(P_PID, (id_t)pid, &info, WSTOPPED | WNOWAIT) == 0);
}

static sp_process *start_stopped(const char *line) {
  sp_error err = SP_ERROR_INIT;
  sp_process *p = NULL;
  REQUIRE_CODE(sp_popen(SHELL(line), &SP_OPTIONS(.flags = SP_CAPTURE, .std_in.kind = SP_PIPE), &p, &err), SP_OK, &err);
  await_stopped(sp_pid(p));
  return p;
}

/* A stop is no end; SIGTERM reaches a stopped child only with the SIGCONT that follows. */
HOST_TEST(child_stopped) {
  sp_error err = SP_ERROR_INIT;
  int64_t code = 0;
  sp_process *p = start_stopped("kill -STOP $$; exec sleep 1000");
  REQUIRE_INT(sp_poll(p, &code), 0);
  REQUIRE_CODE(sp_wait(p, 50, &code, &err), SP_ETIMEDOUT, &err);
  REQUIRE_CODE(sp_communicate(p, NULL, 0, 50, NULL, &err), SP_ETIMEDOUT, &err);
  REQUIRE_CODE(sp_stop(p, SP_FOREVER, &code, &err), SP_OK, &err);
  REQUIRE_INT(code, -SIGTERM);
  sp_process_free(p);
  p = start_stopped("trap 'exit 9' TERM; kill -STOP $$; while :; do read x; done");
  REQUIRE_CODE(sp_stop(p, SP_FOREVER, &code, &err), SP_OK, &err);
  REQUIRE_INT(code, 9);
  sp_process_free(p);
  p = start_stopped("trap '' TERM; kill -STOP $$; exec sleep 1000");
  REQUIRE_CODE(sp_stop(p, 100, &code, &err), SP_OK, &err);
  REQUIRE_INT(code, -SIGKILL);
  sp_process_free(p);
  p = start_stopped("kill -STOP $$; echo resumed");
  REQUIRE_CODE(sp_send_signal(p, SIGCONT, &err), SP_OK, &err);
  sp_result *r = NULL;
  REQUIRE_CODE(sp_communicate(p, NULL, 0, SP_FOREVER, &r, &err), SP_OK, &err);
  REQUIRE_OUTPUT(r, SP_OUT, "resumed\n");
  sp_result_free(r);
  sp_process_free(p);
  REQUIRE_CODE(sp_run(SHELL("kill -STOP $$"), &SP_OPTIONS(.timeout_ms = 200), &r, &err), SP_ETIMEDOUT, &err);
  REQUIRE_INT(sp_result_returncode(r), -SIGKILL);
  sp_result_free(r);
}

/* A debugger in another process, which holds the dead child back until its pipe ends. */
static pid_t trace(int64_t child, int pipe_end, int other_end) {
  int ready[2];
  char byte = 0;
  REQUIRE(pipe2(ready, O_CLOEXEC) == 0);
  pid_t tracer = fork();
  if (tracer == 0) {
    close(other_end);
    byte = ptrace(PTRACE_SEIZE, (pid_t)child, 0, 0) == 0 ? 'y' : 'n';
    if (write(ready[1], &byte, 1) != 1) _exit(1);
    _exit(read(pipe_end, &byte, 1) == 0 ? 0 : 2);
  }
  close(pipe_end);
  close(ready[1]);
  REQUIRE(read(ready[0], &byte, 1) == 1);
  close(ready[0]);
  if (byte == 'n') host_skip("ptrace is not allowed here");
  return tracer;
}

/* Its pidfd tells that it has ended, and yet nobody but the tracer can reap it: the limits hold, without spinning. */
HOST_TEST(child_held_by_a_tracer) {
  sp_error err = SP_ERROR_INIT;
  sp_process *p = NULL;
  int64_t code = 0;
  int ends[2], status;
  REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
  REQUIRE_CODE(sp_popen(ARGV("sleep", "1000"), &SP_OPTIONS(.flags = SP_CAPTURE), &p, &err), SP_OK, &err);
  pid_t tracer = trace(sp_pid(p), ends[0], ends[1]);
  REQUIRE_CODE(sp_kill(p, &err), SP_OK, &err);
  /* Its pipes are at their end: it is dead, and held. */
  char byte;
  REQUIRE_CODE(sp_read(p, SP_OUT, &byte, 1, SP_FOREVER, &err), 0, &err);
  int64_t start = host_now_ms(), cpu = host_cpu_ms();
  REQUIRE_CODE(sp_wait(p, 300, &code, &err), SP_ETIMEDOUT, &err);
  REQUIRE(host_now_ms() - start >= 299);
  start = host_now_ms();
  REQUIRE_CODE(sp_communicate(p, NULL, 0, 300, NULL, &err), SP_ETIMEDOUT, &err);
  REQUIRE(host_now_ms() - start >= 299);
  REQUIRE(host_cpu_ms() - cpu < 200);
  REQUIRE_INT(sp_poll(p, &code), 0);
  close(ends[1]);
  REQUIRE_CODE(sp_wait(p, SP_FOREVER, &code, &err), SP_OK, &err);
  REQUIRE_INT(code, -SIGKILL);
  sp_process_free(p);
  REQUIRE(waitpid(tracer, &status, 0) == tracer && status == 0);
  host_require_no_children();
}

/* A debugger that comes and goes while the child lives. */
HOST_TEST(child_traced_for_a_while) {
  sp_error err = SP_ERROR_INIT;
  sp_process *p = NULL;
  sp_result *r = NULL;
  int ends[2], status;
  REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
  sp_options opt = {.size = sizeof opt, .flags = SP_CAPTURE, .std_in.kind = SP_PIPE};
  REQUIRE_CODE(sp_popen(SHELL("cat; exit 6"), &opt, &p, &err), SP_OK, &err);
  pid_t tracer = trace(sp_pid(p), ends[0], ends[1]);
  REQUIRE_CODE(sp_wait(p, 50, NULL, &err), SP_ETIMEDOUT, &err);
  close(ends[1]);
  REQUIRE(waitpid(tracer, &status, 0) == tracer && status == 0);
  REQUIRE_CODE(sp_communicate(p, "text", 4, SP_FOREVER, &r, &err), SP_OK, &err);
  REQUIRE_OUTPUT(r, SP_OUT, "text");
  REQUIRE_INT(sp_result_returncode(r), 6);
  sp_result_free(r);
  sp_process_free(p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(child_killed_before_exec),
      cmocka_unit_test(child_killed_from_outside),
      cmocka_unit_test(child_stopped),
      cmocka_unit_test(child_held_by_a_tracer),
      cmocka_unit_test(child_traced_for_a_while),
  };
  return cmocka_run_group_tests_name("fault_children", tests, NULL, NULL);
}
