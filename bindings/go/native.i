/* SPDX-License-Identifier: MIT
 *
 * The Go typemaps. Everything that C reads or writes in Go's memory crosses as a bare address: cgo's own check would look at
 * the whole object that a slice is part of, and refuse a slice of an array beside a Go pointer. hold() does what cgo does
 * for pointers: it keeps the memory on the heap, and alive until the call has returned.
 */
%module native

%{
#include "crossing.h"

/* The words, each with a NUL after it. */
static _gostring_ join_words(char **words, sp_error *err) {
  size_t size = 0;
  for (char **word = words; word != NULL && *word != NULL; word++) size += strlen(*word) + 1;
  _gostring_ joined = {malloc(size + 1), (intgo)size};
  char *at = joined.p;
  if (at == NULL) {
    err->code = SP_ENOMEM;
    return (_gostring_){NULL, 0};
  }
  for (char **word = words; word != NULL && *word != NULL; word++) at = stpcpy(at, *word) + 1;
  return joined;
}
%}

%typemap(gotype) sp_error *err "*Failure"
%typemap(imtype) sp_error *err "uintptr"
%typemap(goin) sp_error *err %{ $result = uintptr($input.pointer()); defer hold($input.pointer()) %}
%typemap(in) sp_error *err "$1 = (sp_error *)$input;"

%typemap(gotype) const void *input, void *into "[]byte"
%typemap(imtype) const void *input, void *into "uintptr"
%typemap(goin) const void *input, void *into %{ $result = uintptr(pointer($input)); defer hold(pointer($input)) %}
%typemap(in) const void *input, void *into "$1 = (void *)$input;"
%typemap(gotype) size_t "int"

%typemap(gotype) int64_t *into "*Usage"
%typemap(imtype) int64_t *into "uintptr"
%typemap(goin) int64_t *into %{ $result = uintptr($input.pointer()); defer hold($input.pointer()) %}
%typemap(in) int64_t *into "$1 = (int64_t *)$input;"

%typemap(gotype) (const char **ret_line, size_t *ret_line_len) "*View"
%typemap(imtype) (const char **ret_line, size_t *ret_line_len) "uintptr"
%typemap(goin) (const char **ret_line, size_t *ret_line_len) %{ $result = uintptr($input.pointer()); defer hold($input.pointer()) %}
%typemap(in) (const char **ret_line, size_t *ret_line_len) %{
  $1 = ($1_ltype)&((view *)$input)->data;
  $2 = &((view *)$input)->size;
%}
%apply (const char **ret_line, size_t *ret_line_len) { (const void **ret_data, size_t *ret_data_len) }

%typemap(out) spb_text %{
  $result = Swig_AllocateString($1, $1 != NULL ? strlen($1) : 0);
  sp_mem_free($1);
%}
%typemap(gotype) spb_texts "string"
%typemap(imtype) spb_texts "string"
%typemap(out) spb_texts %{
  $result = join_words($1, arg1);
  sp_mem_free($1);
%}
%typemap(goout) spb_texts "$result = swigCopyString($1)"

/* An option that is not given is an empty string. */
%typemap(in) const char *path %{
  $1 = $input.n > 0 ? strndup($input.p, (size_t)$input.n) : NULL;
%}
%typemap(freearg) const char *path "free((void *)$1);"

/* Records take the place of specs: see crossing.h. */
%ignore spb_start;
%ignore spb_run;
%ignore spb_quote;
%ignore spb_usage_field_name;

%rename(Process) sp_process;
%rename(Result) sp_result;
%rename(Cancel) sp_cancel;
%rename(SendSignal) spb_send_signal;
%rename(KillGroup) spb_kill_group;
%rename(ReadLine) spb_read_line;
%rename(CloseStream) spb_close_stream;
%rename(StreamHandle) spb_stream_handle;
%rename(StreamRelease) spb_stream_release;
%rename(ExitHandle) spb_exit_handle;
%rename(StageCount) spb_stage_count;
%rename(StageAt) spb_stage_at;
%rename(ResultReturncode) spb_result_returncode;
%rename(ResultCoreDumped) spb_result_core_dumped;
%rename(ResultPipesHeld) spb_result_pipes_held;
%rename(ResultDropped) spb_result_dropped;
%rename(ResultStageReturncode) spb_result_stage_returncode;
%rename(ResultOutput) spb_result_output;
%rename(ResultUsage) spb_result_usage;
%rename(UsageFields) SPB_USAGE_FIELDS;
%rename(CancelNew) spb_cancel_new;
%rename(CancelTrigger) spb_cancel_trigger;
%rename(CancelReset) spb_cancel_reset;
%rename(CodeName) sp_code_name;
%rename(StepName) sp_step_name;
%rename(ReleaseCaches) sp_release_caches;
%rename(VersionNumber) sp_version_number;
%rename(Start) native_start;
%rename(Run) native_run;
%rename(Quote) native_quote;
%rename(Forever) FOREVER;
%rename(NoReturncode) NO_RETURNCODE;

%include "subprocess.i"

%apply const void *input { const void *record }
%include "internal/native/crossing.h"
