/* SPDX-License-Identifier: MIT
 *
 * What the typemaps use: Ruby's values to the library's and back.
 */
#ifndef LIBSUBPROCESS_RUBY_CORE_H
#define LIBSUBPROCESS_RUBY_CORE_H

#include <ruby.h>

#include "call.h"
#include "functions.h"

/* -- failures (failure.c) ---------------------------------------------------------------------------------------------- */

/* Raises what `err` says, with what the child left until then: an array of spr_result(), or nil. */
NORETURN(void spr_raise(const sp_error *err, VALUE result));
/* The same, if `err` says anything. */
void spr_check(const sp_error *err);

/* -- arguments (arguments.c) ------------------------------------------------------------------------------------------------ */

/* A spec made of a Hash of options, as an object that owns it: any of the conversions may raise. */
VALUE spr_spec_new(VALUE options);
spb_spec *spr_spec_of(VALUE object);
/* Frees the spec now, and not when the object is collected. The block for output stays with the object. */
void spr_spec_release(VALUE object);
bool spr_spec_has_block(VALUE object);
/* The block that the argument of on_output stands for. */
VALUE spr_block_of(void *on_output_arg);
/* Bytes as a String that nobody can change meanwhile; nil stays nil. */
VALUE spr_input(VALUE bytes);
/* A String, or what to_path or to_str makes of it. */
VALUE spr_to_text(VALUE value);
/* Defined by the typemaps, which know SWIG's types. */
sp_cancel *spr_cancel_of(VALUE token);

/* -- outcomes (result.c) ----------------------------------------------------------------------------------------------- */

/* Raises what `err` says, or returns what `result` holds, in the order that Libsubprocess::Result takes. Frees it. */
VALUE spr_result(const sp_error *err, sp_result *result, int64_t stages);
/* Binary strings; nil for NULL. */
VALUE spr_bytes(const void *data, size_t size);
/* The same, and frees the original. */
VALUE spr_text(spb_text text);
VALUE spr_texts(spb_texts texts);

/* -- blocking calls (block.c) ------------------------------------------------------------------------------------------ */

/* The on_output of every spec; `arg` is what spr_block_of() takes. */
int spr_on_output(void *arg, int stream, const void *data, size_t size);
void spr_init_block(void);

#endif
