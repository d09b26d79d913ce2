/* SPDX-License-Identifier: MIT
 *
 * A stream is closed by one thread at the very moment at which another one begins to use it: whoever is first, the user
 * is told and does not block, and nobody else is.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "host.h"
#include "waker.h"

/* Passes only where a wake-up was lost. */
enum { LIMIT_MS = 15000 };
/* The closing thread lets this many turns of an empty loop pass first: from none to longer than the way into a call. */
enum { LONGEST_DELAY = 4000 };

static char *input;

/* Under sanitizers and valgrind a start is slow. */
static int rounds(void) { return (int)(300 / host_slow(1)); }

/* A thread that closes a stream, or the whole process, in each round, together with the thread that uses it. */
typedef struct closer {
  pthread_t thread;
  sp_process *p;
  int stream;
  int round; /* what the user begins */
  int done;  /* what the closer has finished */
} closer;

static void await_round(const int *round, int number) {
  while (__atomic_load_n(round, __ATOMIC_ACQUIRE) != number) sched_yield();
}

static void *close_in_rounds(void *arg) {
  closer *c = arg;
  for (int round = 1; round <= rounds(); round++) {
    await_round(&c->round, round);
    for (volatile int delay = LONGEST_DELAY * round / rounds(); delay > 0; delay--) {
    }
    REQUIRE_CODE(c->stream < 0 ? sp_close(c->p) : sp_close_stream(c->p, c->stream), SP_OK, NULL);
    __atomic_store_n(&c->done, round, __ATOMIC_RELEASE);
  }
  return NULL;
}

/* From here on the stream is being closed. */
static void begin_round(closer *c, sp_process *p, int round) {
  c->p = p;
  __atomic_store_n(&c->round, round, __ATOMIC_RELEASE);
}

static sp_process *start_idle(size_t stages) {
  sp_error err = SP_ERROR_INIT;
  sp_process *p = NULL;
  sp_command idle[2] = {{ARGV("sleep", "1000"), NULL}, {ARGV("sleep", "1000"), NULL}};
  sp_options opt = {.size = sizeof opt, .flags = SP_CAPTURE, .std_in.kind = SP_PIPE};
  REQUIRE_CODE(sp_pipeline(idle, stages, &opt, &p, &err), SP_OK, &err);
  return p;
}

static int write_to_full_pipe(sp_process *p, sp_error *err) { return (int)sp_write(p, input, 1, LIMIT_MS, err); }

static int communicate(sp_process *p, sp_error *err) { return sp_communicate(p, input, BIG, LIMIT_MS, NULL, err); }

/* The user of standard input gets SP_ECLOSED, whether it was closed before, while or after the call has claimed it. */
static void race(size_t stages, int (*use)(sp_process *p, sp_error *err)) {
  input = big_input();
  closer c = {.stream = SP_IN};
  REQUIRE(pthread_create(&c.thread, NULL, close_in_rounds, &c) == 0);
  for (int round = 1; round <= rounds(); round++) {
    sp_error err = SP_ERROR_INIT;
    sp_process *p = start_idle(stages);
    if (use == write_to_full_pipe) REQUIRE(sp_write(p, input, BIG, 0, &err) > 0);
    begin_round(&c, p, round);
    int rc = use(p, &err);
    if (rc != SP_ECLOSED) host_note("round %d", round);
    REQUIRE_CODE(rc, SP_ECLOSED, &err);
    await_round(&c.done, round);
    REQUIRE_CODE(sp_stop(p, 0, NULL, &err), SP_OK, &err);
    sp_process_free(p);
  }
  REQUIRE(pthread_join(c.thread, NULL) == 0);
  free(input);
}

HOST_TEST(closing_races_with_write) { race(1, write_to_full_pipe); }

HOST_TEST(closing_races_with_communicate) { race(1, communicate); }

HOST_TEST(closing_races_with_a_pipeline) { race(2, communicate); }

static void close_and_communicate(void *p) {
  sp_error err = SP_ERROR_INIT;
  REQUIRE_CODE(sp_close_stream(p, SP_OUT), SP_OK, NULL);
  REQUIRE_CODE(sp_communicate(p, NULL, 0, LIMIT_MS, NULL, &err), SP_OK, &err);
}

/* While a reader leaves the stream that was closed under it, another thread communicates through the others. */
static void leave_beside(size_t stages) {
  for (int round = 1; round <= rounds(); round++) {
    sp_error err = SP_ERROR_INIT;
    sp_process *p = NULL;
    waker w;
    char byte;
    sp_command copy[2] = {{ARGV("cat"), NULL}, {ARGV("cat"), NULL}};
    sp_options opt = {.size = sizeof opt, .flags = SP_CAPTURE, .std_in.kind = SP_PIPE};
    REQUIRE_CODE(sp_pipeline(copy, stages, &opt, &p, &err), SP_OK, &err);
    waker_start(&w, close_and_communicate, p);
    REQUIRE_CODE(sp_read(p, SP_OUT, &byte, 1, SP_FOREVER, &err), SP_ECLOSED, &err);
    waker_join(&w);
    sp_process_free(p);
  }
}

HOST_TEST(closing_one_stream_leaves_the_others) { leave_beside(1); }

HOST_TEST(closing_one_stream_leaves_the_others_of_a_pipeline) { leave_beside(2); }

static int read_line(sp_process *p, sp_error *err) {
  const char *line = NULL;
  size_t len = 0;
  return sp_read_line(p, SP_OUT, LIMIT_MS, &line, &len, err);
}

static int wait_for_end(sp_process *p, sp_error *err) { return sp_wait(p, LIMIT_MS, NULL, err); }

/* A child that ends because its input was closed, on the one processor that all have to share: it may be faster than
 * the thread that closes. Its end is no news to whoever was inside the process. */
HOST_TEST(closing_comes_before_what_it_causes) {
  int (*const uses[])(sp_process * p, sp_error * err) = {read_line, wait_for_end};
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET((unsigned)sched_getcpu(), &one);
  REQUIRE(sched_setaffinity(0, sizeof one, &one) == 0);
  closer c = {.stream = -1};
  REQUIRE(pthread_create(&c.thread, NULL, close_in_rounds, &c) == 0);
  for (int round = 1; round <= rounds(); round++) {
    sp_error err = SP_ERROR_INIT;
    sp_process *p = NULL;
    sp_options opt = {.size = sizeof opt, .std_in.kind = SP_PIPE, .std_out.kind = SP_PIPE};
    REQUIRE_CODE(sp_popen(ARGV("cat"), &opt, &p, &err), SP_OK, &err);
    begin_round(&c, p, round);
    int rc = uses[round % 2](p, &err);
    if (rc != SP_ECLOSED) host_note("round %d", round);
    REQUIRE_CODE(rc, SP_ECLOSED, &err);
    await_round(&c.done, round);
    sp_process_free(p);
  }
  REQUIRE(pthread_join(c.thread, NULL) == 0);
}

typedef struct gate {
  int entered[2];
  int leave[2];
} gate;

/* Keeps its stream in use until the test lets it go. */
static int stay(void *arg, int stream, const void *data, size_t len) {
  gate *g = arg;
  char byte = 0;
  (void)stream;
  (void)data;
  (void)len;
  REQUIRE(write(g->entered[1], &byte, 1) == 1);
  REQUIRE(read(g->leave[0], &byte, 1) == 1);
  return 0;
}

static void *communicate_until_closed(void *arg) {
  sp_error err = SP_ERROR_INIT;
  REQUIRE_CODE(sp_communicate(arg, NULL, 0, SP_FOREVER, NULL, &err), SP_ECLOSED, &err);
  return NULL;
}

/* Waiting for the child is not using its streams: it goes on, and without spinning, while one is being closed. */
HOST_TEST(closing_a_stream_leaves_waiting_alone) {
  sp_error err = SP_ERROR_INIT;
  sp_process *p = NULL;
  gate g;
  pthread_t user;
  char byte = 0;
  REQUIRE(pipe2(g.entered, O_CLOEXEC) == 0 && pipe2(g.leave, O_CLOEXEC) == 0);
  sp_options opt = {.size = sizeof opt, .flags = SP_CAPTURE, .on_output = stay, .on_output_arg = &g};
  REQUIRE_CODE(sp_popen(SHELL("echo up; exec sleep 1000"), &opt, &p, &err), SP_OK, &err);
  REQUIRE(pthread_create(&user, NULL, communicate_until_closed, p) == 0);
  REQUIRE(read(g.entered[0], &byte, 1) == 1);
  REQUIRE_CODE(sp_close_stream(p, SP_OUT), SP_OK, NULL);
  int64_t begin = host_now_ms(), begin_cpu = host_cpu_ms();
  REQUIRE_CODE(sp_wait(p, 300, NULL, &err), SP_ETIMEDOUT, &err);
  REQUIRE(host_now_ms() - begin >= 300);
  REQUIRE(host_cpu_ms() - begin_cpu < host_slow(150));
  REQUIRE_CODE(sp_stop(p, 1000, NULL, &err), SP_OK, &err);
  REQUIRE(write(g.leave[1], &byte, 1) == 1);
  REQUIRE(pthread_join(user, NULL) == 0);
  sp_process_free(p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(closing_races_with_write),
      cmocka_unit_test(closing_races_with_communicate),
      cmocka_unit_test(closing_races_with_a_pipeline),
      cmocka_unit_test(closing_one_stream_leaves_the_others),
      cmocka_unit_test(closing_one_stream_leaves_the_others_of_a_pipeline),
      cmocka_unit_test(closing_comes_before_what_it_causes),
      cmocka_unit_test(closing_a_stream_leaves_waiting_alone),
  };
  return cmocka_run_group_tests_name("hang_race", tests, NULL, NULL);
}
