// SPDX-License-Identifier: MIT
//! The functions of sp.h, in its order. tests/abi.rs reads this file: one declaration ends with one ';'.

use crate::{sp_cancel, sp_command, sp_error, sp_options, sp_process, sp_result, sp_usage};
use std::os::raw::{c_char, c_int, c_void};

extern "C" {
    // Errors
    pub fn sp_code_name(code: c_int) -> *const c_char;
    pub fn sp_step_name(step: c_int) -> *const c_char;

    // One call does it all
    pub fn sp_run(
        argv: *const *const c_char,
        opt: *const sp_options,
        ret: *mut *mut sp_result,
        err: *mut sp_error,
    ) -> c_int;
    pub fn sp_check_output(
        argv: *const *const c_char,
        opt: *const sp_options,
        ret: *mut *mut c_char,
        ret_len: *mut usize,
        err: *mut sp_error,
    ) -> c_int;

    // Start, talk, wait
    pub fn sp_popen(
        argv: *const *const c_char,
        opt: *const sp_options,
        ret: *mut *mut sp_process,
        err: *mut sp_error,
    ) -> c_int;
    pub fn sp_close(p: *mut sp_process) -> c_int;
    pub fn sp_process_free(p: *mut sp_process);
    pub fn sp_communicate(
        p: *mut sp_process,
        input: *const c_void,
        len: usize,
        timeout_ms: i64,
        ret: *mut *mut sp_result,
        err: *mut sp_error,
    ) -> c_int;
    pub fn sp_wait(p: *mut sp_process, timeout_ms: i64, ret_code: *mut i64, err: *mut sp_error) -> c_int;
    pub fn sp_poll(p: *mut sp_process, ret_code: *mut i64) -> c_int;
    pub fn sp_stop(p: *mut sp_process, grace_ms: i64, ret_code: *mut i64, err: *mut sp_error) -> c_int;
    pub fn sp_finish(
        p: *mut sp_process,
        grace_ms: i64,
        whole_group: c_int,
        ret: *mut *mut sp_result,
        err: *mut sp_error,
    ) -> c_int;
    pub fn sp_pid(p: *const sp_process) -> i64;

    // Signals
    pub fn sp_send_signal(p: *mut sp_process, sig: c_int, err: *mut sp_error) -> c_int;
    pub fn sp_terminate(p: *mut sp_process, err: *mut sp_error) -> c_int;
    pub fn sp_kill(p: *mut sp_process, err: *mut sp_error) -> c_int;
    pub fn sp_kill_group(p: *mut sp_process, sig: c_int, err: *mut sp_error) -> c_int;

    // Streams
    pub fn sp_read(
        p: *mut sp_process,
        stream: c_int,
        buf: *mut c_void,
        len: usize,
        timeout_ms: i64,
        err: *mut sp_error,
    ) -> i64;
    pub fn sp_write(p: *mut sp_process, buf: *const c_void, len: usize, timeout_ms: i64, err: *mut sp_error) -> i64;
    pub fn sp_read_line(
        p: *mut sp_process,
        stream: c_int,
        timeout_ms: i64,
        ret: *mut *const c_char,
        ret_len: *mut usize,
        err: *mut sp_error,
    ) -> c_int;
    pub fn sp_close_stream(p: *mut sp_process, stream: c_int) -> c_int;
    pub fn sp_stream_handle(p: *const sp_process, stream: c_int) -> isize;
    pub fn sp_stream_release(p: *mut sp_process, stream: c_int) -> isize;
    pub fn sp_exit_handle(p: *const sp_process) -> isize;

    // Cancel
    pub fn sp_cancel_new(ret: *mut *mut sp_cancel, err: *mut sp_error) -> c_int;
    pub fn sp_cancel_trigger(c: *mut sp_cancel);
    pub fn sp_cancel_reset(c: *mut sp_cancel);
    pub fn sp_cancel_free(c: *mut sp_cancel);

    // Pipelines
    pub fn sp_pipeline(
        cmds: *const sp_command,
        n: usize,
        opt: *const sp_options,
        ret: *mut *mut sp_process,
        err: *mut sp_error,
    ) -> c_int;
    pub fn sp_stage_count(p: *const sp_process) -> usize;
    pub fn sp_stage_at(p: *mut sp_process, i: usize) -> *mut sp_process;

    // Results
    pub fn sp_result_returncode(r: *const sp_result) -> i64;
    pub fn sp_result_core_dumped(r: *const sp_result) -> c_int;
    pub fn sp_result_output(r: *const sp_result, stream: c_int, ret_len: *mut usize) -> *const c_void;
    pub fn sp_result_dropped(r: *const sp_result, stream: c_int) -> u64;
    pub fn sp_result_pipes_held(r: *const sp_result) -> c_int;
    pub fn sp_result_usage(r: *const sp_result, ret: *mut sp_usage) -> c_int;
    pub fn sp_result_stage_returncode(r: *const sp_result, stage: usize) -> i64;
    pub fn sp_result_free(r: *mut sp_result);
    pub fn sp_mem_free(memory: *mut c_void);

    // Helpers
    pub fn sp_quote(argv: *const *const c_char, ret: *mut *mut c_char, err: *mut sp_error) -> c_int;
    pub fn sp_split(line: *const c_char, ret_argv: *mut *mut *mut c_char, err: *mut sp_error) -> c_int;
    pub fn sp_which(name: *const c_char, path: *const c_char, ret: *mut *mut c_char, err: *mut sp_error) -> c_int;
    pub fn sp_release_caches();
    pub fn sp_version_number() -> u32;
}
