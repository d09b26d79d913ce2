/* SPDX-License-Identifier: MIT
 *
 * What a result tells about a child, beyond its output.
 */
#include "fixture.h"

#include <string.h>

static sp_result *result_of(const char *const *argv, const sp_options *opt) {
  sp_error err = SP_ERROR_INIT;
  sp_result *result = NULL;
  check_ok(sp_run(argv, opt, &result, &err), err);
  return result;
}

static sp_usage usage_of(const sp_result *result) {
  sp_usage usage = {.size = sizeof usage};
  check(sp_result_usage(result, &usage) == SP_OK);
  return usage;
}

/* A loop of the shell's own costs processor time in user mode; reading zeros costs it in the kernel. */
static void processor_time_is_told(void **state) {
  (void)state;
  sp_result *idle = result_of(LIST("true"), NULL);
  sp_result *busy = result_of(LIST("sh", "-c", "i=0; while [ $i -lt 60000 ]; do i=$((i+1)); done"), NULL);
  sp_result *copying = result_of(LIST("head", "-c", "400000000", "/dev/zero"),
                                 &(sp_options){.size = sizeof(sp_options), .std_out.kind = SP_DEVNULL});
  sp_usage a = usage_of(idle), b = usage_of(busy), c = usage_of(copying);
  assert_true(a.user_us >= 0 && a.system_us >= 0);
  assert_true(b.user_us > a.user_us && b.user_us > 10000);
  assert_true(c.system_us > 1000);
  assert_true(b.wall_us >= b.user_us - 20000); /* one thread: no more time than has passed, but for the clocks' grain */
  sp_result_free(idle), sp_result_free(busy), sp_result_free(copying);
}

static void the_time_that_passed_is_told(void **state) {
  (void)state;
  sp_error err = SP_ERROR_INIT;
  const sp_options options = {.size = sizeof options, .std_in.kind = SP_PIPE};
  int64_t begin = now_ms();
  sp_process *p = start(CHILD("copy"), &options);
  assert_int_equal(sp_wait(p, SHORT_MS, NULL, &err), SP_ETIMEDOUT);
  sp_result *result = NULL;
  check_ok(sp_communicate(p, NULL, 0, LONG_MS, &result, &err), err);
  int64_t passed = now_ms() - begin;
  sp_usage usage = usage_of(result);
  assert_true(usage.wall_us >= SHORT_MS * 1000);
  assert_true(usage.wall_us <= (passed + 1) * 1000);
  sp_result_free(result);
  sp_process_free(p);
}

static void memory_and_faults_are_told(void **state) {
  (void)state;
  sp_result *small = result_of(LIST("true"), NULL);
  sp_result *large =
      result_of(LIST("dd", "if=/dev/zero", "of=/dev/null", "bs=30000000", "count=1", "status=none"), NULL);
  sp_usage a = usage_of(small), b = usage_of(large);
  assert_true(a.max_rss_bytes > 100 * 1024);
  assert_true(b.max_rss_bytes > a.max_rss_bytes && b.max_rss_bytes >= 30000000);
  assert_true(a.minor_faults > 0 && a.major_faults >= 0);
  assert_true(b.minor_faults > a.minor_faults);
  assert_true(b.voluntary_switches + b.involuntary_switches > 0);
  assert_true(a.blocks_in >= 0 && a.blocks_out >= 0);
  sp_result_free(small), sp_result_free(large);
}

static void the_size_of_usage(void **state) {
  (void)state;
  sp_result *result = result_of(LIST("true"), NULL);
  sp_usage usage = {.size = 0, .wall_us = 77};
  assert_int_equal(sp_result_usage(result, &usage), SP_EABI);
  usage.size = 12345;
  assert_int_equal(sp_result_usage(result, &usage), SP_EABI);
  assert_int_equal(usage.wall_us, 77);
  assert_int_equal(sp_result_usage(result, NULL), SP_EINVAL);
  sp_result_free(result);
}

/* The sum over the stages, of what can be summed. */
static void usage_of_pipelines(void **state) {
  (void)state;
  const char *const *busy = LIST("sh", "-c", "i=0; while [ $i -lt 60000 ]; do i=$((i+1)); done");
  const sp_command one[] = {{busy, NULL}}, three[] = {{busy, NULL}, {busy, NULL}, {busy, NULL}};
  sp_usage seen[2];
  for (size_t i = 0; i < 2; i++) {
    sp_error err = SP_ERROR_INIT;
    sp_process *p = NULL;
    sp_result *result = NULL;
    check_ok(sp_pipeline(i ? three : one, i ? 3 : 1, NULL, &p, &err), err);
    check_ok(sp_communicate(p, NULL, 0, LONG_MS, &result, &err), err);
    seen[i] = usage_of(result);
    sp_result_free(result);
    sp_process_free(p);
  }
  assert_true(seen[1].user_us > seen[0].user_us + seen[0].user_us / 2);
  assert_true(seen[1].max_rss_bytes < 2 * seen[0].max_rss_bytes);
}

static void streams_out_of_range(void **state) {
  (void)state;
  const sp_options options = {.size = sizeof options, .flags = SP_CAPTURE, .max_output = 1};
  sp_result *result = result_of(LIST("echo", "text"), &options);
  static const int wrong[] = {SP_IN, 3, -1, 1000};
  for (int i = 0; i < 4; i++) {
    size_t len = 77;
    assert_null(sp_result_output(result, wrong[i], &len));
    assert_int_equal(len, 0);
    assert_int_equal(sp_result_dropped(result, wrong[i]), 0);
  }
  assert_string_equal(sp_result_output(result, SP_OUT, NULL), "t");
  assert_int_equal(sp_result_dropped(result, SP_OUT), 4);
  assert_int_equal(sp_result_stage_returncode(result, SIZE_MAX), SP_NO_RETURNCODE);
  assert_int_equal(sp_result_stage_returncode(result, 0), 0);
  sp_result_free(result);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      fixture_test(processor_time_is_told),     fixture_test(the_time_that_passed_is_told),
      fixture_test(memory_and_faults_are_told), fixture_test(the_size_of_usage),
      fixture_test(usage_of_pipelines),         fixture_test(streams_out_of_range),
  };
  return run_fixture_tests(tests);
}
