/* SPDX-License-Identifier: MIT */
#include "core.h"

static VALUE truth_of(bool truth) { return truth ? Qtrue : Qfalse; }
static VALUE returncode_of(int64_t code) { return code == SP_NO_RETURNCODE ? Qnil : LL2NUM(code); }

VALUE spr_bytes(const void *data, size_t size) { return data == NULL ? Qnil : rb_str_new(data, (long)size); }

static VALUE output_of(const sp_result *result, int stream) {
  const void *data;
  size_t size;
  spb_result_output(result, stream, &data, &size);
  return spr_bytes(data, size);
}

static VALUE usage_of(const sp_result *result) {
  int64_t fields[SPB_USAGE_FIELDS];
  if (!spb_result_usage(result, fields)) return Qnil;
  VALUE usage = rb_ary_new_capa(SPB_USAGE_FIELDS);
  for (int i = 0; i < SPB_USAGE_FIELDS; i++) rb_ary_push(usage, LL2NUM(fields[i]));
  return usage;
}

static VALUE stages_of(const sp_result *result, int64_t count) {
  VALUE codes = rb_ary_new_capa((long)count);
  for (int64_t i = 0; i < count; i++) rb_ary_push(codes, returncode_of(spb_result_stage_returncode(result, i)));
  return codes;
}

typedef struct {
  sp_result *result;
  int64_t stages;
} taken;

static VALUE unpack(VALUE arg) {
  const taken *from = (const taken *)arg;
  const sp_result *result = from->result;
  return rb_ary_new_from_args(9, returncode_of(spb_result_returncode(result)), output_of(result, SP_OUT),
                              output_of(result, SP_ERR), LL2NUM(spb_result_dropped(result, SP_OUT)),
                              LL2NUM(spb_result_dropped(result, SP_ERR)), truth_of(spb_result_pipes_held(result)),
                              truth_of(spb_result_core_dumped(result)), usage_of(result),
                              stages_of(result, from->stages));
}

static VALUE discard(VALUE arg) {
  sp_result_free(((taken *)arg)->result);
  return Qnil;
}

VALUE spr_result(const sp_error *err, sp_result *result, int64_t stages) {
  taken from = {result, stages};
  const VALUE facts = result == NULL ? Qnil : rb_ensure(unpack, (VALUE)&from, discard, (VALUE)&from);
  if (err->code != SP_OK) spr_raise(err, facts);
  return facts;
}

/* -- texts --------------------------------------------------------------------------------------------------------------- */

static VALUE copy_text(VALUE text) { return rb_str_new_cstr((const char *)text); }

static VALUE copy_texts(VALUE texts) {
  VALUE copies = rb_ary_new();
  for (char **text = (char **)texts; *text != NULL; text++) rb_ary_push(copies, rb_str_new_cstr(*text));
  return copies;
}

static VALUE free_memory(VALUE memory) {
  sp_mem_free((void *)memory);
  return Qnil;
}

VALUE spr_text(spb_text text) { return rb_ensure(copy_text, (VALUE)text, free_memory, (VALUE)text); }
VALUE spr_texts(spb_texts texts) { return rb_ensure(copy_texts, (VALUE)texts, free_memory, (VALUE)texts); }
