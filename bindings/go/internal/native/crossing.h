/* SPDX-License-Identifier: MIT
 *
 * Calls whose options come as a record of bytes (see spb_decode()), in one crossing.
 */
#ifndef LIBSUBPROCESS_GO_CROSSING_H
#define LIBSUBPROCESS_GO_CROSSING_H

#ifndef SWIG
#  include "functions.h"

/* A piece of C's memory, as Go's View has it. */
typedef struct view {
  const void *data;
  size_t size;
} view;
#endif

/* `cancel` may be NULL. `observer` is a handle of Go's for what sees the output, or 0. */
sp_process *native_start(sp_error *err, const void *record, size_t record_len, sp_cancel *cancel, uint64_t observer);
/* `input` is NULL for none. With an error there may be a result too. */
sp_result *native_run(sp_error *err, const void *record, size_t record_len, const void *input, size_t input_len,
                      sp_cancel *cancel, uint64_t observer);
/* The record holds an argv. */
spb_text native_quote(sp_error *err, const void *record, size_t record_len);

#endif
