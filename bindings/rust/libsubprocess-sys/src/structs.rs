// SPDX-License-Identifier: MIT
//! The types of sp.h. All zeros are valid for each struct, apart from its `size`.

use core::marker::{PhantomData, PhantomPinned};
use core::mem::{size_of, MaybeUninit};
use std::os::raw::{c_char, c_int, c_void};

/// Declares types that are only ever seen behind a pointer.
macro_rules! opaque {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[repr(C)]
        pub struct $name {
            _bytes: [u8; 0],
            // Not Send, not Sync, not Unpin.
            _marker: PhantomData<(*mut u8, PhantomPinned)>,
        }
    )*};
}

opaque! {
    /// A child process, or a whole pipeline of them.
    sp_process
    /// What a finished (or timed-out) child left behind.
    sp_result
    /// A latch that wakes the blocking calls of the processes that it was given to.
    sp_cancel
}

/// Runs in the forked child just before exec.
pub type sp_preexec_fn = Option<unsafe extern "C" fn(arg: *mut c_void) -> c_int>;
/// Sees each chunk of output as it is read.
pub type sp_output_fn =
    Option<unsafe extern "C" fn(arg: *mut c_void, stream: c_int, data: *const c_void, len: usize) -> c_int>;

/// One failure, described. Start it with [`sp_error::new`].
#[repr(C)]
#[derive(Clone, Copy)]
pub struct sp_error {
    pub size: usize,
    pub code: i32,
    pub step: i32,
    pub sys_errno: i32,
    pub stage: i32,
    pub path: [c_char; 232],
    pub message: [c_char; 256],
}

/// One standard stream.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct sp_stdio {
    pub kind: i32,
    pub flags: i32,
    pub handle: isize,
    pub path: *const c_char,
}

/// One more descriptor for the child.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct sp_fd_map {
    pub child_fd: i32,
    pub host_fd: i32,
}

/// How to start a child and how to run it. Start it with [`sp_options::new`].
#[repr(C)]
#[derive(Clone, Copy)]
pub struct sp_options {
    pub size: usize,
    pub flags: u64,
    pub std_in: sp_stdio,
    pub std_out: sp_stdio,
    pub std_err: sp_stdio,
    pub executable: *const c_char,
    pub cwd: *const c_char,
    pub env: *const *const c_char,
    pub pass_fds: *const i32,
    pub pass_fds_len: usize,
    pub fd_map: *const sp_fd_map,
    pub fd_map_len: usize,
    pub input: *const c_void,
    pub input_len: usize,
    pub timeout_ms: i64,
    pub drain_ms: i64,
    pub kill_grace_ms: i64,
    pub max_output: usize,
    pub pipe_size: i32,
    pub death_signal: i32,
    pub process_group: i64,
    pub user: *const c_char,
    pub group: *const c_char,
    pub uid: u32,
    pub gid: u32,
    pub umask: u32,
    pub reserved0: u32,
    pub groups: *const u32,
    pub groups_len: usize,
    pub cancel: *mut sp_cancel,
    pub preexec: sp_preexec_fn,
    pub preexec_arg: *mut c_void,
    pub on_output: sp_output_fn,
    pub on_output_arg: *mut c_void,
}

/// One stage of a pipeline.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct sp_command {
    pub argv: *const *const c_char,
    pub options: *const sp_options,
}

/// What a child cost. Start it with [`sp_usage::new`].
#[repr(C)]
#[derive(Clone, Copy)]
pub struct sp_usage {
    pub size: usize,
    pub wall_us: i64,
    pub user_us: i64,
    pub system_us: i64,
    pub max_rss_bytes: i64,
    pub minor_faults: i64,
    pub major_faults: i64,
    pub voluntary_switches: i64,
    pub involuntary_switches: i64,
    pub blocks_in: i64,
    pub blocks_out: i64,
}

/// Gives the structs that carry their own size their initialiser.
macro_rules! sized {
    ($($name:ident)*) => {$(
        impl $name {
            /// All zeros, and the size.
            pub fn new() -> Self {
                // SAFETY: integers, pointers and optional functions, for all of which zeros are a value.
                let zeroed: Self = unsafe { MaybeUninit::zeroed().assume_init() };
                Self { size: size_of::<Self>(), ..zeroed }
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }
    )*};
}

sized! { sp_error sp_options sp_usage }
