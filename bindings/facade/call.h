/* SPDX-License-Identifier: MIT
 *
 * A blocking call as a record: it can be made outside a runtime's lock, left for the runtime's signal handlers, taken
 * up again with what remains of its limit, and given up without losing anything.
 */
#ifndef LIBSUBPROCESS_BINDINGS_CALL_H
#define LIBSUBPROCESS_BINDINGS_CALL_H

#include "spec.h"

enum spb_verb {
  SPB_START,
  SPB_RUN,
  SPB_COMMUNICATE,
  SPB_WAIT,
  SPB_STOP,
  SPB_FINISH,
  SPB_READ,
  SPB_READ_LINE,
  SPB_WRITE
};

typedef struct spb_call {
  enum spb_verb verb;
  spb_spec *spec;      /* start, run */
  sp_process *process; /* the others; what start and run have started */
  int stream;
  void *data; /* what is written or fed; room for what is read */
  size_t size;
  int64_t limit_ms; /* timeout or grace; SP_FOREVER */
  bool whole_group; /* finish */
  /* 0, or how long the library waits at most before SP_EINTR is told though no signal has ended the wait: for languages
   * whose handlers may have run unseen, on another thread or while the library worked. */
  int64_t patience_ms;
  /* What came of it. */
  sp_error *err;     /* code SP_OK unless it failed */
  int64_t value;     /* return code, or number of bytes */
  sp_result *result; /* run, communicate: with some errors too, see sp_communicate() */
  const char *line;  /* valid until the next read of the stream */
  size_t line_len;
  /* Its own. */
  int64_t until_ns;
  bool begun;
  bool is_cut; /* it was given less than what remains of its limit */
} spb_call;

/* Makes the call, or goes on with it after SP_EINTR. Touches nothing of the language but `data` and the spec. */
void spb_perform(spb_call *call);
/* Gives up a call that has returned SP_EINTR: a child of SPB_RUN is ended as at its limit. */
void spb_abandon(spb_call *call);

/* Every language defines this one: runs spb_perform() outside its lock. Where it leaves SP_EINTR, the language's signal
 * handlers run, and then it goes on; if a handler raises, SP_EINTR stays in call->err and the exception waits. */
void spb_block(spb_call *call);

#endif
