/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "call.h"

#include <time.h>

enum { NS_PER_MS = 1000000 };

static int64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 * NS_PER_MS + now.tv_nsec;
}

/* A limit that the library has to refuse, or that nobody lives to see, stays as it is. */
static bool is_relative(int64_t limit_ms) { return limit_ms > 0 && limit_ms < INT64_MAX / NS_PER_MS / 4; }

static void begin(spb_call *call) {
  if (call->begun) return;
  call->begun = true;
  if (is_relative(call->limit_ms)) call->until_ns = now_ns() + call->limit_ms * NS_PER_MS;
}

/* What remains of the limit, rounded up: a call that is taken up again does not get more than it was given. */
static int64_t remaining_ms(const spb_call *call) {
  if (!is_relative(call->limit_ms)) return call->limit_ms;
  const int64_t left = call->until_ns - now_ns();
  return left <= 0 ? 0 : (left + NS_PER_MS - 1) / NS_PER_MS;
}

/* For waits that change nothing if they are cut short: what remains, or what patience there is. */
static int64_t wait_ms(spb_call *call) {
  const int64_t remaining = remaining_ms(call);
  const bool is_long = remaining == SP_FOREVER || remaining > call->patience_ms;
  call->is_cut = call->patience_ms > 0 && is_long;
  return call->is_cut ? call->patience_ms : remaining;
}

/* A wait that ended with the patience has not reached its limit. */
static void forgive(spb_call *call) {
  if (call->err->code != SP_ETIMEDOUT || !call->is_cut) return;
  call->err->code = SP_EINTR;
  sp_result_free(call->result);
  call->result = NULL;
}

/* Takes over the outcome of a function that returns bytes. */
static void take_count(spb_call *call, int64_t count) {
  if (count >= 0) call->value = count;
}

/* A short count may mean a signal, which would not come again, or an error, which will. */
static void write_all(spb_call *call) {
  const char *from = call->data;
  const int64_t count =
      sp_write(call->process, from + call->value, call->size - (size_t)call->value, wait_ms(call), call->err);
  if (count >= 0) {
    call->value += count;
    if ((size_t)call->value < call->size) call->err->code = SP_EINTR;
    return;
  }
  /* What has been written must not be written twice: it is told now, the error with the next call. */
  const bool limit = (call->err->code == SP_ETIMEDOUT && !call->is_cut) || call->err->code == SP_ECANCELED;
  if (call->value > 0 && limit) call->err->code = SP_OK;
}

/* -- run ----------------------------------------------------------------------------------------------------------------- */

/* sp_run() cannot be left and taken up again, so it is put together from calls that can. */
static bool needs_to_be_resumable(const spb_call *call) {
  const sp_options *options = spb_spec_options(call->spec);
  return (options->flags & SP_RETURN_ON_SIGNAL) != 0 || spb_spec_has_stages(call->spec) ||
         (spb_spec_has_timeout(call->spec) && options->timeout_ms == 0);
}

/* What only sp_run() takes is refused by sp_run(), in its own words. */
static bool is_refused_by_run(const sp_options *options) {
  const bool has_group = (options->flags & (SP_NEW_GROUP | SP_NEW_SESSION)) != 0;
  return options->timeout_ms < SP_FOREVER || options->timeout_ms > SP_TIMEOUT_MAX || options->kill_grace_ms < 0 ||
         options->kill_grace_ms > SP_TIMEOUT_MAX || (options->input != NULL && options->std_in.kind != SP_INHERIT) ||
         ((options->flags & SP_KILL_GROUP_ON_TIMEOUT) != 0 && !has_group);
}

/* Signals that came while the child was started have ended no wait: the language looks after them first. */
static void start_to_run(spb_call *call) {
  sp_options options = *spb_spec_options(call->spec);
  static const char *const argv[] = {"-", NULL};
  if (is_refused_by_run(&options)) {
    sp_run(spb_spec_has_stages(call->spec) ? argv : spb_spec_argv(call->spec), &options, &call->result, call->err);
    return;
  }
  call->limit_ms = spb_spec_has_timeout(call->spec) ? options.timeout_ms : SP_FOREVER;
  begin(call);
  if (options.input != NULL) options.std_in.kind = SP_PIPE;
  options.input = NULL;
  options.input_len = 0;
  options.timeout_ms = 0;
  options.kill_grace_ms = 0;
  options.flags &= ~(uint64_t)SP_KILL_GROUP_ON_TIMEOUT;
  spb_spec_start(call->spec, &options, &call->process, call->err);
  if (call->process != NULL && (options.flags & SP_RETURN_ON_SIGNAL) != 0) call->err->code = SP_EINTR;
}

static void forget_child(spb_call *call) {
  sp_process_free(call->process);
  call->process = NULL;
}

/* What sp_run() does at its limit. The failure that led here stays the one that is told. */
static void cut(spb_call *call) {
  const sp_options *options = spb_spec_options(call->spec);
  const bool whole_group = (options->flags & SP_KILL_GROUP_ON_TIMEOUT) != 0;
  sp_result_free(call->result);
  call->result = NULL;
  sp_finish(call->process, options->kill_grace_ms, whole_group, &call->result, NULL);
  forget_child(call);
}

static void run(spb_call *call) {
  if (call->process == NULL && !needs_to_be_resumable(call)) {
    sp_run(spb_spec_argv(call->spec), spb_spec_options(call->spec), &call->result, call->err);
    return;
  }
  if (call->process == NULL) start_to_run(call);
  if (call->process == NULL || call->err->code != SP_OK) return;
  const sp_options *options = spb_spec_options(call->spec);
  sp_communicate(call->process, options->input, options->input_len, wait_ms(call), &call->result, call->err);
  forgive(call);
  const int code = call->err->code;
  if (code == SP_EINTR) return;
  if (code == SP_OK || code == SP_EFAILED || code == SP_ELOST)
    forget_child(call);
  else
    cut(call);
}

/* -- all of them --------------------------------------------------------------------------------------------------------- */

static void start(spb_call *call) {
  spb_spec_start(call->spec, spb_spec_options(call->spec), &call->process, call->err);
}

void spb_perform(spb_call *call) {
  sp_error *err = call->err;
  sp_process *process = call->process;
  err->code = SP_OK;
  if (call->verb != SPB_START && call->verb != SPB_RUN) begin(call);
  switch (call->verb) {
    case SPB_START:
      start(call);
      break;
    case SPB_RUN:
      run(call);
      break;
    case SPB_COMMUNICATE:
      sp_communicate(process, call->data, call->size, wait_ms(call), &call->result, err);
      break;
    case SPB_WAIT:
      sp_wait(process, wait_ms(call), &call->value, err);
      break;
    case SPB_STOP:
      sp_stop(process, remaining_ms(call), &call->value, err);
      break;
    case SPB_FINISH:
      sp_finish(process, call->limit_ms, call->whole_group, &call->result, err);
      break;
    case SPB_READ:
      take_count(call, sp_read(process, call->stream, call->data, call->size, wait_ms(call), err));
      break;
    case SPB_READ_LINE:
      sp_read_line(process, call->stream, wait_ms(call), &call->line, &call->line_len, err);
      break;
    case SPB_WRITE:
      write_all(call);
      break;
  }
  if (call->verb != SPB_RUN) forgive(call);
}

void spb_abandon(spb_call *call) {
  if (call->verb != SPB_RUN || call->process == NULL) return;
  cut(call);
  sp_result_free(call->result);
  call->result = NULL;
}
