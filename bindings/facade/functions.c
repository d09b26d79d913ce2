/* SPDX-License-Identifier: MIT */
#include "functions.h"

#include <stdio.h>
#include <string.h>

#include "call.h"

/* Blocks, and gives up what a signal handler's exception has left unfinished. */
static void block(spb_call *call) {
  spb_block(call);
  if (call->err->code == SP_EINTR) spb_abandon(call);
}

sp_process *spb_start(sp_error *err, spb_spec *spec) {
  spb_call call = {.verb = SPB_START, .spec = spec, .err = err};
  block(&call);
  return call.process;
}

sp_result *spb_run(sp_error *err, spb_spec *spec) {
  spb_call call = {.verb = SPB_RUN, .spec = spec, .err = err};
  block(&call);
  return call.result;
}

sp_result *spb_communicate(sp_error *err, sp_process *process, const void *input, size_t input_len,
                           int64_t timeout_ms) {
  spb_call call = {.verb = SPB_COMMUNICATE,
                   .process = process,
                   .data = (void *)input,
                   .size = input_len,
                   .limit_ms = timeout_ms,
                   .err = err};
  block(&call);
  return call.result;
}

spb_number spb_wait(sp_error *err, sp_process *process, int64_t timeout_ms) {
  spb_call call = {.verb = SPB_WAIT, .process = process, .limit_ms = timeout_ms, .err = err};
  block(&call);
  return call.value;
}

spb_number spb_poll(sp_error *err, sp_process *process) {
  int64_t returncode = SP_NO_RETURNCODE;
  /* sp_poll() has no sentence for its failures, and sp_wait() fails in the same way. */
  if (sp_poll(process, &returncode) < 0) sp_wait(process, 0, &returncode, err);
  return returncode;
}

spb_number spb_stop(sp_error *err, sp_process *process, int64_t grace_ms) {
  spb_call call = {.verb = SPB_STOP, .process = process, .limit_ms = grace_ms, .err = err};
  block(&call);
  return call.value;
}

sp_result *spb_finish(sp_error *err, sp_process *process, int64_t grace_ms, bool whole_group) {
  spb_call call = {
      .verb = SPB_FINISH, .process = process, .limit_ms = grace_ms, .whole_group = whole_group, .err = err};
  block(&call);
  return call.result;
}

spb_status spb_close(sp_error *err, sp_process *process) {
  const int code = sp_close(process);
  if (code != SP_OK) sp_wait(process, 0, NULL, err); /* the same refusal, with a sentence */
  return code;
}

spb_status spb_send_signal(sp_error *err, sp_process *process, int signal) {
  return sp_send_signal(process, signal, err);
}

spb_status spb_kill_group(sp_error *err, sp_process *process, int signal) {
  return sp_kill_group(process, signal, err);
}

spb_number spb_read(sp_error *err, sp_process *process, int stream, void *into, size_t into_len, int64_t timeout_ms) {
  spb_call call = {.verb = SPB_READ,
                   .process = process,
                   .stream = stream,
                   .data = into,
                   .size = into_len,
                   .limit_ms = timeout_ms,
                   .err = err};
  block(&call);
  return call.value;
}

spb_status spb_read_line(sp_error *err, sp_process *process, int stream, int64_t timeout_ms, const char **ret_line,
                         size_t *ret_line_len) {
  spb_call call = {.verb = SPB_READ_LINE, .process = process, .stream = stream, .limit_ms = timeout_ms, .err = err};
  block(&call);
  *ret_line = call.line;
  *ret_line_len = call.line_len;
  return err->code;
}

spb_number spb_write(sp_error *err, sp_process *process, const void *input, size_t input_len, int64_t timeout_ms) {
  spb_call call = {.verb = SPB_WRITE,
                   .process = process,
                   .data = (void *)input,
                   .size = input_len,
                   .limit_ms = timeout_ms,
                   .err = err};
  block(&call);
  return call.value;
}

spb_status spb_close_stream(sp_error *err, sp_process *process, int stream) {
  const int code = sp_close_stream(process, stream);
  if (code == SP_OK) return code;
  if (code == SP_ECLOSED) {
    sp_wait(process, 0, NULL, err);
    return code;
  }
  err->code = code;
  snprintf(err->message, sizeof err->message, "stream %d is not a pipe", stream);
  return code;
}

/* -- facts --------------------------------------------------------------------------------------------------------------- */

int64_t spb_pid(const sp_process *process) { return sp_pid(process); }
int64_t spb_stream_handle(const sp_process *process, int stream) { return sp_stream_handle(process, stream); }
int64_t spb_stream_release(sp_process *process, int stream) { return sp_stream_release(process, stream); }
int64_t spb_exit_handle(const sp_process *process) { return sp_exit_handle(process); }
int64_t spb_stage_count(const sp_process *process) { return (int64_t)sp_stage_count(process); }

sp_process *spb_stage_at(sp_process *process, int64_t stage) {
  return stage < 0 ? NULL : sp_stage_at(process, (size_t)stage);
}

int64_t spb_result_returncode(const sp_result *result) { return sp_result_returncode(result); }
bool spb_result_core_dumped(const sp_result *result) { return sp_result_core_dumped(result) != 0; }
bool spb_result_pipes_held(const sp_result *result) { return sp_result_pipes_held(result) != 0; }
int64_t spb_result_dropped(const sp_result *result, int stream) { return (int64_t)sp_result_dropped(result, stream); }

int64_t spb_result_stage_returncode(const sp_result *result, int64_t stage) {
  return stage < 0 ? SP_NO_RETURNCODE : sp_result_stage_returncode(result, (size_t)stage);
}

void spb_result_output(const sp_result *result, int stream, const void **ret_data, size_t *ret_data_len) {
  *ret_data_len = 0;
  *ret_data = sp_result_output(result, stream, ret_data_len);
}

bool spb_result_usage(const sp_result *result, int64_t *into) {
  sp_usage usage;
  memset(&usage, 0, sizeof usage);
  usage.size = sizeof usage;
  if (sp_result_usage(result, &usage) != SP_OK) return false;
  _Static_assert(sizeof usage == sizeof usage.size + SPB_USAGE_FIELDS * sizeof *into, "all of them are int64_t");
  memcpy(into, &usage.wall_us, SPB_USAGE_FIELDS * sizeof *into);
  return true;
}

const char *spb_usage_field_name(int index) {
  static const char *const names[SPB_USAGE_FIELDS] = {
      "wall_us",      "user_us",      "system_us",          "max_rss_bytes",
      "minor_faults", "major_faults", "voluntary_switches", "involuntary_switches",
      "blocks_in",    "blocks_out"};
  return index >= 0 && index < SPB_USAGE_FIELDS ? names[index] : NULL;
}

sp_cancel *spb_cancel_new(sp_error *err) {
  sp_cancel *cancel = NULL;
  sp_cancel_new(&cancel, err);
  return cancel;
}

void spb_cancel_trigger(sp_cancel *cancel) { sp_cancel_trigger(cancel); }
void spb_cancel_reset(sp_cancel *cancel) { sp_cancel_reset(cancel); }

spb_text spb_quote(sp_error *err, spb_spec *spec) {
  char *line = NULL;
  sp_quote(spb_spec_argv(spec), &line, err);
  return line;
}

spb_texts spb_split(sp_error *err, const char *line) {
  char **words = NULL;
  sp_split(line, &words, err);
  return words;
}

spb_text spb_which(sp_error *err, const char *name, const char *path) {
  char *found = NULL;
  sp_which(name, path, &found, err);
  return found;
}
