// SPDX-License-Identifier: MIT
//! The numbers of sp.h, each of the type in which the functions and structs want it.

use std::os::raw::c_int;

/// Wait without limit.
pub const SP_FOREVER: i64 = -1;
/// The largest timeout that is accepted, in milliseconds.
pub const SP_TIMEOUT_MAX: i64 = 9_000_000_000_000;
/// The return code of a child that has not been seen to exit, or whose status is lost.
pub const SP_NO_RETURNCODE: i64 = i64::MIN;

/// The version of the header that these declarations follow; see [`sp_version_number`](crate::sp_version_number).
pub const SP_VERSION_MAJOR: u32 = 0;
pub const SP_VERSION_MINOR: u32 = 1;
pub const SP_VERSION_PATCH: u32 = 0;
pub const SP_VERSION_NUMBER: u32 = SP_VERSION_MAJOR << 16 | SP_VERSION_MINOR << 8 | SP_VERSION_PATCH;

// enum sp_code
pub const SP_OK: c_int = 0;
pub const SP_EINVAL: c_int = -1;
pub const SP_ENOMEM: c_int = -2;
pub const SP_ESYS: c_int = -3;
pub const SP_ENOTFOUND: c_int = -4;
pub const SP_EACCESS: c_int = -5;
pub const SP_ETIMEDOUT: c_int = -6;
pub const SP_EFAILED: c_int = -7;
pub const SP_ECLOSED: c_int = -8;
pub const SP_ECANCELED: c_int = -9;
pub const SP_EINTR: c_int = -10;
pub const SP_ELOST: c_int = -11;
pub const SP_EUNSUPPORTED: c_int = -12;
pub const SP_EBUSY: c_int = -13;
pub const SP_EABI: c_int = -14;

// enum sp_step
pub const SP_AT_CALL: c_int = 0;
pub const SP_AT_STDIO: c_int = 1;
pub const SP_AT_FORK: c_int = 2;
pub const SP_AT_SESSION: c_int = 3;
pub const SP_AT_GROUP: c_int = 4;
pub const SP_AT_FDS: c_int = 5;
pub const SP_AT_CHDIR: c_int = 6;
pub const SP_AT_GROUPS: c_int = 7;
pub const SP_AT_GID: c_int = 8;
pub const SP_AT_UID: c_int = 9;
pub const SP_AT_UMASK: c_int = 10;
pub const SP_AT_LIMITS: c_int = 11;
pub const SP_AT_PREEXEC: c_int = 12;
pub const SP_AT_EXEC: c_int = 13;
pub const SP_AT_IO: c_int = 14;
pub const SP_AT_WAIT: c_int = 15;
pub const SP_AT_SIGNAL: c_int = 16;

// enum sp_stream
pub const SP_IN: c_int = 0;
pub const SP_OUT: c_int = 1;
pub const SP_ERR: c_int = 2;

// enum sp_stdio_kind
pub const SP_INHERIT: i32 = 0;
pub const SP_PIPE: i32 = 1;
pub const SP_DEVNULL: i32 = 2;
pub const SP_STDOUT: i32 = 3;
pub const SP_HANDLE: i32 = 4;
pub const SP_FILE: i32 = 5;

// enum sp_stdio_flag
pub const SP_APPEND: i32 = 1;

// enum sp_flag
pub const SP_SHELL: u64 = 1 << 0;
pub const SP_CHECK: u64 = 1 << 1;
pub const SP_CAPTURE: u64 = 1 << 2;
pub const SP_ENV_EXTEND: u64 = 1 << 3;
pub const SP_KEEP_FDS: u64 = 1 << 4;
pub const SP_KEEP_SIGNALS: u64 = 1 << 5;
pub const SP_KEEP_SIGMASK: u64 = 1 << 6;
pub const SP_NEW_SESSION: u64 = 1 << 7;
pub const SP_NEW_GROUP: u64 = 1 << 8;
pub const SP_JOIN_GROUP: u64 = 1 << 9;
pub const SP_CONTROLLING_TTY: u64 = 1 << 10;
pub const SP_SET_UID: u64 = 1 << 11;
pub const SP_SET_GID: u64 = 1 << 12;
pub const SP_SET_GROUPS: u64 = 1 << 13;
pub const SP_SET_UMASK: u64 = 1 << 14;
pub const SP_PIPEFAIL: u64 = 1 << 15;
pub const SP_KILL_ON_FREE: u64 = 1 << 16;
pub const SP_RETURN_ON_SIGNAL: u64 = 1 << 17;
pub const SP_UNIVERSAL_NEWLINES: u64 = 1 << 18;
pub const SP_KILL_GROUP_ON_TIMEOUT: u64 = 1 << 19;
