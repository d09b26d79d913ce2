/* SPDX-License-Identifier: MIT */
#include "core.h"

static VALUE text_of(const char *bytes) { return rb_utf8_str_new_cstr(bytes); }

void spr_raise(const sp_error *err, VALUE result) {
  /* What a signal handler, Thread#raise or a block has raised waits in the thread, see spb_block(). */
  if (err->code == SP_EINTR && err->sys_errno != 0) rb_jump_tag(err->sys_errno);
  VALUE facts[] = {ID2SYM(rb_intern(sp_code_name(err->code))),
                   ID2SYM(rb_intern(sp_step_name(err->step))),
                   INT2NUM(err->sys_errno),
                   INT2NUM(err->stage),
                   text_of(err->path),
                   text_of(err->message),
                   result};
  const VALUE errors = rb_path2class("Libsubprocess::Error");
  rb_exc_raise(rb_funcallv(errors, rb_intern("build"), (int)(sizeof facts / sizeof facts[0]), facts));
}

void spr_check(const sp_error *err) {
  if (err->code != SP_OK) spr_raise(err, Qnil);
}
