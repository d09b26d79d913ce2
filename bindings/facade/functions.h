/* SPDX-License-Identifier: MIT
 *
 * What SWIG wraps: the C API with the error first, so that a failure is raised before results are built, and with every
 * blocking call going through spb_block().
 */
#ifndef LIBSUBPROCESS_BINDINGS_FUNCTIONS_H
#define LIBSUBPROCESS_BINDINGS_FUNCTIONS_H

#include "spec.h"

/* The failures of these types are told by err->code; the values then mean nothing. */
typedef int spb_status;     /* nothing but success */
typedef int64_t spb_number; /* a return code, a number of bytes */
typedef char *spb_text;     /* to be freed with sp_mem_free() */
typedef char **spb_texts;   /* the same, NULL at its end */

/* Starting. `spec` is used up but stays the caller's. */
sp_process *spb_start(sp_error *err, spb_spec *spec);
/* With an error there may be a result too: what came until then. */
sp_result *spb_run(sp_error *err, spb_spec *spec);

/* Ending, closing. */
sp_result *spb_communicate(sp_error *err, sp_process *process, const void *input, size_t input_len, int64_t timeout_ms);
spb_number spb_wait(sp_error *err, sp_process *process, int64_t timeout_ms);
/* SP_NO_RETURNCODE while it runs. */
spb_number spb_poll(sp_error *err, sp_process *process);
spb_number spb_stop(sp_error *err, sp_process *process, int64_t grace_ms);
sp_result *spb_finish(sp_error *err, sp_process *process, int64_t grace_ms, bool whole_group);
spb_status spb_close(sp_error *err, sp_process *process);
spb_status spb_send_signal(sp_error *err, sp_process *process, int signal);
spb_status spb_kill_group(sp_error *err, sp_process *process, int signal);

/* Streams. */
spb_number spb_read(sp_error *err, sp_process *process, int stream, void *into, size_t into_len, int64_t timeout_ms);
/* The line is valid until the next read of that stream: one reader at a time, copy first. */
spb_status spb_read_line(sp_error *err, sp_process *process, int stream, int64_t timeout_ms, const char **ret_line,
                         size_t *ret_line_len);
/* All of it; less only if the limit passed after the first byte. */
spb_number spb_write(sp_error *err, sp_process *process, const void *input, size_t input_len, int64_t timeout_ms);
spb_status spb_close_stream(sp_error *err, sp_process *process, int stream);

/* Facts that cannot fail. */
int64_t spb_pid(const sp_process *process);
int64_t spb_stream_handle(const sp_process *process, int stream);
int64_t spb_stream_release(sp_process *process, int stream);
int64_t spb_exit_handle(const sp_process *process);
int64_t spb_stage_count(const sp_process *process);
/* Borrowed from `process`; NULL if out of range. */
sp_process *spb_stage_at(sp_process *process, int64_t stage);

/* Results. */
int64_t spb_result_returncode(const sp_result *result);
bool spb_result_core_dumped(const sp_result *result);
bool spb_result_pipes_held(const sp_result *result);
int64_t spb_result_dropped(const sp_result *result, int stream);
int64_t spb_result_stage_returncode(const sp_result *result, int64_t stage);
/* NULL if it was not captured; valid as long as the result. */
void spb_result_output(const sp_result *result, int stream, const void **ret_data, size_t *ret_data_len);
/* The fields of sp_usage in their order, into `into`, of which there must be SPB_USAGE_FIELDS. False if not known. */
enum { SPB_USAGE_FIELDS = 10 };
bool spb_result_usage(const sp_result *result, int64_t *into);
const char *spb_usage_field_name(int index);

/* Cancel tokens. */
sp_cancel *spb_cancel_new(sp_error *err);
void spb_cancel_trigger(sp_cancel *cancel);
void spb_cancel_reset(sp_cancel *cancel);

/* Helpers. Argument lists come as a spec with an argv. */
spb_text spb_quote(sp_error *err, spb_spec *spec);
spb_texts spb_split(sp_error *err, const char *line);
spb_text spb_which(sp_error *err, const char *name, const char *path);

#endif
