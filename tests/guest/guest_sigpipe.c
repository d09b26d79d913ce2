/* SPDX-License-Identifier: MIT
 *
 * Writing to a child that does not read: the host with the default disposition lives on, no SIGPIPE stays pending, and
 * one that was pending before is not swallowed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "host.h"
#include "host_state.h"

enum { BIG = 1 << 20 };

static void require_pending(int want) {
  sigset_t pending;
  REQUIRE(sigpending(&pending) == 0);
  REQUIRE_INT(sigismember(&pending, SIGPIPE), want);
}

static void write_to_deaf(void) {
  sp_error err = SP_ERROR_INIT;
  sp_process *p = NULL;
  REQUIRE_CODE(sp_popen(SHELL("exec <&-; echo deaf; exec sleep 1000"),
                        &SP_OPTIONS(.std_in.kind = SP_PIPE, .std_out.kind = SP_PIPE), &p, &err),
               SP_OK, &err);
  char text[8];
  REQUIRE_INT(sp_read(p, SP_OUT, text, sizeof text, SP_FOREVER, &err), 5);
  for (int i = 0; i < 3; i++) {
    REQUIRE_CODE(sp_write(p, "x", 1, i == 1 ? 1000 : SP_FOREVER, &err), SP_ESYS, &err);
    REQUIRE_INT(err.sys_errno, EPIPE);
    REQUIRE_INT(err.step, SP_AT_IO);
  }
  REQUIRE_CODE(sp_stop(p, 0, NULL, &err), SP_OK, &err);
  REQUIRE_CODE(sp_write(p, "x", 1, SP_FOREVER, &err), SP_ESYS, &err);
  sp_process_free(p);
}

static void communicate_with_deaf(const char *input) {
  sp_error err = SP_ERROR_INIT;
  sp_process *p = NULL;
  sp_result *r = NULL;
  sp_options opt = {.size = sizeof opt, .flags = SP_CAPTURE | SP_CHECK, .input = input, .input_len = BIG};
  REQUIRE_CODE(sp_run(SHELL("exec <&-; echo deaf"), &opt, &r, &err), SP_OK, &err);
  REQUIRE_OUTPUT(r, SP_OUT, "deaf\n");
  sp_result_free(r);
  opt.flags = 0;
  REQUIRE_CODE(sp_run(SHELL("exit 4"), &opt, &r, &err), SP_OK, &err);
  REQUIRE_INT(sp_result_returncode(r), 4);
  sp_result_free(r);
  /* It stops reading half-way, so that the pipe is full before it breaks. */
  REQUIRE_CODE(
      sp_popen(SHELL("head -c 300000 | wc -c"), &SP_OPTIONS(.std_in.kind = SP_PIPE, .std_out.kind = SP_PIPE), &p, &err),
      SP_OK, &err);
  REQUIRE_CODE(sp_communicate(p, input, BIG, SP_FOREVER, &r, &err), SP_OK, &err);
  REQUIRE_OUTPUT(r, SP_OUT, "300000\n");
  sp_result_free(r);
  sp_process_free(p);
  sp_command stages[] = {{SHELL("head -c 10"), NULL}, {ARGV("cat"), NULL}};
  REQUIRE_CODE(sp_pipeline(stages, 2, &SP_OPTIONS(.std_in.kind = SP_PIPE, .std_out.kind = SP_PIPE), &p, &err), SP_OK,
               &err);
  REQUIRE_CODE(sp_communicate(p, input, BIG, SP_FOREVER, NULL, &err), SP_OK, &err);
  sp_process_free(p);
}

static void write_and_communicate(void) {
  char *state = host_state_take();
  char *input = malloc(BIG);
  REQUIRE(input != NULL);
  memset(input, 'i', BIG);
  write_to_deaf();
  communicate_with_deaf(input);
  free(input);
  char *later = host_state_take();
  host_state_require_same(state, later);
  free(state);
  free(later);
}

HOST_TEST(sigpipe_at_its_default) {
  REQUIRE(signal(SIGPIPE, SIG_DFL) != SIG_ERR);
  write_and_communicate();
  require_pending(0);
}

HOST_TEST(sigpipe_blocked) {
  sigset_t mask;
  sigemptyset(&mask);
  sigaddset(&mask, SIGPIPE);
  REQUIRE(sigprocmask(SIG_BLOCK, &mask, NULL) == 0);
  write_and_communicate();
  require_pending(0);
}

HOST_TEST(sigpipe_pending_before) {
  sigset_t mask;
  sigemptyset(&mask);
  sigaddset(&mask, SIGPIPE);
  REQUIRE(sigprocmask(SIG_BLOCK, &mask, NULL) == 0);
  REQUIRE(raise(SIGPIPE) == 0);
  write_and_communicate();
  require_pending(1);
}

static volatile int pipe_count;

static void on_pipe(int sig) {
  (void)sig;
  pipe_count++;
}

HOST_TEST(sigpipe_handled) {
  REQUIRE(sigaction(SIGPIPE, &(struct sigaction){.sa_handler = on_pipe}, NULL) == 0);
  write_and_communicate();
  REQUIRE_INT(pipe_count, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sigpipe_at_its_default),
      cmocka_unit_test(sigpipe_blocked),
      cmocka_unit_test(sigpipe_pending_before),
      cmocka_unit_test(sigpipe_handled),
  };
  return cmocka_run_group_tests_name("guest_sigpipe", tests, NULL, NULL);
}
