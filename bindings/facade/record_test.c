/* SPDX-License-Identifier: MIT
 *
 * Records: what they say arrives, and no bytes whatever read or write outside of them.
 */
#include "record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "call.h"

void spb_block(spb_call *call) { spb_perform(call); }

typedef struct {
  unsigned char bytes[4096];
  size_t len;
} record;

static void put(record *out, uint64_t value, size_t width) {
  for (size_t i = 0; i < width; i++) out->bytes[out->len++] = (unsigned char)(value >> (8 * i));
}

static void put_text(record *out, const char *text) {
  put(out, strlen(text), 4);
  memcpy(out->bytes + out->len, text, strlen(text));
  out->len += strlen(text);
}

static void put_texts(record *out, int option, uint32_t count, const char *const texts[]) {
  put(out, (uint64_t)option, 1);
  put(out, count, 4);
  for (size_t i = 0; texts[i] != NULL; i++) put_text(out, texts[i]);
}

static void put_number(record *out, int option, int64_t value) {
  put(out, (uint64_t)option, 1);
  put(out, (uint64_t)value, 8);
}

static void put_stream(record *out, int option, int form, const char *text, int64_t fd) {
  put(out, (uint64_t)option, 1);
  put(out, (uint64_t)form, 1);
  put_text(out, text);
  put(out, (uint64_t)fd, 8);
}

/* A record with an entry of every form. */
static record full_record(void) {
  record out = {{0}, 0};
  put_texts(&out, SPB_ARGV, 3, (const char *const[]){"sh", "-c", "exit 7", NULL});
  put(&out, SPB_ENV_EXTEND, 1);
  put(&out, 2, 4);
  put_text(&out, "A");
  put_text(&out, "1");
  put_text(&out, "B");
  put(&out, UINT32_MAX, 4);
  put(&out, SPB_CWD, 1);
  put_text(&out, "/");
  put_number(&out, SPB_TIMEOUT_MS, 5000);
  put_number(&out, SPB_CAPTURE, 1);
  put_number(&out, SPB_UMASK, 022);
  put(&out, SPB_PASS_FDS, 1);
  put(&out, 2, 4);
  put(&out, 3, 8);
  put(&out, 4, 8);
  put(&out, SPB_FD_MAP, 1);
  put(&out, 1, 4);
  put(&out, 9, 8);
  put(&out, 0, 8);
  put_stream(&out, SPB_STDIN, SPB_STREAM_NAME, "devnull", 0);
  put_stream(&out, SPB_STDOUT, SPB_STREAM_APPEND, "log", 0);
  put_stream(&out, SPB_STDERR, SPB_STREAM_FD, "", 2);
  return out;
}

static void every_form_arrives(void **state) {
  (void)state;
  sp_error err = SP_ERROR_INIT;
  const record in = full_record();
  spb_spec *spec = spb_spec_new();
  assert_int_equal(spb_decode(spec, in.bytes, in.len, &err), SP_OK);
  const sp_options *options = spb_spec_options(spec);
  const char *const *argv = spb_spec_argv(spec);
  assert_string_equal(argv[2], "exit 7");
  assert_null(argv[3]);
  assert_string_equal(options->env[0], "A=1");
  assert_string_equal(options->env[1], "B");
  assert_null(options->env[2]);
  assert_string_equal(options->cwd, "/");
  assert_int_equal(options->timeout_ms, 5000);
  assert_int_equal(options->umask, 022);
  assert_int_equal(options->flags, SP_CAPTURE | SP_SET_UMASK | SP_ENV_EXTEND);
  assert_int_equal(options->pass_fds_len, 2);
  assert_int_equal(options->pass_fds[1], 4);
  assert_int_equal(options->fd_map[0].child_fd, 9);
  assert_int_equal(options->std_in.kind, SP_DEVNULL);
  assert_int_equal(options->std_out.flags, SP_APPEND);
  assert_int_equal(options->std_err.handle, 2);
  spb_spec_free(spec);
}

static void stages_arrive_in_order(void **state) {
  (void)state;
  sp_error err = SP_ERROR_INIT;
  record in = {{0}, 0};
  put(&in, SPB_STAGES, 1);
  put(&in, 2, 4);
  static const char *const commands[] = {"exit 3", "exit 4"};
  for (int i = 0; i < 2; i++) {
    record stage = {{0}, 0};
    put_texts(&stage, SPB_ARGV, 1, (const char *const[]){commands[i], NULL});
    put_number(&stage, SPB_SHELL, 1);
    put(&in, stage.len, 4);
    memcpy(in.bytes + in.len, stage.bytes, stage.len);
    in.len += stage.len;
  }
  put_number(&in, SPB_CAPTURE, 1);
  spb_spec *spec = spb_spec_new();
  assert_int_equal(spb_decode(spec, in.bytes, in.len, &err), SP_OK);
  spb_call call = {.verb = SPB_RUN, .spec = spec, .err = &err};
  spb_block(&call);
  assert_int_equal(err.code, SP_OK);
  assert_int_equal(sp_result_stage_returncode(call.result, 0), 3);
  assert_int_equal(sp_result_stage_returncode(call.result, 1), 4);
  sp_result_free(call.result);
  spb_spec_free(spec);
}

/* Decodes from memory that ends where the record does, for a sanitizer or valgrind to watch. */
static int decode_exactly(const unsigned char *bytes, size_t len) {
  sp_error err = SP_ERROR_INIT;
  unsigned char *exact = malloc(len > 0 ? len : 1);
  assert_non_null(exact);
  memcpy(exact, bytes, len);
  spb_spec *spec = spb_spec_new();
  const int code = spb_decode(spec, exact, len, &err);
  assert_int_equal(code, err.code);
  assert_true(code == SP_OK || (code == SP_EINVAL && err.message[0] != 0));
  free(exact);
  spb_spec_free(spec);
  return code;
}

static void a_record_that_is_cut_is_refused(void **state) {
  (void)state;
  const record in = full_record();
  int accepted = 0;
  for (size_t len = 0; len <= in.len; len++) accepted += decode_exactly(in.bytes, len) == SP_OK;
  assert_int_equal(accepted, 12); /* between two of its 11 entries, empty and whole */
}

static void broken_bytes_are_harmless(void **state) {
  (void)state;
  uint32_t seed = 20261123;
  for (int round = 0; round < 20000; round++) {
    record in = full_record();
    for (int i = 0; i < 3; i++) {
      seed = seed * 1664525 + 1013904223;
      in.bytes[(seed >> 8) % in.len] = (unsigned char)(seed >> 24);
    }
    decode_exactly(in.bytes, in.len);
  }
}

static void what_has_no_record_is_refused(void **state) {
  (void)state;
  static const int options[] = {SPB_INPUT, SPB_CANCEL, SPB_ON_OUTPUT, SPB_OPTION_COUNT, 255};
  for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
    record in = {{0}, 0};
    put_number(&in, options[i], 0);
    assert_int_equal(decode_exactly(in.bytes, in.len), SP_EINVAL);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_form_arrives),
      cmocka_unit_test(stages_arrive_in_order),
      cmocka_unit_test(a_record_that_is_cut_is_refused),
      cmocka_unit_test(broken_bytes_are_harmless),
      cmocka_unit_test(what_has_no_record_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
