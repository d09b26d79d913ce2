/* SPDX-License-Identifier: MIT */
#include "crossing.h"

#include <stdio.h>

#include "_cgo_export.h"
#include "call.h"
#include "record.h"

/* Go has signal handlers of its own threads' making; none of them needs a blocking call to return. */
void spb_block(spb_call *call) {
  do spb_perform(call);
  while (call->err->code == SP_EINTR);
}

static int show_output(void *observer, int stream, const void *data, size_t size) {
  return nativeObserve((uintptr_t)observer, stream, (void *)data, size);
}

/* NULL with the reason in `err`. */
static spb_spec *spec_of(sp_error *err, const void *record, size_t record_len) {
  spb_spec *spec = spb_spec_new();
  if (spec == NULL) {
    err->code = SP_ENOMEM;
    snprintf(err->message, sizeof err->message, "no memory");
    return NULL;
  }
  if (spb_decode(spec, record, record_len, err) == SP_OK) return spec;
  spb_spec_free(spec);
  return NULL;
}

static void attach(spb_spec *spec, sp_cancel *cancel, uint64_t observer) {
  if (cancel != NULL) spb_set_cancel(spec, cancel);
  if (observer != 0) spb_set_on_output(spec, show_output, (void *)(uintptr_t)observer);
}

sp_process *native_start(sp_error *err, const void *record, size_t record_len, sp_cancel *cancel, uint64_t observer) {
  spb_spec *spec = spec_of(err, record, record_len);
  if (spec == NULL) return NULL;
  attach(spec, cancel, observer);
  sp_process *process = spb_start(err, spec);
  spb_spec_free(spec);
  return process;
}

sp_result *native_run(sp_error *err, const void *record, size_t record_len, const void *input, size_t input_len,
                      sp_cancel *cancel, uint64_t observer) {
  spb_spec *spec = spec_of(err, record, record_len);
  if (spec == NULL) return NULL;
  attach(spec, cancel, observer);
  if (input != NULL) spb_set_input(spec, input, input_len);
  sp_result *result = spb_run(err, spec);
  spb_spec_free(spec);
  return result;
}

spb_text native_quote(sp_error *err, const void *record, size_t record_len) {
  spb_spec *spec = spec_of(err, record, record_len);
  if (spec == NULL) return NULL;
  spb_text line = spb_quote(err, spec);
  spb_spec_free(spec);
  return line;
}
