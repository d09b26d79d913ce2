/* SPDX-License-Identifier: MIT
 *
 * Children that do not do what is expected of them: they ignore signals and input, write without end, stop, or close
 * their pipes and live on.
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
#include "waker.h"

enum { SOON = 15000 };

static int64_t took(int64_t start) { return host_now_ms() - start; }

HOST_TEST(child_ignores_sigterm_and_input) {
  sp_error err = SP_ERROR_INIT;
  sp_result *r = NULL;
  char *input = big_input();
  sp_options opt = {.size = sizeof opt, .flags = SP_CAPTURE, .input = input, .input_len = BIG};
  opt.timeout_ms = host_slow(300);
  opt.kill_grace_ms = 250;
  int64_t start = host_now_ms();
  REQUIRE_CODE(sp_run(SHELL("trap '' TERM; echo ready; exec sleep 1000"), &opt, &r, &err), SP_ETIMEDOUT, &err);
  REQUIRE(took(start) >= opt.timeout_ms + opt.kill_grace_ms - 1 && took(start) < host_slow(SOON));
  REQUIRE_INT(sp_result_returncode(r), -SIGKILL);
  REQUIRE_OUTPUT(r, SP_OUT, "ready\n");
  sp_result_free(r);
  /* One that heeds SIGTERM is not kept waiting, and its last words are heard. */
  opt.kill_grace_ms = 1000000;
  REQUIRE_CODE(sp_run(SHELL("trap 'echo bye; exit 4' TERM; sleep 1000 & echo $!; wait"), &opt, &r, &err), SP_ETIMEDOUT,
               &err);
  REQUIRE(took(start) < host_slow(SOON));
  REQUIRE_INT(sp_result_returncode(r), 4);
  const char *text = sp_result_output(r, SP_OUT, NULL);
  REQUIRE(strstr(text, "\nbye\n") != NULL);
  REQUIRE(kill(atoi(text), SIGKILL) == 0);
  sp_result_free(r);
  free(input);
}

HOST_TEST(child_writes_much_before_it_reads) {
  static const char line[] = "head -c 10000000 /dev/zero; head -c 10000000 /dev/zero >&2; cat";
  sp_error err = SP_ERROR_INIT;
  sp_result *r = NULL;
  char *input = big_input();
  for (int limited = 0; limited < 2; limited++) {
    sp_options opt = {.size = sizeof opt, .flags = SP_CAPTURE | SP_CHECK, .input = input, .input_len = BIG};
    opt.timeout_ms = limited ? host_slow(40000) : 0;
    REQUIRE_CODE(sp_run(SHELL(line), &opt, &r, &err), SP_OK, &err);
    size_t len = 0;
    const char *text = sp_result_output(r, SP_OUT, &len);
    REQUIRE(len == 2 * (size_t)BIG && memcmp(text + BIG, input, BIG) == 0);
    for (size_t i = 0; i < BIG; i++) REQUIRE(text[i] == 0);
    sp_result_output(r, SP_ERR, &len);
    REQUIRE_INT(len, BIG);
    sp_result_free(r);
  }
  free(input);
}

/* There is always something to read, and still the limit comes. */
HOST_TEST(child_writes_without_end) {
  sp_error err = SP_ERROR_INIT;
  sp_result *r = NULL;
  sp_options opt = {.size = sizeof opt, .flags = SP_CAPTURE, .timeout_ms = 300, .max_output = 1000};
  int64_t start = host_now_ms();
  REQUIRE_CODE(sp_run(SHELL("yes >&2 & echo $!; exec yes"), &opt, &r, &err), SP_ETIMEDOUT, &err);
  REQUIRE(took(start) >= 299 && took(start) < host_slow(SOON));
  size_t len = 0;
  int pid = atoi(sp_result_output(r, SP_OUT, &len));
  REQUIRE_INT(len, 1000);
  REQUIRE(sp_result_dropped(r, SP_OUT) > 0 && sp_result_dropped(r, SP_ERR) > 0);
  /* It may have ended by itself, of SIGPIPE, once the pipes were closed. */
  REQUIRE(pid > 1 && (kill(pid, SIGKILL) == 0 || errno == ESRCH));
  sp_result_free(r);
}

/* The child has ended, and a grandchild never stops writing: the drain ends all the same. */
HOST_TEST(grandchild_writes_without_end) {
  sp_error err = SP_ERROR_INIT;
  sp_process *p = NULL;
  sp_result *r = NULL;
  sp_options opt = {.size = sizeof opt, .flags = SP_CAPTURE | SP_NEW_GROUP, .drain_ms = 100, .max_output = 1000};
  REQUIRE_CODE(sp_popen(SHELL("yes & exit 3"), &opt, &p, &err), SP_OK, &err);
  int64_t start = host_now_ms();
  REQUIRE_CODE(sp_communicate(p, NULL, 0, SP_FOREVER, &r, &err), SP_OK, &err);
  REQUIRE(took(start) < host_slow(SOON));
  REQUIRE_INT(sp_result_returncode(r), 3);
  REQUIRE_INT(sp_result_pipes_held(r), 1);
  REQUIRE_CODE(sp_kill_group(p, SIGKILL, &err), SP_OK, &err);
  sp_result_free(r);
  sp_process_free(p);
  REQUIRE_CODE(
      sp_popen(SHELL("yes & exit 3"), &SP_OPTIONS(.flags = SP_CAPTURE | SP_NEW_GROUP, .max_output = 1), &p, &err),
      SP_OK, &err);
  start = host_now_ms();
  REQUIRE_CODE(sp_communicate(p, NULL, 0, 200, NULL, &err), SP_ETIMEDOUT, &err);
  REQUIRE(took(start) >= 199 && took(start) < host_slow(SOON));
  REQUIRE_CODE(sp_kill_group(p, SIGKILL, &err), SP_OK, &err);
  REQUIRE_CODE(sp_wait(p, SP_FOREVER, NULL, &err), SP_OK, &err);
  sp_process_free(p);
}

/* End of file on every pipe is no end of the child. */
HOST_TEST(child_closes_its_pipes_and_lives) {
  sp_error err = SP_ERROR_INIT;
  sp_process *p = NULL;
  sp_options opt = {.size = sizeof opt, .flags = SP_CAPTURE, .std_in.kind = SP_PIPE};
  REQUIRE_CODE(sp_popen(SHELL("exec <&- >&- 2>&-; exec sleep 1000"), &opt, &p, &err), SP_OK, &err);
  for (int i = 0; i < 2; i++) {
    int64_t start = host_now_ms(), cpu = host_cpu_ms();
    REQUIRE_CODE(sp_communicate(p, "input", 5, 400, NULL, &err), SP_ETIMEDOUT, &err);
    REQUIRE(took(start) >= 399 && took(start) < host_slow(SOON));
    REQUIRE(host_cpu_ms() - cpu < host_slow(200));
  }
  REQUIRE_CODE(sp_kill(p, &err), SP_OK, &err);
  REQUIRE_CODE(sp_communicate(p, NULL, 0, SP_FOREVER, NULL, &err), SP_OK, &err);
  sp_process_free(p);
  sp_result *r = NULL;
  opt.std_in.kind = SP_INHERIT;
  opt.timeout_ms = 200;
  REQUIRE_CODE(sp_run(SHELL("exec >&- 2>&-; exec sleep 1000"), &opt, &r, &err), SP_ETIMEDOUT, &err);
  REQUIRE_INT(sp_result_returncode(r), -SIGKILL);
  sp_result_free(r);
}

/* SIGTERM alone does not reach a stopped child. */
HOST_TEST(child_stops_itself) {
  sp_error err = SP_ERROR_INIT;
  sp_result *r = NULL;
  sp_options opt = {.size = sizeof opt, .flags = SP_CAPTURE, .timeout_ms = 200, .kill_grace_ms = 1000000};
  int64_t start = host_now_ms();
  REQUIRE_CODE(sp_run(SHELL("echo up; kill -STOP $$; exec sleep 1000"), &opt, &r, &err), SP_ETIMEDOUT, &err);
  REQUIRE(took(start) >= 199 && took(start) < host_slow(SOON));
  REQUIRE_INT(sp_result_returncode(r), -SIGTERM);
  REQUIRE_OUTPUT(r, SP_OUT, "up\n");
  sp_result_free(r);
}

HOST_TEST(child_does_not_read) {
  sp_error err = SP_ERROR_INIT;
  sp_process *p = NULL;
  char *input = big_input();
  REQUIRE_CODE(sp_popen(ARGV("sleep", "1000"), &SP_OPTIONS(.std_in.kind = SP_PIPE), &p, &err), SP_OK, &err);
  int64_t start = host_now_ms(), written = sp_write(p, input, BIG, 200, &err);
  REQUIRE(took(start) >= 199 && took(start) < host_slow(SOON));
  REQUIRE(written > 0 && written < BIG);
  REQUIRE_CODE(sp_write(p, input, BIG, 0, &err), SP_ETIMEDOUT, &err);
  start = host_now_ms();
  REQUIRE_CODE(sp_write(p, input, 1, 200, &err), SP_ETIMEDOUT, &err);
  REQUIRE(took(start) >= 199 && took(start) < host_slow(SOON));
  REQUIRE_CODE(sp_stop(p, 0, NULL, &err), SP_OK, &err);
  sp_process_free(p);
  free(input);
}

/* Freeing takes no time, whatever the child thinks of it. */
HOST_TEST(child_does_not_end_with_its_handle) {
  sp_error err = SP_ERROR_INIT;
  sp_process *p = NULL;
  REQUIRE_CODE(sp_popen(SHELL("trap '' TERM; exec sleep 1000"), &SP_OPTIONS(.flags = SP_CAPTURE), &p, &err), SP_OK,
               &err);
  int pid = (int)sp_pid(p);
  int64_t start = host_now_ms();
  sp_process_free(p);
  REQUIRE(took(start) < host_slow(SOON));
  REQUIRE(kill(pid, 0) == 0);
  sp_release_caches();
  REQUIRE(kill(pid, SIGKILL) == 0);
  host_await_death(pid);
  sp_release_caches();
  host_require_no_children();
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(child_ignores_sigterm_and_input),
      cmocka_unit_test(child_writes_much_before_it_reads),
      cmocka_unit_test(child_writes_without_end),
      cmocka_unit_test(grandchild_writes_without_end),
      cmocka_unit_test(child_closes_its_pipes_and_lives),
      cmocka_unit_test(child_stops_itself),
      cmocka_unit_test(child_does_not_read),
      cmocka_unit_test(child_does_not_end_with_its_handle),
  };
  return cmocka_run_group_tests_name("hang_stubborn", tests, NULL, NULL);
}
