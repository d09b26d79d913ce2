/* SPDX-License-Identifier: MIT
 *
 * The same work as floor.c, done with the library as a user would write it.
 */
#define _POSIX_C_SOURCE 200809L
#include <libsubprocess/sp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "measure.h"

enum { TIMEOUT_MS = 10000 };

static void require_ok(int code, const sp_error *err) {
  if (code == SP_OK) return;
  fprintf(stderr, "driver: library: %s: %s\n", sp_code_name(code), err->message);
  exit(1);
}

static sp_process *start(const char **argv, const sp_options *opt) {
  sp_error err = SP_ERROR_INIT;
  sp_process *p = NULL;
  require_ok(sp_popen(argv, opt, &p, &err), &err);
  return p;
}

static void finish(sp_process *p, int64_t timeout_ms) {
  sp_error err = SP_ERROR_INIT;
  int64_t code = SP_NO_RETURNCODE;
  require_ok(sp_wait(p, timeout_ms, &code, &err), &err);
  require(code == 0, "library: the child failed");
}

static void require_output(const sp_result *result, const char *data, size_t size) {
  size_t got = 0;
  const void *output = sp_result_output(result, SP_OUT, &got);
  require(sp_result_returncode(result) == 0, "library: the child failed");
  require(got == size && (data == NULL || memcmp(output, data, size) == 0), "library: wrong output");
}

static int64_t popen_wait(long count) {
  const int64_t begin = now_ns();
  for (long i = 0; i < count; ++i) {
    sp_process *p = start(true_argv, NULL);
    finish(p, SP_FOREVER);
    sp_process_free(p);
  }
  return now_ns() - begin;
}

static int64_t popen_wait_timeout(long count) {
  const int64_t begin = now_ns();
  for (long i = 0; i < count; ++i) {
    sp_process *p = start(true_argv, NULL);
    finish(p, TIMEOUT_MS);
    sp_process_free(p);
  }
  return now_ns() - begin;
}

static int64_t run_true(long count) {
  const int64_t begin = now_ns();
  for (long i = 0; i < count; ++i) {
    sp_error err = SP_ERROR_INIT;
    sp_result *result = NULL;
    require_ok(sp_run(true_argv, NULL, &result, &err), &err);
    require(sp_result_returncode(result) == 0, "library: the child failed");
    sp_result_free(result);
  }
  return now_ns() - begin;
}

static int64_t check_output(long count) {
  const int64_t begin = now_ns();
  for (long i = 0; i < count; ++i) {
    sp_error err = SP_ERROR_INIT;
    char *output = NULL;
    size_t size = 0;
    require_ok(sp_check_output(hello_argv, NULL, &output, &size, &err), &err);
    require(size == strlen(HELLO) && memcmp(output, HELLO, size) == 0, "library: wrong output");
    sp_mem_free(output);
  }
  return now_ns() - begin;
}

static int64_t run_hello(const sp_options *opt, long count) {
  const int64_t begin = now_ns();
  for (long i = 0; i < count; ++i) {
    sp_error err = SP_ERROR_INIT;
    sp_result *result = NULL;
    require_ok(sp_run(hello_argv, opt, &result, &err), &err);
    require_output(result, HELLO, strlen(HELLO));
    sp_result_free(result);
  }
  return now_ns() - begin;
}

static int64_t run_one_pipe(long count) { return run_hello(&SP_OPTIONS(.std_out.kind = SP_PIPE), count); }
static int64_t run_one_pipe_timeout(long count) {
  return run_hello(&SP_OPTIONS(.std_out.kind = SP_PIPE, .timeout_ms = TIMEOUT_MS), count);
}
static int64_t run_capture(long count) { return run_hello(&SP_OPTIONS(.flags = SP_CAPTURE), count); }

static int64_t communicate(long count) {
  const int64_t begin = now_ns();
  for (long i = 0; i < count; ++i) {
    sp_error err = SP_ERROR_INIT;
    sp_result *result = NULL;
    sp_process *p = start(hello_argv, &SP_OPTIONS(.flags = SP_CAPTURE, .std_in.kind = SP_PIPE));
    require_ok(sp_communicate(p, NULL, 0, SP_FOREVER, &result, &err), &err);
    require_output(result, HELLO, strlen(HELLO));
    sp_result_free(result);
    sp_process_free(p);
  }
  return now_ns() - begin;
}

static int64_t round_trips(long count, int64_t timeout_ms) {
  sp_process *p = start(echo_argv, &SP_OPTIONS(.std_in.kind = SP_PIPE, .std_out.kind = SP_PIPE));
  char line[LINE_SIZE];
  const int64_t begin = now_ns();
  for (long i = 0; i < count; ++i) {
    require(sp_write(p, LINE, LINE_SIZE, timeout_ms, NULL) == LINE_SIZE, "library: short write");
    require(sp_read(p, SP_OUT, line, LINE_SIZE, timeout_ms, NULL) == LINE_SIZE, "library: short read");
  }
  const int64_t spent = now_ns() - begin;
  require(memcmp(line, LINE, LINE_SIZE) == 0, "library: wrong line");
  sp_close_stream(p, SP_IN);
  finish(p, SP_FOREVER);
  sp_process_free(p);
  return spent;
}

static int64_t ping_pong(long count) { return round_trips(count, SP_FOREVER); }
static int64_t ping_pong_timeout(long count) { return round_trips(count, TIMEOUT_MS); }

static int64_t ping_pong_line(long count) {
  sp_process *p = start(echo_argv, &SP_OPTIONS(.std_in.kind = SP_PIPE, .std_out.kind = SP_PIPE));
  const int64_t begin = now_ns();
  for (long i = 0; i < count; ++i) {
    const char *line = NULL;
    size_t size = 0;
    require(sp_write(p, LINE, LINE_SIZE, SP_FOREVER, NULL) == LINE_SIZE, "library: short write");
    require(sp_read_line(p, SP_OUT, SP_FOREVER, &line, &size, NULL) == SP_OK, "library: no line");
    require(size == LINE_SIZE, "library: short line");
  }
  const int64_t spent = now_ns() - begin;
  sp_close_stream(p, SP_IN);
  finish(p, SP_FOREVER);
  sp_process_free(p);
  return spent;
}

static int64_t run_big(const char **argv, const sp_options *opt, const char *data, size_t size, long count) {
  const int64_t begin = now_ns();
  for (long i = 0; i < count; ++i) {
    sp_error err = SP_ERROR_INIT;
    sp_result *result = NULL;
    require_ok(sp_run(argv, opt, &result, &err), &err);
    require_output(result, data, size);
    sp_result_free(result);
  }
  return now_ns() - begin;
}

static int64_t flood(long count) {
  return run_big(flood_argv, &SP_OPTIONS(.std_out.kind = SP_PIPE), NULL, flood_bytes, count);
}

static int64_t flood_capture(long count) {
  return run_big(flood_argv, &SP_OPTIONS(.flags = SP_CAPTURE), NULL, flood_bytes, count);
}

static int64_t both_ways(long count) {
  const sp_options opt = SP_OPTIONS(.std_out.kind = SP_PIPE, .input = both_ways_data, .input_len = both_ways_bytes);
  return run_big(cat_argv, &opt, both_ways_data, both_ways_bytes, count);
}

static int64_t exit_seen_within(long count, int64_t timeout_ms) {
  int64_t total = 0;
  for (long i = 0; i < count; ++i) {
    sp_process *p = start(stamp_argv, &SP_OPTIONS(.std_in.kind = SP_PIPE, .std_out.kind = SP_PIPE));
    struct timespec ended;
    require(sp_write(p, "x", 1, SP_FOREVER, NULL) == 1, "library: short write");
    finish(p, timeout_ms);
    const int64_t seen = now_ns();
    require(sp_read(p, SP_OUT, &ended, sizeof ended, SP_FOREVER, NULL) == sizeof ended, "library: short read");
    total += seen - ((int64_t)ended.tv_sec * 1000000000 + ended.tv_nsec);
    sp_process_free(p);
  }
  return total;
}

static int64_t exit_seen(long count) { return exit_seen_within(count, SP_FOREVER); }
static int64_t exit_seen_timeout(long count) { return exit_seen_within(count, TIMEOUT_MS); }

const measure library_measures[] = {
    {"library.popen_wait", popen_wait},
    {"library.popen_wait_timeout", popen_wait_timeout},
    {"library.run", run_true},
    {"library.check_output", check_output},
    {"library.run_one_pipe", run_one_pipe},
    {"library.run_one_pipe_timeout", run_one_pipe_timeout},
    {"library.run_capture", run_capture},
    {"library.communicate", communicate},
    {"library.ping_pong", ping_pong},
    {"library.ping_pong_timeout", ping_pong_timeout},
    {"library.ping_pong_line", ping_pong_line},
    {"library.flood", flood},
    {"library.flood_capture", flood_capture},
    {"library.both_ways", both_ways},
    {"library.exit_seen", exit_seen},
    {"library.exit_seen_timeout", exit_seen_timeout},
    {NULL, NULL},
};
