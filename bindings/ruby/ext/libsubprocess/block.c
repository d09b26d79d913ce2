/* SPDX-License-Identifier: MIT
 *
 * Blocking calls run without Ruby's global lock, and come back for whatever has to be done with it: an interrupt
 * (Thread#raise, Thread#kill, a signal with a handler) or output that a block wants to see.
 */
#include <errno.h>
#include <pthread.h>
#include <ruby/thread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core.h"

/* Output on its way to a block. */
typedef struct chunk {
  struct chunk *next;
  void *to;
  int stream;
  size_t size;
  char bytes[];
} chunk;

/* A call that is under way, on the stack of its thread. */
typedef struct visit {
  struct visit *next;
  spb_call *call;
  chunk *first, **end;
  bool out_of_memory;
} visit;

static visit *visits; /* of all threads; touched with the global lock only */
static _Thread_local visit *performing;

/* -- one reader at a time ------------------------------------------------------------------------------------------------ */

/* The library itself refuses a second reader while the first is inside it. But a line that it has lent us lives until
 * the next read, so the first one stays alone until it is back in Ruby and has copied that line. */
static int streams_read_by(const spb_call *call) {
  switch (call->verb) {
    case SPB_READ:
    case SPB_READ_LINE:
      return 1 << (call->stream & 3);
    case SPB_COMMUNICATE:
      return 1 << SP_OUT | 1 << SP_ERR;
    default:
      return 0;
  }
}

static bool has_other_reader(const spb_call *call) {
  const int streams = streams_read_by(call);
  for (const visit *other = visits; streams != 0 && other != NULL; other = other->next)
    if (other->call->process == call->process && (streams_read_by(other->call) & streams) != 0) return true;
  return false;
}

static void refuse(const spb_call *call) {
  call->err->code = SP_EBUSY;
  call->err->step = SP_AT_IO;
  snprintf(call->err->message, sizeof call->err->message, "another thread is using the streams of this process");
}

static void leave(const visit *self) {
  for (visit **link = &visits; *link != NULL; link = &(*link)->next)
    if (*link == self) {
      *link = self->next;
      return;
    }
}

/* The other threads do not exist in a forked child, and their stacks may be used anew. */
static void forget_visits(void) { visits = NULL; }

void spr_init_block(void) { pthread_atfork(NULL, NULL, forget_visits); }

/* -- output for blocks --------------------------------------------------------------------------------------------------- */

/* A block cannot be called from here: rb_thread_call_with_gvl() handles interrupts on its way back, and an exception
 * would jump over the library. So output waits, and a signal that has no other effect (Ruby's own for waking threads)
 * makes the call return, after this turn, to where blocks can be called. */
int spr_on_output(void *arg, int stream, const void *data, size_t size) {
  visit *self = performing;
  if (self == NULL) return 0; /* given up: nobody listens any more */
  chunk *output = malloc(sizeof *output + size);
  if (output == NULL) {
    self->out_of_memory = true;
    return 1;
  }
  *output = (chunk){.to = arg, .stream = stream, .size = size};
  memcpy(output->bytes, data, size);
  if (self->first == NULL) pthread_kill(pthread_self(), SIGVTALRM);
  *self->end = output;
  self->end = &output->next;
  return 0;
}

static chunk *take_chunk(visit *self) {
  chunk *output = self->first;
  if (output == NULL) return NULL;
  self->first = output->next;
  if (self->first == NULL) self->end = &self->first;
  return output;
}

static VALUE call_block(VALUE arg) {
  const chunk *output = (const chunk *)arg;
  const VALUE stream = ID2SYM(rb_intern(output->stream == SP_OUT ? "stdout" : "stderr"));
  const VALUE bytes = rb_str_new(output->bytes, (long)output->size);
  return rb_funcall(spr_block_of(output->to), rb_intern("call"), 2, stream, bytes);
}

static VALUE raise_no_memory(VALUE nothing) {
  rb_memerror();
  return nothing;
}

/* 0, or what rb_jump_tag() takes if a block has raised. */
static int deliver(visit *self) {
  int tag = 0;
  if (self->out_of_memory) rb_protect(raise_no_memory, Qnil, &tag);
  for (chunk *output; (output = take_chunk(self)) != NULL; free(output))
    if (tag == 0) rb_protect(call_block, (VALUE)output, &tag);
  return tag;
}

/* -- the call ------------------------------------------------------------------------------------------------------------ */

static void *perform(void *arg) {
  visit *self = arg;
  performing = self;
  spb_perform(self->call);
  performing = NULL;
  return NULL;
}

static VALUE handle_interrupts(VALUE nothing) {
  rb_thread_check_ints();
  return nothing;
}

static int perform_to_end(visit *self) {
  sp_error *err = self->call->err;
  for (;;) {
    int tag;
    err->code = SP_EINTR; /* what it stays if an interrupt waits already: then nothing is performed */
    rb_thread_call_without_gvl2(perform, self, RUBY_UBF_IO, NULL);
    tag = deliver(self);
    if (tag == 0 && err->code == SP_EINTR) rb_protect(handle_interrupts, Qnil, &tag);
    if (tag != 0 || err->code != SP_EINTR) return tag;
  }
}

static void *abandon(void *call) {
  spb_abandon(call);
  return call;
}

/* Ending a child may take its time, which is the other threads' too, unless yet another interrupt waits. */
static void give_up(spb_call *call, int tag) {
  sp_result_free(call->result);
  call->result = NULL;
  if (rb_thread_call_without_gvl2(abandon, call, NULL, NULL) == NULL) abandon(call);
  call->err->code = SP_EINTR;
  call->err->sys_errno = tag;
}

void spb_block(spb_call *call) {
  if (has_other_reader(call)) {
    refuse(call);
    return;
  }
  visit self = {.next = visits, .call = call};
  self.end = &self.first;
  visits = &self;
  const int tag = perform_to_end(&self);
  leave(&self);
  if (tag != 0) give_up(call, tag);
}
