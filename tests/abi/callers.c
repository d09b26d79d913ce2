/* SPDX-License-Identifier: MIT */
/* Programs that were compiled against another version of the header: their structs are shorter or longer than the
 * library's. The structs lie at the end of a page that nothing follows, so that reading too much is a crash. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>
#include <libsubprocess/sp.h>

/* sp_options of version 0.1 on 64-bit systems, frozen. */
enum { OPTIONS_0_1 = 296, FLAGS_0_1 = 8, CWD_0_1 = 96 };
/* sp_usage of version 0.1. */
enum { USAGE_0_1 = 88 };

static const char *const print_directory[] = {"/bin/pwd", NULL};

/* -- memory that ends where a page ends ---- */

static size_t page_size(void) { return (size_t)sysconf(_SC_PAGESIZE); }

/* `len` zero bytes, followed by a page that cannot be touched. */
static void *edge_alloc(size_t len) {
  size_t page = page_size();
  char *start = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  assert_ptr_not_equal(start, MAP_FAILED);
  assert_int_equal(mprotect(start + page, page, PROT_NONE), 0);
  return start + page - len;
}

static void edge_free(void *memory) {
  uintptr_t page = page_size();
  assert_int_equal(munmap((void *)((uintptr_t)memory / page * page), 2 * page), 0);
}

/* Options of `len` bytes: SP_CAPTURE, with the working directory "/". */
static char *caller_options(size_t len) {
  char *options = edge_alloc(len);
  uint64_t flags = SP_CAPTURE;
  const char *cwd = "/";
  memcpy(options, &len, sizeof len);
  memcpy(options + FLAGS_0_1, &flags, sizeof flags);
  memcpy(options + CWD_0_1, &cwd, sizeof cwd);
  return options;
}

static void set_size(void *sized, size_t size) { memcpy(sized, &size, sizeof size); }

/* -- the calls that take options ---- */

typedef int (*starter)(const void *options, sp_error *err);

static int by_run(const void *options, sp_error *err) {
  sp_result *result = NULL;
  int code = sp_run(print_directory, options, &result, err);
  if (code == SP_OK) assert_string_equal(sp_result_output(result, SP_OUT, NULL), "/\n");
  if (code != SP_OK) assert_null(result);
  sp_result_free(result);
  return code;
}

static int finish(int code, sp_process *p) {
  sp_result *result = NULL;
  if (code != SP_OK) {
    assert_null(p);
    return code;
  }
  assert_int_equal(sp_communicate(p, NULL, 0, SP_FOREVER, &result, NULL), SP_OK);
  assert_string_equal(sp_result_output(result, SP_OUT, NULL), "/\n");
  sp_result_free(result);
  sp_process_free(p);
  return code;
}

static int by_popen(const void *options, sp_error *err) {
  sp_process *p = NULL;
  int code = sp_popen(print_directory, options, &p, err);
  return finish(code, p);
}

static int by_pipeline(const void *options, sp_error *err) {
  sp_process *p = NULL;
  sp_command stages[] = {{print_directory, NULL}};
  int code = sp_pipeline(stages, 1, options, &p, err);
  return finish(code, p);
}

/* The options of a stage describe the child alone, so the flags go. */
static int by_stage(const void *options, sp_error *err) {
  char *own = edge_alloc(0);
  size_t len = *(const size_t *)options;
  sp_options pipeline = {.size = sizeof pipeline, .flags = SP_CAPTURE};
  sp_process *p = NULL;
  size_t held = len < OPTIONS_0_1 || len > page_size() ? OPTIONS_0_1 : len;
  memset(own - held, 0, held);
  memcpy(own - held, options, held);
  memset(own - held + FLAGS_0_1, 0, sizeof(uint64_t));
  sp_command stages[] = {{print_directory, (const sp_options *)(void *)(own - held)}};
  int code = sp_pipeline(stages, 1, &pipeline, &p, err);
  edge_free(own - held);
  return finish(code, p);
}

static const starter starters[] = {by_run, by_popen, by_pipeline, by_stage};
enum { STARTERS = sizeof starters / sizeof starters[0] };

static void expect_accepted(const void *options) {
  for (size_t i = 0; i < STARTERS; i++) {
    sp_error err = SP_ERROR_INIT;
    int code = starters[i](options, &err);
    if (code != SP_OK) print_error("starter %zu: %s\n", i, err.message);
    assert_int_equal(code, SP_OK);
  }
}

static void expect_refused(const void *options) {
  for (size_t i = 0; i < STARTERS; i++) {
    sp_error err = SP_ERROR_INIT;
    assert_int_equal(starters[i](options, &err), SP_EABI);
    assert_int_equal(err.code, SP_EABI);
    assert_int_equal(err.step, SP_AT_CALL);
    assert_string_not_equal(err.message, "");
    assert_int_equal(starters[i](options, NULL), SP_EABI);
  }
}

/* -- options ---- */

static void options_of_0_1_are_accepted(void **state) {
  (void)state;
  char *options = caller_options(OPTIONS_0_1);
  expect_accepted(options);
  edge_free(options);
}

static void longer_options_are_accepted_while_their_tail_is_zero(void **state) {
  (void)state;
  for (size_t more = 8; more <= 512; more *= 2) {
    char *options = caller_options(OPTIONS_0_1 + more);
    expect_accepted(options);
    edge_free(options);
  }
}

static void longer_options_that_use_their_tail_are_refused(void **state) {
  (void)state;
  enum { MORE = 64 };
  for (size_t used = 0; used < MORE; used += 9) {
    char *options = caller_options(sizeof(sp_options) + MORE);
    options[sizeof(sp_options) + used] = 1;
    expect_refused(options);
    edge_free(options);
  }
}

/* Even the first version had all its fields, and no version will be that large: the size was never set. */
static void options_that_never_existed_are_refused(void **state) {
  (void)state;
  static const size_t sizes[] = {0,       1,       sizeof(size_t), FLAGS_0_1 + 8, OPTIONS_0_1 - 8, OPTIONS_0_1 - 1,
                                 1 << 20, SIZE_MAX};
  char *options = caller_options(OPTIONS_0_1);
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    set_size(options, sizes[i]);
    expect_refused(options);
  }
  edge_free(options);
}

static void check_output_looks_at_the_size_too(void **state) {
  (void)state;
  sp_options options = {.size = 0};
  char *output = NULL;
  size_t len = 77;
  assert_int_equal(sp_check_output(print_directory, &options, &output, &len, NULL), SP_EABI);
  assert_null(output);
  assert_int_equal(len, 77);
  options.size = OPTIONS_0_1;
  assert_int_equal(sp_check_output(print_directory, &options, &output, &len, NULL), SP_OK);
  sp_mem_free(output);
}

/* -- errors ---- */

typedef int (*failing)(sp_error *err);

static int run_fails(sp_error *err) {
  const char *argv[] = {"/nonexistent/program", NULL};
  return sp_run(argv, NULL, NULL, err);
}
static int popen_fails(sp_error *err) { return sp_popen(NULL, NULL, NULL, err); }
static int pipeline_fails(sp_error *err) { return sp_pipeline(NULL, 0, NULL, NULL, err); }
static int wait_fails(sp_error *err) { return sp_wait(NULL, 0, NULL, err); }
static int communicate_fails(sp_error *err) { return sp_communicate(NULL, NULL, 0, 0, NULL, err); }
static int stop_fails(sp_error *err) { return sp_stop(NULL, 0, NULL, err); }
static int finish_fails(sp_error *err) { return sp_finish(NULL, 0, 0, NULL, err); }
static int signal_fails(sp_error *err) { return sp_send_signal(NULL, 15, err); }
static int group_fails(sp_error *err) { return sp_kill_group(NULL, 15, err); }
static int read_fails(sp_error *err) { return (int)sp_read(NULL, SP_OUT, NULL, 0, 0, err); }
static int write_fails(sp_error *err) { return (int)sp_write(NULL, NULL, 0, 0, err); }
static int line_fails(sp_error *err) { return sp_read_line(NULL, SP_OUT, 0, NULL, NULL, err); }
static int cancel_fails(sp_error *err) { return sp_cancel_new(NULL, err); }
static int quote_fails(sp_error *err) { return sp_quote(NULL, NULL, err); }
static int split_fails(sp_error *err) { return sp_split("'", NULL, err); }
static int which_fails(sp_error *err) { return sp_which(NULL, NULL, NULL, err); }

static const failing failures[] = {
    run_fails,   popen_fails, pipeline_fails, wait_fails, communicate_fails, stop_fails,  finish_fails, signal_fails,
    group_fails, read_fails,  write_fails,    line_fails, cancel_fails,      quote_fails, split_fails,  which_fails};
enum { FAILURES = sizeof failures / sizeof failures[0] };

static void an_error_of_the_right_size_is_filled(void **state) {
  (void)state;
  for (size_t i = 0; i < FAILURES; i++) {
    sp_error err = SP_ERROR_INIT;
    int code = failures[i](&err);
    assert_true(code < 0 && code != SP_EABI);
    assert_int_equal(err.code, code);
    assert_int_equal(err.size, sizeof err);
    assert_string_not_equal(err.message, "");
  }
}

static void an_error_of_another_size_is_refused_and_not_written(void **state) {
  (void)state;
  static const size_t sizes[] = {0, 8, 24, sizeof(sp_error) - 1, sizeof(sp_error) + 1, 2 * sizeof(sp_error), SIZE_MAX};
  for (size_t i = 0; i < FAILURES; i++) {
    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
      sp_error err, before;
      memset(&err, 0x5a, sizeof err);
      err.size = sizes[k];
      memcpy(&before, &err, sizeof err);
      assert_int_equal(failures[i](&err), SP_EABI);
      assert_memory_equal(&err, &before, sizeof err);
    }
  }
}

/* Only `size` may be looked at: the rest of a stranger's struct may not be there. */
static void a_short_error_is_not_read_beyond_its_size(void **state) {
  (void)state;
  sp_error *err = edge_alloc(sizeof(size_t));
  set_size(err, sizeof(size_t));
  for (size_t i = 0; i < FAILURES; i++) assert_int_equal(failures[i](err), SP_EABI);
  edge_free(err);
}

static void a_refused_error_starts_nothing(void **state) {
  (void)state;
  char directory[] = "/tmp/sp-callers-XXXXXX";
  assert_non_null(mkdtemp(directory));
  char path[64];
  snprintf(path, sizeof path, "%s/made", directory);
  const char *argv[] = {"touch", path, NULL};
  sp_error err = SP_ERROR_INIT;
  sp_process *p = NULL;
  err.size = 1;
  assert_int_equal(sp_run(argv, NULL, NULL, &err), SP_EABI);
  assert_int_equal(sp_popen(argv, NULL, &p, &err), SP_EABI);
  assert_null(p);
  assert_int_equal(access(path, F_OK), -1);
  assert_int_equal(sp_run(argv, NULL, NULL, NULL), SP_OK);
  assert_int_equal(access(path, F_OK), 0);
  assert_int_equal(unlink(path), 0);
  assert_int_equal(rmdir(directory), 0);
}

/* -- usage ---- */

static void usage_of_another_size_is_refused_and_not_written(void **state) {
  (void)state;
  static const size_t sizes[] = {0, 8, USAGE_0_1 - 8, USAGE_0_1 - 1, sizeof(sp_usage) + 8, SIZE_MAX};
  sp_result *result = NULL;
  sp_usage usage, before;
  assert_int_equal(sp_run(print_directory, (const sp_options *)&(sp_options){.size = OPTIONS_0_1, .flags = SP_CAPTURE},
                          &result, NULL),
                   SP_OK);
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    memset(&usage, 0x5a, sizeof usage);
    usage.size = sizes[i];
    memcpy(&before, &usage, sizeof usage);
    assert_int_equal(sp_result_usage(result, &usage), SP_EABI);
    assert_memory_equal(&usage, &before, sizeof usage);
  }
  sp_usage *edge = edge_alloc(USAGE_0_1);
  set_size(edge, USAGE_0_1);
  assert_int_equal(sp_result_usage(result, edge), SP_OK);
  assert_true(edge->wall_us > 0 && edge->max_rss_bytes > 0);
  edge_free(edge);
  sp_result_free(result);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(options_of_0_1_are_accepted),
      cmocka_unit_test(longer_options_are_accepted_while_their_tail_is_zero),
      cmocka_unit_test(longer_options_that_use_their_tail_are_refused),
      cmocka_unit_test(options_that_never_existed_are_refused),
      cmocka_unit_test(check_output_looks_at_the_size_too),
      cmocka_unit_test(an_error_of_the_right_size_is_filled),
      cmocka_unit_test(an_error_of_another_size_is_refused_and_not_written),
      cmocka_unit_test(a_short_error_is_not_read_beyond_its_size),
      cmocka_unit_test(a_refused_error_starts_nothing),
      cmocka_unit_test(usage_of_another_size_is_refused_and_not_written),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
