/* SPDX-License-Identifier: MIT
 *
 * Options from a Hash. Everything here may raise at any point: the spec belongs to a Ruby object from the start, and no
 * other memory is held.
 */
#include "spec.h"

#include <string.h>

#include "core.h"

extern char **environ;

/* -- the object that owns a spec ----------------------------------------------------------------------------------------- */

typedef struct {
  spb_spec *spec;
  VALUE input;
  VALUE cancel;
  VALUE on_output;
} spec_object;

/* rb_gc_mark() also keeps what it marks in its place. */
static void mark_object(void *data) {
  const spec_object *object = data;
  rb_gc_mark(object->input);
  rb_gc_mark(object->cancel);
  rb_gc_mark(object->on_output);
}

static void free_object(void *data) {
  spb_spec_free(((spec_object *)data)->spec);
  xfree(data);
}

static size_t size_of_object(const void *data) { return data == NULL ? 0 : sizeof(spec_object); }

static const rb_data_type_t object_type = {
    .wrap_struct_name = "libsubprocess/spec",
    .function = {.dmark = mark_object, .dfree = free_object, .dsize = size_of_object},
    .flags = RUBY_TYPED_FREE_IMMEDIATELY,
};

static spec_object *object_of(VALUE value) { return rb_check_typeddata(value, &object_type); }

spb_spec *spr_spec_of(VALUE object) { return object_of(object)->spec; }
bool spr_spec_has_block(VALUE object) { return !NIL_P(object_of(object)->on_output); }
VALUE spr_block_of(void *on_output_arg) { return ((const spec_object *)on_output_arg)->on_output; }

void spr_spec_release(VALUE value) {
  spec_object *object = object_of(value);
  spb_spec_free(object->spec);
  object->spec = NULL;
  object->input = object->cancel = Qnil;
}

/* -- values -------------------------------------------------------------------------------------------------------------- */

static void check(int code, const sp_error *err) {
  if (code != SP_OK) spr_raise(err, Qnil);
}

VALUE spr_to_text(VALUE value) {
  if (RB_TYPE_P(value, T_STRING)) return value;
  const VALUE path = rb_check_funcall(value, rb_intern("to_path"), 0, NULL);
  return rb_str_to_str(path == Qundef ? value : path);
}

VALUE spr_input(VALUE bytes) { return NIL_P(bytes) ? Qnil : rb_str_new_frozen(rb_str_to_str(bytes)); }

static size_t length_of(VALUE text) { return (size_t)RSTRING_LEN(text); }

static int64_t number_of(VALUE value) {
  if (!RB_INTEGER_TYPE_P(value))
    rb_raise(rb_eTypeError, "no implicit conversion of %s into Integer", rb_obj_classname(value));
  return NUM2LL(value);
}

static void set_arguments(spb_spec *spec, VALUE argv) {
  sp_error err = SP_ERROR_INIT;
  Check_Type(argv, T_ARRAY);
  spb_begin_list(spec, SPB_ARGV);
  for (long i = 0; i < RARRAY_LEN(argv); i++) {
    VALUE text = spr_to_text(rb_ary_entry(argv, i));
    check(spb_add_argument(spec, RSTRING_PTR(text), length_of(text), &err), &err);
    RB_GC_GUARD(text);
  }
}

static void set_text(spb_spec *spec, int option, VALUE value) {
  sp_error err = SP_ERROR_INIT;
  VALUE text = spr_to_text(value);
  check(spb_set_text(spec, option, RSTRING_PTR(text), length_of(text), &err), &err);
  RB_GC_GUARD(text);
}

/* A kind as a Symbol, a descriptor, a path, or [path, whether to append]. */
static void set_stdio(spb_spec *spec, int option, VALUE value) {
  sp_error err = SP_ERROR_INIT;
  if (RB_INTEGER_TYPE_P(value)) {
    check(spb_set_stdio_fd(spec, option, NUM2LL(value), &err), &err);
    return;
  }
  if (SYMBOL_P(value)) {
    VALUE name = rb_sym2str(value);
    check(spb_set_stdio(spec, option, RSTRING_PTR(name), length_of(name), &err), &err);
    RB_GC_GUARD(name);
    return;
  }
  const bool listed = RB_TYPE_P(value, T_ARRAY);
  VALUE path = spr_to_text(listed ? rb_ary_entry(value, 0) : value);
  const bool append = listed && RTEST(rb_ary_entry(value, 1));
  check(spb_set_stdio_path(spec, option, RSTRING_PTR(path), length_of(path), append, &err), &err);
  RB_GC_GUARD(path);
}

static void set_numbers(spb_spec *spec, int option, VALUE list) {
  sp_error err = SP_ERROR_INIT;
  Check_Type(list, T_ARRAY);
  spb_begin_list(spec, option);
  for (long i = 0; i < RARRAY_LEN(list); i++)
    check(spb_add_integer(spec, option, number_of(rb_ary_entry(list, i)), &err), &err);
}

static VALUE pairs_of(VALUE hash) {
  Check_Type(hash, T_HASH);
  return rb_funcall(hash, rb_intern("to_a"), 0);
}

static void set_pairs(spb_spec *spec, int option, VALUE hash) {
  sp_error err = SP_ERROR_INIT;
  const VALUE pairs = pairs_of(hash);
  spb_begin_list(spec, option);
  for (long i = 0; i < RARRAY_LEN(pairs); i++) {
    const VALUE pair = rb_ary_entry(pairs, i);
    const int64_t child_fd = number_of(rb_ary_entry(pair, 0)), host_fd = number_of(rb_ary_entry(pair, 1));
    check(spb_add_pair(spec, option, child_fd, host_fd, &err), &err);
  }
}

/* -- environment --------------------------------------------------------------------------------------------------------- */

/* The library would read the host's environment without the global lock, while another thread may assign to ENV. So the
 * child's is always put together here. */

static bool is_named_in(VALUE names, const char *name, size_t len) {
  for (long i = 0; i < RARRAY_LEN(names); i++) {
    const VALUE other = rb_ary_entry(names, i);
    if (length_of(other) == len && memcmp(RSTRING_PTR(other), name, len) == 0) return true;
  }
  return false;
}

static void inherit_all_but(spb_spec *spec, VALUE names) {
  sp_error err = SP_ERROR_INIT;
  for (char **entry = environ; entry != NULL && *entry != NULL; entry++) {
    const char *equals = strchr(*entry, '=');
    if (equals == NULL || equals == *entry) continue;
    const size_t len = (size_t)(equals - *entry);
    if (is_named_in(names, *entry, len)) continue;
    check(spb_add_variable(spec, SPB_ENV, *entry, len, equals + 1, strlen(equals + 1), &err), &err);
  }
}

/* `option`: SPB_ENV_EXTEND, where nil removes a variable, or SPB_ENV. */
static void add_variables(spb_spec *spec, int option, VALUE pairs, VALUE names) {
  sp_error err = SP_ERROR_INIT;
  spb_begin_list(spec, option);
  for (long i = 0; i < RARRAY_LEN(pairs); i++) {
    const VALUE pair = rb_ary_entry(pairs, i);
    VALUE name = rb_str_to_str(rb_ary_entry(pair, 0)), value = rb_ary_entry(pair, 1);
    if (option == SPB_ENV_EXTEND) rb_ary_push(names, rb_str_new_frozen(name));
    if (!NIL_P(value)) value = rb_str_to_str(value);
    const char *bytes = NIL_P(value) ? NULL : RSTRING_PTR(value);
    const size_t size = NIL_P(value) ? 0 : length_of(value);
    check(spb_add_variable(spec, option, RSTRING_PTR(name), length_of(name), bytes, size, &err), &err);
    RB_GC_GUARD(name);
    RB_GC_GUARD(value);
  }
}

static VALUE without_removals(VALUE pairs) {
  VALUE kept = rb_ary_new();
  for (long i = 0; i < RARRAY_LEN(pairs); i++)
    if (!NIL_P(rb_ary_entry(rb_ary_entry(pairs, i), 1))) rb_ary_push(kept, rb_ary_entry(pairs, i));
  return kept;
}

static void set_environment(spb_spec *spec, int option, VALUE hash) {
  VALUE pairs = pairs_of(hash), names = rb_ary_new();
  if (option == SPB_ENV_EXTEND) {
    add_variables(spec, option, pairs, names); /* to have them all checked */
    pairs = without_removals(pairs);
  }
  add_variables(spec, SPB_ENV, pairs, names);
  if (option == SPB_ENV_EXTEND) inherit_all_but(spec, names);
}

/* -- options ------------------------------------------------------------------------------------------------------------- */

typedef struct {
  spec_object *object;
  spb_spec *spec;
  bool has_environment;
  bool is_default;
} filling;

static void fill(spec_object *object, spb_spec *spec, VALUE options, bool is_stage);

static void set_stages(const filling *into, VALUE stages) {
  sp_error err = SP_ERROR_INIT;
  Check_Type(stages, T_ARRAY);
  spb_begin_list(into->spec, SPB_STAGES);
  for (long i = 0; i < RARRAY_LEN(stages); i++) {
    spb_spec *stage = spb_add_stage(into->spec, &err);
    if (stage == NULL) spr_raise(&err, Qnil);
    fill(into->object, stage, rb_ary_entry(stages, i), true);
  }
}

static void set_input(const filling *into, VALUE value) {
  const VALUE input = spr_input(value);
  into->object->input = input;
  spb_set_input(into->spec, RSTRING_PTR(input), length_of(input));
}

static void set_cancel(const filling *into, VALUE token) {
  into->object->cancel = token;
  spb_set_cancel(into->spec, spr_cancel_of(token));
}

static void set_on_output(const filling *into, VALUE block) {
  if (!rb_respond_to(block, rb_intern("call"))) rb_raise(rb_eTypeError, "on_output does not respond to call");
  into->object->on_output = block;
  spb_set_on_output(into->spec, spr_on_output, into->object);
}

static void set_number(const filling *into, int option, int64_t number) {
  sp_error err = SP_ERROR_INIT;
  check(spb_set_integer(into->spec, option, number, &err), &err);
}

static void set_value(filling *into, int option, VALUE value) {
  switch (spb_option_kind(option)) {
    case SPB_KIND_ARGV:
      return set_arguments(into->spec, value);
    case SPB_KIND_STAGES:
      return set_stages(into, value);
    case SPB_KIND_INPUT:
      return set_input(into, value);
    case SPB_KIND_CANCEL:
      return set_cancel(into, value);
    case SPB_KIND_OUTPUT:
      return set_on_output(into, value);
    case SPB_KIND_STDIO:
      return set_stdio(into->spec, option, value);
    case SPB_KIND_TEXT:
      return set_text(into->spec, option, value);
    case SPB_KIND_ENV:
      into->has_environment = true;
      return set_environment(into->spec, option, value);
    case SPB_KIND_INTEGERS:
      return set_numbers(into->spec, option, value);
    case SPB_KIND_PAIRS:
      return set_pairs(into->spec, option, value);
    case SPB_KIND_INTEGER:
      return set_number(into, option, number_of(value));
    case SPB_KIND_FLAG:
      return set_number(into, option, RTEST(value));
  }
}

static int set_option(VALUE name, VALUE value, VALUE arg) {
  filling *into = (filling *)arg;
  Check_Type(name, T_SYMBOL);
  VALUE text = rb_sym2str(name);
  const int option = spb_option_find(RSTRING_PTR(text), length_of(text));
  RB_GC_GUARD(text);
  if (option < 0) rb_raise(rb_eArgError, "unknown keyword: %" PRIsVALUE, rb_inspect(name));
  if (option != SPB_ARGV) into->is_default = false;
  set_value(into, option, value);
  return ST_CONTINUE;
}

/* A stage without options of its own has the pipeline's, environment included. */
static void fill(spec_object *object, spb_spec *spec, VALUE options, bool is_stage) {
  filling into = {.object = object, .spec = spec, .is_default = true};
  Check_Type(options, T_HASH);
  rb_hash_foreach(options, set_option, (VALUE)&into);
  if (into.has_environment || (is_stage && into.is_default)) return;
  spb_begin_list(spec, SPB_ENV);
  inherit_all_but(spec, rb_ary_new());
}

VALUE spr_spec_new(VALUE options) {
  spec_object *object;
  const VALUE value = TypedData_Make_Struct(0, spec_object, &object_type, object);
  object->input = object->cancel = object->on_output = Qnil;
  object->spec = spb_spec_new();
  if (object->spec == NULL) rb_memerror();
  fill(object, object->spec, options, false);
  return value;
}
