/* SPDX-License-Identifier: MIT
 *
 * Calls that are cut short thousands of times and repeated: no byte is lost, doubled or out of order.
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
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

#include "host.h"
#include "host_state.h"
#include "waker.h"

/* It sends all that it gets to both outputs; alone or, since that is waited for in another way, at the end of a
 * pipeline. */
static sp_process *start_tee(bool piped, uint64_t flags, sp_cancel *token) {
  sp_error err = SP_ERROR_INIT;
  sp_process *p = NULL;
  sp_command stages[] = {{ARGV("cat"), NULL}, {ARGV("tee", "/dev/stderr"), NULL}};
  sp_options opt = {.size = sizeof opt, .flags = SP_CAPTURE | flags, .std_in.kind = SP_PIPE, .cancel = token};
  int rc = piped ? sp_pipeline(stages, 2, &opt, &p, &err) : sp_popen(stages[1].argv, &opt, &p, &err);
  REQUIRE_CODE(rc, SP_OK, &err);
  return p;
}

static void finish_tee(sp_process *p, const char *input) {
  sp_error err = SP_ERROR_INIT;
  sp_result *r = NULL;
  REQUIRE_CODE(sp_communicate(p, input, BIG, SP_FOREVER, &r, &err), SP_OK, &err);
  REQUIRE_INT(sp_result_returncode(r), 0);
  require_same(r, SP_OUT, input, BIG);
  require_same(r, SP_ERR, input, BIG);
  sp_result_free(r);
  sp_process_free(p);
}

HOST_TEST(communicate_by_the_millisecond) {
  char *input = big_input();
  for (int turn = 0; turn < 4; turn++) {
    const int64_t limit = turn % 2;
    sp_error err = SP_ERROR_INIT;
    sp_process *p = start_tee(turn / 2, 0, NULL);
    size_t last = 0;
    int rc, cuts = 0;
    for (;;) {
      sp_result *r = NULL;
      rc = sp_communicate(p, input, BIG, limit, cuts % 16 == 0 ? &r : NULL, &err);
      if (rc != SP_ETIMEDOUT) {
        sp_result_free(r);
        break;
      }
      size_t len = 0;
      const char *text = r == NULL ? NULL : sp_result_output(r, SP_OUT, &len);
      if (text != NULL) REQUIRE(len >= last && memcmp(text + last, input + last, len - last) == 0);
      if (text != NULL) last = len;
      sp_result_free(r);
      cuts++;
      /* A limit of 0 does not wait for the child. */
      if (limit == 0) usleep(100);
    }
    REQUIRE_CODE(rc, SP_OK, &err);
    REQUIRE(cuts > 0);
    finish_tee(p, input);
  }
  free(input);
}

static volatile int alarms;

static void on_alarm(int sig) {
  (void)sig;
  alarms++;
}

static void communicate_between_signals_with(bool piped) {
  char *input = big_input();
  sp_process *p = start_tee(piped, SP_RETURN_ON_SIGNAL, NULL);
  REQUIRE(sigaction(SIGALRM, &(struct sigaction){.sa_handler = on_alarm}, NULL) == 0);
  REQUIRE(setitimer(ITIMER_REAL, &(struct itimerval){{0, 1000}, {0, 1000}}, NULL) == 0);
  sp_error err = SP_ERROR_INIT;
  int rc, cuts = -1;
  do {
    rc = sp_communicate(p, input, BIG, SP_FOREVER, NULL, &err);
    cuts++;
  } while (rc == SP_EINTR);
  REQUIRE_CODE(rc, SP_OK, &err);
  REQUIRE(cuts > 0 && alarms > 0);
  REQUIRE(setitimer(ITIMER_REAL, &(struct itimerval){{0, 0}, {0, 0}}, NULL) == 0);
  finish_tee(p, input);
  free(input);
}

HOST_TEST(communicate_between_signals) {
  communicate_between_signals_with(false);
  communicate_between_signals_with(true);
}

/* Less and less often, because a call that is too slow for the pace would get nowhere. */
static void *trigger_often(void *arg) {
  void **shared = arg;
  struct timespec ts = {0, 500000};
  while (!__atomic_load_n((const bool *)shared[1], __ATOMIC_ACQUIRE)) {
    sp_cancel_trigger(shared[0]);
    nanosleep(&ts, NULL);
    if (ts.tv_nsec < 500000000) ts.tv_nsec += 10000;
  }
  return NULL;
}

static void communicate_between_cancels_with(bool piped) {
  sp_error err = SP_ERROR_INIT;
  sp_cancel *token = NULL;
  REQUIRE_CODE(sp_cancel_new(&token, &err), SP_OK, &err);
  char *input = big_input();
  sp_process *p = start_tee(piped, 0, token);
  bool done = false;
  void *shared[] = {token, &done};
  pthread_t thread;
  REQUIRE(pthread_create(&thread, NULL, trigger_often, shared) == 0);
  int rc, cuts = -1;
  do {
    sp_cancel_reset(token);
    rc = sp_communicate(p, input, BIG, SP_FOREVER, NULL, &err);
    cuts++;
  } while (rc == SP_ECANCELED);
  REQUIRE_CODE(rc, SP_OK, &err);
  REQUIRE(cuts > 0);
  __atomic_store_n(&done, true, __ATOMIC_RELEASE);
  REQUIRE(pthread_join(thread, NULL) == 0);
  sp_cancel_reset(token);
  sp_cancel_free(token);
  finish_tee(p, input);
  free(input);
}

HOST_TEST(communicate_between_cancels) {
  communicate_between_cancels_with(false);
  communicate_between_cancels_with(true);
}

typedef struct feed {
  sp_process *p;
  const char *input;
} feed;

static void *write_in_pieces(void *arg) {
  const feed *f = arg;
  size_t done = 0;
  for (int64_t limit = 0; done < BIG; limit = !limit) {
    sp_error err = SP_ERROR_INIT;
    int64_t n = sp_write(f->p, f->input + done, BIG - done, limit, &err);
    if (n > 0) done += (size_t)n;
    if (n < 0) REQUIRE_CODE(n, SP_ETIMEDOUT, &err);
  }
  REQUIRE_CODE(sp_close_stream(f->p, SP_IN), SP_OK, NULL);
  return NULL;
}

/* Lines and plain reads of one stream, in short turns, beside a writer in another thread. */
HOST_TEST(read_and_write_by_the_millisecond) {
  sp_error err = SP_ERROR_INIT;
  sp_process *p = NULL;
  char *input = big_input(), *got = malloc(BIG);
  REQUIRE(got != NULL);
  for (size_t i = 0; i < BIG; i++)
    if (input[i] == '\0') input[i] = '\n';
  sp_options opt = {.size = sizeof opt, .std_in.kind = SP_PIPE, .std_out.kind = SP_PIPE};
  REQUIRE_CODE(sp_popen(ARGV("cat"), &opt, &p, &err), SP_OK, &err);
  feed f = {p, input};
  pthread_t thread;
  REQUIRE(pthread_create(&thread, NULL, write_in_pieces, &f) == 0);
  size_t len = 0;
  for (int turn = 0;; turn++) {
    const char *line = NULL;
    size_t n = 0;
    int64_t rc;
    if (turn % 2 == 0) {
      rc = sp_read_line(p, SP_OUT, turn % 3, &line, &n, &err);
      if (rc == SP_OK && n > 0) REQUIRE(len + n <= BIG && memcpy(got + len, line, n) != NULL);
    } else {
      rc = sp_read(p, SP_OUT, got + len, BIG - len < 5000 ? BIG - len : 5000, turn % 3, &err);
      n = rc > 0 ? (size_t)rc : 0;
    }
    if (rc < 0) REQUIRE_CODE(rc, SP_ETIMEDOUT, &err);
    if (rc >= 0 && n == 0) break;
    if (rc >= 0) len += n;
    REQUIRE(memcmp(got, input, len < 100 ? len : 100) == 0);
    if (len == BIG) break;
  }
  REQUIRE_INT(len, BIG);
  REQUIRE(memcmp(got, input, BIG) == 0);
  REQUIRE(pthread_join(thread, NULL) == 0);
  REQUIRE_CODE(sp_wait(p, SP_FOREVER, NULL, &err), SP_OK, &err);
  sp_process_free(p);
  free(got);
  free(input);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(communicate_by_the_millisecond),
      cmocka_unit_test(communicate_between_signals),
      cmocka_unit_test(communicate_between_cancels),
      cmocka_unit_test(read_and_write_by_the_millisecond),
  };
  return cmocka_run_group_tests_name("hang_resume", tests, NULL, NULL);
}
