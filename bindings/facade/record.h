/* SPDX-License-Identifier: MIT
 *
 * A spec from a record of bytes, for languages that hand over bytes more easily than they are called back: everything
 * in one crossing.
 *
 *     record   = { entry }
 *     entry    = option:u8 value
 *     value    = number:i64                                     a number or a flag
 *              | text                                           a text
 *              | count:u32 { text }                             argv
 *              | count:u32 { text text }                        env
 *              | count:u32 { text text | text missing }         env_extend
 *              | count:u32 { number:i64 }                       numbers
 *              | count:u32 { child_fd:i64 host_fd:i64 }         fd_map
 *              | form:u8 text number:i64                        a stream: SPB_STREAM_NAME text, _FD number, _PATH or
 * _APPEND text | count:u32 { length:u32 record }                stages text     = length:u32 { byte } missing  =
 * 0xffffffff:u32
 *
 * Numbers are little-endian. input, cancel and on_output have no record: they are set by themselves.
 */
#ifndef LIBSUBPROCESS_BINDINGS_RECORD_H
#define LIBSUBPROCESS_BINDINGS_RECORD_H

#include "spec.h"

enum spb_stream_form { SPB_STREAM_NAME, SPB_STREAM_FD, SPB_STREAM_PATH, SPB_STREAM_APPEND };

/* Adds what the record says to `spec`. @return SP_OK; SP_EINVAL, SP_ENOMEM. */
int spb_decode(spb_spec *spec, const void *record, size_t len, sp_error *err);

#endif
