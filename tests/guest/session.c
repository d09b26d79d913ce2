/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host.h"

static int count_output(void *arg, int stream, const void *data, size_t len) {
  (void)stream;
  (void)data;
  *(size_t *)arg += len;
  return 0;
}

static void run_ways(void) {
  sp_error err = SP_ERROR_INIT;
  sp_result *r = NULL;
  size_t seen = 0;
  sp_options callback = {.size = sizeof callback, .flags = SP_CAPTURE, .input = "word", .input_len = 4};
  callback.on_output = count_output;
  callback.on_output_arg = &seen;
  REQUIRE_CODE(sp_run(ARGV("cat"), &callback, &r, &err), SP_OK, &err);
  REQUIRE_OUTPUT(r, SP_OUT, "word");
  REQUIRE_INT(seen, 4);
  sp_result_free(r);
  REQUIRE_CODE(sp_run(ARGV("exit 3"), &SP_OPTIONS(.flags = SP_SHELL | SP_CHECK), &r, &err), SP_EFAILED, &err);
  REQUIRE_INT(sp_result_returncode(r), 3);
  sp_result_free(r);
  REQUIRE_CODE(
      sp_run(ARGV("cat"), &SP_OPTIONS(.std_in = {.kind = SP_FILE, .path = "/etc/passwd"}, .std_out.kind = SP_DEVNULL),
             NULL, &err),
      SP_OK, &err);
  char *text = NULL;
  REQUIRE_CODE(sp_check_output(SHELL("echo $A; umask; pwd"),
                               &SP_OPTIONS(.flags = SP_ENV_EXTEND | SP_SET_UMASK, .umask = 077, .cwd = "/",
                                           .env = ARGV("A=1"), .max_output = 100),
                               &text, NULL, &err),
               SP_OK, &err);
  REQUIRE(strcmp(text, "1\n0077\n/\n") == 0);
  sp_mem_free(text);
}

void session_run(void) {
  run_ways();
  sp_error err = SP_ERROR_INIT;
  sp_result *r = NULL;
  REQUIRE_CODE(sp_run(ARGV("sleep", "1000"), &SP_OPTIONS(.timeout_ms = 30), &r, &err), SP_ETIMEDOUT, &err);
  REQUIRE_INT(sp_result_returncode(r), -SIGKILL);
  sp_result_free(r);
  REQUIRE_CODE(sp_run(SHELL("sleep 1000 & echo early"),
                      &SP_OPTIONS(.flags = SP_CAPTURE | SP_NEW_GROUP | SP_KILL_GROUP_ON_TIMEOUT, .timeout_ms = 100,
                                  .kill_grace_ms = 1000),
                      &r, &err),
               SP_ETIMEDOUT, &err);
  sp_usage usage;
  memset(&usage, 0, sizeof usage);
  usage.size = sizeof usage;
  REQUIRE_CODE(sp_result_usage(r, &usage), SP_OK, NULL);
  sp_result_free(r);
}

void session_talk(void) {
  sp_error err = SP_ERROR_INIT;
  sp_process *p = NULL;
  sp_options pipes = {.size = sizeof pipes, .flags = SP_CAPTURE, .std_in.kind = SP_PIPE, .pipe_size = 8192};
  REQUIRE_CODE(sp_popen(ARGV("cat"), &pipes, &p, &err), SP_OK, &err);
  REQUIRE_INT(sp_write(p, "one\ntwo", 7, SP_FOREVER, &err), 7);
  const char *line = NULL;
  size_t len = 0;
  REQUIRE_CODE(sp_read_line(p, SP_OUT, SP_FOREVER, &line, &len, &err), SP_OK, &err);
  REQUIRE(len == 4 && strcmp(line, "one\n") == 0);
  REQUIRE_INT(sp_poll(p, NULL), 0);
  REQUIRE_CODE(sp_wait(p, 10, NULL, &err), SP_ETIMEDOUT, &err);
  char text[8];
  REQUIRE_CODE(sp_read(p, SP_ERR, text, sizeof text, 10, &err), SP_ETIMEDOUT, &err);
  REQUIRE(sp_stream_handle(p, SP_IN) > 2 && sp_exit_handle(p) > 2 && sp_pid(p) > 0);
  REQUIRE_CODE(sp_close_stream(p, SP_ERR), SP_OK, NULL);
  sp_result *r = NULL;
  REQUIRE_CODE(sp_communicate(p, NULL, 0, SP_FOREVER, &r, &err), SP_OK, &err);
  REQUIRE_OUTPUT(r, SP_OUT, "two");
  sp_result_free(r);
  sp_process_free(p);
  /* A conversation that is interrupted by limits. */
  REQUIRE_CODE(sp_popen(SHELL("cat; exec sleep 1000"), &pipes, &p, &err), SP_OK, &err);
  for (len = 0; len < 3; sp_result_free(r)) {
    r = NULL;
    REQUIRE_CODE(sp_communicate(p, "abc", 3, 20, &r, &err), SP_ETIMEDOUT, &err);
    sp_result_output(r, SP_OUT, &len);
  }
  REQUIRE_CODE(sp_kill(p, &err), SP_OK, &err);
  REQUIRE_CODE(sp_communicate(p, "abc", 3, SP_FOREVER, &r, &err), SP_OK, &err);
  REQUIRE_OUTPUT(r, SP_OUT, "abc");
  REQUIRE_INT(sp_result_returncode(r), -SIGKILL);
  sp_result_free(r);
  sp_process_free(p);
}

void session_signals(void) {
  sp_error err = SP_ERROR_INIT;
  sp_process *p = NULL;
  int64_t code = 0;
  REQUIRE_CODE(sp_popen(ARGV("sleep", "1000"), &SP_OPTIONS(.flags = SP_NEW_GROUP), &p, &err), SP_OK, &err);
  REQUIRE_CODE(sp_send_signal(p, 0, &err), SP_OK, &err);
  REQUIRE_CODE(sp_kill_group(p, SIGKILL, &err), SP_OK, &err);
  REQUIRE_CODE(sp_wait(p, SP_FOREVER, &code, &err), SP_OK, &err);
  REQUIRE_INT(code, -SIGKILL);
  REQUIRE_CODE(sp_kill_group(p, SIGKILL, &err), SP_OK, &err);
  REQUIRE_CODE(sp_terminate(p, &err), SP_OK, &err);
  sp_process_free(p);
  REQUIRE_CODE(sp_popen(ARGV("sleep", "1000"), &SP_OPTIONS(.flags = SP_NEW_SESSION), &p, &err), SP_OK, &err);
  REQUIRE_CODE(sp_stop(p, 10000, &code, &err), SP_OK, &err);
  REQUIRE_INT(code, -SIGTERM);
  sp_process_free(p);
}

void session_pipeline(void) {
  sp_error err = SP_ERROR_INIT;
  sp_process *p = NULL;
  sp_result *r = NULL;
  sp_command good[] = {{ARGV("printf", "b\\na\\n"), NULL}, {ARGV("sort"), NULL}, {ARGV("cat"), NULL}};
  REQUIRE_CODE(sp_pipeline(good, 3, &SP_OPTIONS(.flags = SP_PIPEFAIL, .std_out.kind = SP_PIPE), &p, &err), SP_OK, &err);
  REQUIRE_INT(sp_stage_count(p), 3);
  REQUIRE_CODE(sp_communicate(p, NULL, 0, SP_FOREVER, &r, &err), SP_OK, &err);
  REQUIRE_OUTPUT(r, SP_OUT, "a\nb\n");
  REQUIRE_CODE(sp_wait(sp_stage_at(p, 1), SP_FOREVER, NULL, &err), SP_OK, &err);
  sp_result_free(r);
  sp_process_free(p);
  sp_command bad[] = {{ARGV("sleep", "1000"), NULL}, {ARGV("/nonexistent/program"), NULL}};
  REQUIRE_CODE(sp_pipeline(bad, 2, &SP_OPTIONS(.std_out.kind = SP_PIPE), &p, &err), SP_ENOTFOUND, &err);
  REQUIRE_INT(err.stage, 1);
}

void session_cancel(void) {
  sp_error err = SP_ERROR_INIT;
  sp_cancel *token = NULL;
  sp_result *r = NULL;
  REQUIRE_CODE(sp_cancel_new(&token, &err), SP_OK, &err);
  sp_cancel_trigger(token);
  REQUIRE_CODE(sp_run(ARGV("sleep", "1000"), &SP_OPTIONS(.cancel = token), &r, &err), SP_ECANCELED, &err);
  sp_result_free(r);
  sp_process *p = NULL;
  REQUIRE_CODE(
      sp_popen(ARGV("cat"), &SP_OPTIONS(.flags = SP_CAPTURE, .std_in.kind = SP_PIPE, .cancel = token), &p, &err), SP_OK,
      &err);
  char byte;
  REQUIRE_CODE(sp_read(p, SP_OUT, &byte, 1, SP_FOREVER, &err), SP_ECANCELED, &err);
  REQUIRE_CODE(sp_wait(p, SP_FOREVER, NULL, &err), SP_ECANCELED, &err);
  REQUIRE_CODE(sp_communicate(p, NULL, 0, SP_FOREVER, NULL, &err), SP_ECANCELED, &err);
  sp_cancel_reset(token);
  sp_cancel_free(token);
  REQUIRE_CODE(sp_communicate(p, NULL, 0, SP_FOREVER, NULL, &err), SP_OK, &err);
  sp_process_free(p);
}

void session_failures(void) {
  sp_error err = SP_ERROR_INIT;
  sp_process *p = NULL;
  sp_options pipes = {.size = sizeof pipes, .flags = SP_CAPTURE, .std_in.kind = SP_PIPE};
  REQUIRE_CODE(sp_popen(ARGV("no-such-program-anywhere"), &pipes, &p, &err), SP_ENOTFOUND, &err);
  REQUIRE_INT(err.step, SP_AT_EXEC);
  REQUIRE_CODE(sp_popen(ARGV("/etc/passwd"), &pipes, &p, &err), SP_EACCESS, &err);
  pipes.cwd = "/nonexistent";
  REQUIRE_CODE(sp_popen(ARGV("true"), &pipes, &p, &err), SP_ENOTFOUND, &err);
  REQUIRE_INT(err.step, SP_AT_CHDIR);
  pipes.cwd = NULL;
  pipes.user = "no-such-user-anywhere";
  REQUIRE_CODE(sp_popen(ARGV("true"), &pipes, &p, &err), SP_ENOTFOUND, &err);
  pipes.user = NULL;
  pipes.flags |= (uint64_t)1 << 60;
  REQUIRE_CODE(sp_popen(ARGV("true"), &pipes, &p, &err), SP_EINVAL, &err);
  pipes.size = 3;
  REQUIRE_CODE(sp_popen(ARGV("true"), &pipes, &p, &err), SP_EABI, &err);
  REQUIRE(p == NULL);
}

void session_user(void) {
  if (geteuid() != 0) return;
  sp_error err = SP_ERROR_INIT;
  char *text = NULL;
  static const uint32_t groups[] = {12345};
  REQUIRE_CODE(sp_check_output(SHELL("id -u; id -g; id -G"),
                               &SP_OPTIONS(.flags = SP_SET_UID | SP_SET_GID | SP_SET_GROUPS, .uid = 54321, .gid = 54322,
                                           .groups = groups, .groups_len = 1),
                               &text, NULL, &err),
               SP_OK, &err);
  REQUIRE(strcmp(text, "54321\n54322\n54322 12345\n") == 0);
  sp_mem_free(text);
  REQUIRE_CODE(sp_run(ARGV("true"), &SP_OPTIONS(.user = "root", .group = "root"), NULL, &err), SP_OK, &err);
  /* The ids are changed already when this fails. */
  REQUIRE_CODE(sp_run(ARGV("/nonexistent/program"), &SP_OPTIONS(.flags = SP_SET_UID, .uid = 54321), NULL, &err),
               SP_ENOTFOUND, &err);
}

static int preexec_fails(void *arg) { return arg == NULL ? 0 : E2BIG; }

void session_extras(void) {
  sp_error err = SP_ERROR_INIT;
  int ends[2];
  REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
  int32_t pass = fcntl(ends[1], F_DUPFD_CLOEXEC, 20);
  sp_fd_map map = {9, pass};
  REQUIRE_CODE(sp_run(SHELL("echo x >&9"),
                      &SP_OPTIONS(.pass_fds = &pass, .pass_fds_len = 1, .fd_map = &map, .fd_map_len = 1,
                                  .flags = SP_CHECK | SP_KEEP_SIGNALS | SP_KEEP_SIGMASK | SP_KEEP_FDS),
                      NULL, &err),
               SP_OK, &err);
  char byte;
  REQUIRE_INT(read(ends[0], &byte, 1), 1);
  REQUIRE_CODE(
      sp_run(ARGV("true"), &SP_OPTIONS(.std_out = {.kind = SP_HANDLE, .handle = ends[1]}, .std_err.kind = SP_STDOUT),
             NULL, &err),
      SP_OK, &err);
  close(pass);
  close(ends[0]);
  close(ends[1]);
  sp_options hook = {.size = sizeof hook, .death_signal = SIGKILL, .preexec = preexec_fails};
  REQUIRE_CODE(sp_run(ARGV("true"), &hook, NULL, &err), SP_OK, &err);
  hook.preexec_arg = &hook;
  REQUIRE_CODE(sp_run(ARGV("true"), &hook, NULL, &err), SP_ESYS, &err);
  REQUIRE(err.step == SP_AT_PREEXEC && err.sys_errno == E2BIG);
}

void session_helpers(void) {
  char *text = NULL, **argv = NULL;
  REQUIRE_CODE(sp_quote(ARGV("a b"), &text, NULL), SP_OK, NULL);
  REQUIRE_CODE(sp_split(text, &argv, NULL), SP_OK, NULL);
  REQUIRE(strcmp(argv[0], "a b") == 0 && argv[1] == NULL);
  sp_mem_free(argv);
  sp_mem_free(text);
  REQUIRE_CODE(sp_which("sh", NULL, &text, NULL), SP_OK, NULL);
  sp_mem_free(text);
}

void session_orphans(void) {
  sp_error err = SP_ERROR_INIT;
  sp_process *p = NULL;
  REQUIRE_CODE(sp_popen(ARGV("cat"), &SP_OPTIONS(.std_in.kind = SP_PIPE, .std_out.kind = SP_DEVNULL), &p, &err), SP_OK,
               &err);
  int64_t pid = sp_pid(p);
  sp_process_free(p);
  host_await_death(pid);
  REQUIRE_CODE(sp_popen(ARGV("sleep", "1000"), &SP_OPTIONS(.flags = SP_KILL_ON_FREE), &p, &err), SP_OK, &err);
  pid = sp_pid(p);
  sp_process_free(p);
  host_await_death(pid);
  REQUIRE_CODE(sp_popen(ARGV("cat"), &SP_OPTIONS(.flags = SP_CAPTURE, .std_in.kind = SP_PIPE), &p, &err), SP_OK, &err);
  pid = sp_pid(p);
  REQUIRE_CODE(sp_close(p), SP_OK, NULL);
  REQUIRE_CODE(sp_wait(p, SP_FOREVER, NULL, &err), SP_ECLOSED, &err);
  sp_process_free(p);
  host_await_death(pid);
  sp_release_caches();
}

void session_everything(void) {
  session_run();
  session_talk();
  session_signals();
  session_pipeline();
  session_cancel();
  session_failures();
  session_user();
  session_extras();
  session_helpers();
  session_orphans();
}
