/* SPDX-License-Identifier: MIT
 *
 * The interface that SWIG wraps for every language. Each language's own file defines the typemaps named below and then
 * includes this one:
 *
 *     %module NAME
 *     %include "LANGUAGE.swg"     typemaps, spb_block()
 *     %include "subprocess.i"
 *
 * What a language has to say in typemaps:
 *     sp_error *err                    no argument: a local sp_error, which is the first argument of all that can fail
 *     spb_spec *spec                   keyword arguments, by the names of facade/option_table.c
 *     (const void *input, size_t input_len)            bytes, borrowed for the call
 *     (void *into, size_t into_len)                    room for bytes
 *     (const void **ret_data, size_t *ret_data_len)    bytes to be copied, or none
 *     (const char **ret_line, size_t *ret_line_len)    the same, never none
 *     spb_status, spb_number, spb_text, spb_texts      results that raise what `err` says
 *     sp_process *, sp_result *, sp_cancel *           the same; handles that are freed with the language's objects
 */
%{
#include "call.h"
#include "functions.h"
#include "record.h"
%}

%include <stdint.i>

%nodefaultctor;
typedef struct sp_process {} sp_process;
typedef struct sp_result {} sp_result;
typedef struct sp_cancel {} sp_cancel;
%extend sp_process { ~sp_process() { sp_process_free($self); } }
%extend sp_result { ~sp_result() { sp_result_free($self); } }
%extend sp_cancel { ~sp_cancel() { sp_cancel_free($self); } }

%newobject spb_start;
%newobject spb_run;
%newobject spb_communicate;
%newobject spb_finish;
%newobject spb_cancel_new;

%rename("%(strip:[spb_])s") "";
%include "facade/functions.h"

%constant int64_t FOREVER = SP_FOREVER;
%constant int64_t NO_RETURNCODE = SP_NO_RETURNCODE;
const char *sp_code_name(int code);
const char *sp_step_name(int step);
void sp_release_caches(void);
uint32_t sp_version_number(void);
