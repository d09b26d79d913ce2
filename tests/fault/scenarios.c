/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "scenarios.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "host.h"

void scenario_capture(void) {
  sp_error err = SP_ERROR_INIT;
  sp_result *r = NULL;
  sp_options opt = {.size = sizeof opt, .flags = SP_CAPTURE, .input = "in", .input_len = 2, .cwd = "/"};
  REQUIRE_CODE(sp_run(SHELL("cat; pwd; echo oops >&2; exit 3"), &opt, &r, &err), SP_OK, &err);
  REQUIRE_OUTPUT(r, SP_OUT, "in/\n");
  REQUIRE_OUTPUT(r, SP_ERR, "oops\n");
  REQUIRE_INT(sp_result_returncode(r), 3);
  sp_usage usage = {.size = sizeof usage};
  REQUIRE_CODE(sp_result_usage(r, &usage), SP_OK, NULL);
  REQUIRE(usage.max_rss_bytes > 0);
  sp_result_free(r);
  REQUIRE_CODE(sp_run(SHELL("kill -TERM $$"), NULL, &r, &err), SP_OK, &err);
  REQUIRE_INT(sp_result_returncode(r), -SIGTERM);
  sp_result_free(r);
  sp_command stages[] = {{SHELL("echo b; echo a"), NULL}, {ARGV("sort"), NULL}};
  sp_process *p = NULL;
  REQUIRE_CODE(sp_pipeline(stages, 2, &SP_OPTIONS(.std_out.kind = SP_PIPE), &p, &err), SP_OK, &err);
  REQUIRE_CODE(sp_communicate(p, NULL, 0, SP_FOREVER, &r, &err), SP_OK, &err);
  REQUIRE_OUTPUT(r, SP_OUT, "a\nb\n");
  sp_result_free(r);
  sp_process_free(p);
}

static int preexec_ok(void *arg) { return arg == NULL ? 0 : ENOTTY; }

static void require_failure(const sp_options *opt, const char *const argv[], int code, int step, int sys_errno) {
  sp_error err = SP_ERROR_INIT;
  REQUIRE_CODE(sp_run(argv, opt, NULL, &err), code, &err);
  REQUIRE_INT(err.step, step);
  REQUIRE_INT(err.sys_errno, sys_errno);
  REQUIRE(err.message[0] != '\0');
  host_require_no_children();
}

void scenario_failures(void) {
  sp_options opt = {.size = sizeof opt, .flags = SP_CAPTURE};
  require_failure(&opt, ARGV("/nonexistent/program"), SP_ENOTFOUND, SP_AT_EXEC, ENOENT);
  require_failure(&opt, ARGV("no-such-program-anywhere"), SP_ENOTFOUND, SP_AT_EXEC, ENOENT);
  require_failure(&opt, ARGV("/etc/passwd"), SP_EACCESS, SP_AT_EXEC, EACCES);
  opt.cwd = "/nonexistent";
  require_failure(&opt, ARGV("true"), SP_ENOTFOUND, SP_AT_CHDIR, ENOENT);
  opt.cwd = "/etc/passwd/x";
  require_failure(&opt, ARGV("true"), SP_ENOTFOUND, SP_AT_CHDIR, ENOTDIR);
  opt.cwd = NULL;
  opt.preexec = preexec_ok;
  REQUIRE_CODE(sp_run(ARGV("true"), &opt, NULL, NULL), SP_OK, NULL);
  opt.preexec_arg = &opt;
  require_failure(&opt, ARGV("true"), SP_ESYS, SP_AT_PREEXEC, ENOTTY);
  opt.preexec_arg = NULL;
  require_failure(&opt, ARGV("/nonexistent/program"), SP_ENOTFOUND, SP_AT_EXEC, ENOENT);
}

/* Many descriptors that are not close-on-exec, with gaps, and one that is to be passed on. */
void scenario_close_fds(void) {
  enum { COUNT = 40 };
  int fds[COUNT];
  for (int i = 0; i < COUNT; i++) {
    fds[i] = fcntl(2, F_DUPFD, 100 + i * 10);
    REQUIRE(fds[i] > 2);
  }
  sp_error err = SP_ERROR_INIT;
  sp_result *r = NULL;
  sp_options opt = {.size = sizeof opt, .flags = SP_CAPTURE | SP_CHECK};
  REQUIRE_CODE(sp_run(ARGV("ls", "/proc/self/fd"), &opt, &r, &err), SP_OK, &err);
  REQUIRE_OUTPUT(r, SP_OUT, "0\n1\n2\n3\n");
  sp_result_free(r);
  int32_t pass = fds[7];
  sp_fd_map map = {5, fds[9]};
  opt.pass_fds = &pass;
  opt.pass_fds_len = 1;
  opt.fd_map = &map;
  opt.fd_map_len = 1;
  REQUIRE_CODE(sp_run(SHELL("ls /proc/self/fd | sort -n | tr '\\n' ' '"), &opt, &r, &err), SP_OK, &err);
  REQUIRE_OUTPUT(r, SP_OUT, "0 1 2 3 5 170 ");
  sp_result_free(r);
  for (int i = 0; i < COUNT; i++) {
    REQUIRE_INT(fcntl(fds[i], F_GETFD), 0);
    close(fds[i]);
  }
}

void scenario_timeouts(void) {
  sp_error err = SP_ERROR_INIT;
  sp_process *p = NULL;
  int64_t code = 0, start = host_now_ms();
  REQUIRE_CODE(sp_popen(SHELL("read x; exit 5"), &SP_OPTIONS(.std_in.kind = SP_PIPE), &p, &err), SP_OK, &err);
  REQUIRE_INT(sp_poll(p, &code), 0);
  REQUIRE_CODE(sp_wait(p, 150, &code, &err), SP_ETIMEDOUT, &err);
  REQUIRE(host_now_ms() - start >= 149);
  REQUIRE_CODE(sp_wait(p, 0, &code, &err), SP_ETIMEDOUT, &err);
  REQUIRE_CODE(sp_close_stream(p, SP_IN), SP_OK, NULL);
  REQUIRE_CODE(sp_wait(p, host_slow(20000), &code, &err), SP_OK, &err);
  REQUIRE_INT(code, 5);
  REQUIRE(host_now_ms() - start < host_slow(15000));
  REQUIRE_INT(sp_poll(p, &code), 1);
  sp_process_free(p);
  sp_result *r = NULL;
  start = host_now_ms();
  REQUIRE_CODE(
      sp_run(SHELL("echo early; exec sleep 1000"), &SP_OPTIONS(.flags = SP_CAPTURE, .timeout_ms = 150), &r, &err),
      SP_ETIMEDOUT, &err);
  REQUIRE(host_now_ms() - start >= 149);
  REQUIRE_INT(sp_result_returncode(r), -SIGKILL);
  sp_result_free(r);
  REQUIRE_CODE(sp_run(ARGV("sleep", "1000"), &SP_OPTIONS(.timeout_ms = 50, .kill_grace_ms = 10000), &r, &err),
               SP_ETIMEDOUT, &err);
  REQUIRE_INT(sp_result_returncode(r), -SIGTERM);
  sp_result_free(r);
}

void scenario_signals(void) {
  sp_error err = SP_ERROR_INIT;
  sp_process *p = NULL;
  int64_t code = 0;
  REQUIRE_CODE(sp_popen(ARGV("sleep", "1000"), NULL, &p, &err), SP_OK, &err);
  REQUIRE_CODE(sp_send_signal(p, SIGUSR1, &err), SP_OK, &err);
  REQUIRE_CODE(sp_wait(p, SP_FOREVER, &code, &err), SP_OK, &err);
  REQUIRE_INT(code, -SIGUSR1);
  REQUIRE_CODE(sp_kill(p, &err), SP_OK, &err);
  sp_process_free(p);
  REQUIRE_CODE(sp_popen(ARGV("sleep", "1000"), NULL, &p, &err), SP_OK, &err);
  REQUIRE_CODE(sp_stop(p, SP_FOREVER, &code, &err), SP_OK, &err);
  REQUIRE_INT(code, -SIGTERM);
  sp_process_free(p);
  /* The pipe is at its end when the whole group has gone. */
  sp_options group = {.size = sizeof group, .flags = SP_NEW_GROUP, .std_out.kind = SP_PIPE};
  REQUIRE_CODE(sp_popen(SHELL("sleep 1000 & echo up; sleep 1000"), &group, &p, &err), SP_OK, &err);
  char text[8];
  REQUIRE_INT(sp_read(p, SP_OUT, text, sizeof text, SP_FOREVER, &err), 3);
  REQUIRE_CODE(sp_kill_group(p, SIGKILL, &err), SP_OK, &err);
  REQUIRE_CODE(sp_read(p, SP_OUT, text, sizeof text, host_slow(20000), &err), 0, &err);
  REQUIRE_CODE(sp_wait(p, SP_FOREVER, &code, &err), SP_OK, &err);
  REQUIRE_INT(code, -SIGKILL);
  REQUIRE_CODE(sp_kill_group(p, SIGKILL, &err), SP_OK, &err);
  sp_process_free(p);
}

void scenario_communicate(void) {
  enum { LEN = 3000000 };
  char *input = malloc(LEN);
  REQUIRE(input != NULL);
  for (int i = 0; i < LEN; i++) input[i] = (char)('a' + i % 23);
  sp_error err = SP_ERROR_INIT;
  sp_process *p = NULL;
  sp_result *r = NULL;
  sp_options opt = {.size = sizeof opt, .flags = SP_CAPTURE, .std_in.kind = SP_PIPE};
  REQUIRE_CODE(sp_popen(ARGV("tee", "/dev/stderr"), &opt, &p, &err), SP_OK, &err);
  int rc;
  do rc = sp_communicate(p, input, LEN, 5, NULL, &err);
  while (rc == SP_ETIMEDOUT);
  REQUIRE_CODE(rc, SP_OK, &err);
  REQUIRE_CODE(sp_communicate(p, NULL, 0, SP_FOREVER, &r, &err), SP_OK, &err);
  for (int stream = SP_OUT; stream <= SP_ERR; stream++) {
    size_t len = 0;
    const char *text = sp_result_output(r, stream, &len);
    REQUIRE(len == LEN && memcmp(text, input, LEN) == 0);
  }
  sp_result_free(r);
  sp_process_free(p);
  /* The limit holds while a grandchild has the pipes, and the output so far is told. */
  REQUIRE_CODE(sp_popen(SHELL("sleep 1000 & echo hi"),
                        &SP_OPTIONS(.flags = SP_NEW_GROUP, .std_out.kind = SP_PIPE, .drain_ms = 100), &p, &err),
               SP_OK, &err);
  REQUIRE_CODE(sp_communicate(p, NULL, 0, host_slow(20000), &r, &err), SP_OK, &err);
  REQUIRE_OUTPUT(r, SP_OUT, "hi\n");
  REQUIRE_INT(sp_result_pipes_held(r), 1);
  sp_result_free(r);
  /* Where the kernel cannot name the group once its leader is gone, nothing is signalled and that is told. */
  int64_t left = sp_pid(p);
  if (sp_kill_group(p, SIGKILL, &err) != SP_OK) {
    REQUIRE_INT(err.code, SP_EUNSUPPORTED);
    kill((pid_t)-left, SIGKILL);
  }
  sp_process_free(p);
  free(input);
}

void scenario_broken_pipe(void) {
  sp_error err = SP_ERROR_INIT;
  sp_process *p = NULL;
  REQUIRE_CODE(sp_popen(ARGV("true"), &SP_OPTIONS(.std_in.kind = SP_PIPE), &p, &err), SP_OK, &err);
  host_await_death(sp_pid(p));
  REQUIRE_CODE(sp_write(p, "x", 1, SP_FOREVER, &err), SP_ESYS, &err);
  REQUIRE_INT(err.sys_errno, EPIPE);
  REQUIRE_CODE(sp_communicate(p, "x", 1, SP_FOREVER, NULL, &err), SP_OK, &err);
  sp_process_free(p);
  sigset_t pending;
  REQUIRE(sigpending(&pending) == 0);
  REQUIRE_INT(sigismember(&pending, SIGPIPE), 0);
}

static sp_cancel *token;

static void trigger_token(int sig) {
  (void)sig;
  sp_cancel_trigger(token);
}

/* A timer and not a thread: without clone3 there may be none. SA_RESTART, so that it is the token that wakes. */
void scenario_cancel(void) {
  sp_error err = SP_ERROR_INIT;
  struct sigaction old;
  REQUIRE(sigaction(SIGALRM, &(struct sigaction){.sa_handler = trigger_token, .sa_flags = SA_RESTART}, &old) == 0);
  REQUIRE_CODE(sp_cancel_new(&token, &err), SP_OK, &err);
  sp_process *p = NULL;
  sp_options opt = {.size = sizeof opt, .flags = SP_CAPTURE, .std_in.kind = SP_PIPE, .cancel = token};
  REQUIRE_CODE(sp_popen(ARGV("cat"), &opt, &p, &err), SP_OK, &err);
  for (int way = 0; way < 3; way++) {
    char byte;
    int64_t rc = SP_OK;
    REQUIRE(setitimer(ITIMER_REAL, &(struct itimerval){{0, 0}, {0, 20000}}, NULL) == 0);
    if (way == 0) rc = sp_wait(p, SP_FOREVER, NULL, &err);
    if (way == 1) rc = sp_read(p, SP_OUT, &byte, 1, SP_FOREVER, &err);
    /* An ended input would end cat. */
    if (way == 2) rc = sp_read(p, SP_ERR, &byte, 1, 100000, &err);
    REQUIRE_CODE(rc, SP_ECANCELED, &err);
    sp_cancel_reset(token);
  }
  REQUIRE_CODE(sp_communicate(p, "end", 3, SP_FOREVER, NULL, &err), SP_OK, &err);
  sp_process_free(p);
  sp_cancel_free(token);
  REQUIRE(sigaction(SIGALRM, &old, NULL) == 0);
}

void scenarios_all(void) {
  scenario_capture();
  scenario_failures();
  scenario_close_fds();
  scenario_timeouts();
  scenario_signals();
  scenario_communicate();
  scenario_broken_pipe();
  scenario_cancel();
}
