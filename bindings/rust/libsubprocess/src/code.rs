// SPDX-License-Identifier: MIT
//! The numbers of errors and of the steps at which they happen.

use crate::sys;
use std::ffi::CStr;
use std::fmt;

/// An enum whose variants have numbers in the C API, and a C function that names them.
macro_rules! numbered {
    (
        $(#[$attribute:meta])* $name:ident, named by $namer:ident;
        $($(#[$doc:meta])* $variant:ident = $number:ident,)*
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$doc])* $variant,)*
            /// A number that this version of the crate does not know.
            Unknown(i32),
        }

        impl $name {
            pub(crate) fn from_raw(number: i32) -> Self {
                match number {
                    $(sys::$number => Self::$variant,)*
                    other => Self::Unknown(other),
                }
            }

            /// The number in the C API.
            pub fn as_raw(self) -> i32 {
                match self {
                    $(Self::$variant => sys::$number,)*
                    Self::Unknown(number) => number,
                }
            }

            /// The name in the C API.
            pub fn name(self) -> &'static str {
                // SAFETY: the function takes any number and returns a static string of ASCII.
                unsafe { CStr::from_ptr(sys::$namer(self.as_raw())) }.to_str().unwrap_or("?")
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

numbered! {
    /// What went wrong, to branch on. [`name`](Code::name) gives `"SP_ETIMEDOUT"` and the like.
    Code, named by sp_code_name;
    /// An argument is wrong; the message names it.
    Invalid = SP_EINVAL,
    /// No memory.
    NoMemory = SP_ENOMEM,
    /// The system said no: see [`Error::errno`](crate::Error::errno) and [`Error::step`](crate::Error::step).
    System = SP_ESYS,
    /// The program, directory, file, user or group does not exist: see [`Error::step`](crate::Error::step) and [`Error::path`](crate::Error::path).
    NotFound = SP_ENOTFOUND,
    /// Not executable, or not permitted.
    Access = SP_EACCESS,
    /// The limit passed.
    TimedOut = SP_ETIMEDOUT,
    /// [`check`](crate::Command::check) was set and the child did not return 0.
    Failed = SP_EFAILED,
    /// The child or stream was closed, maybe by another thread during the call.
    Closed = SP_ECLOSED,
    /// The token was triggered, or the output callback asked to stop.
    Canceled = SP_ECANCELED,
    /// A signal came and [`return_on_signal`](crate::Command::return_on_signal) was set; repeat the call to go on.
    Interrupted = SP_EINTR,
    /// Somebody else reaped the child and its status is gone.
    Lost = SP_ELOST,
    /// This kernel or system cannot do it; the message names the option.
    Unsupported = SP_EUNSUPPORTED,
    /// Another thread is reading that stream, writing or communicating.
    Busy = SP_EBUSY,
    /// The library is too old for this crate.
    Abi = SP_EABI,
}

numbered! {
    /// Where a call failed. [`name`](Step::name) gives `"chdir"` and the like.
    Step, named by sp_step_name;
    /// While the arguments were checked.
    Call = SP_AT_CALL,
    /// Opening a file, pipe or null device for the child.
    Stdio = SP_AT_STDIO,
    /// Making the process.
    Fork = SP_AT_FORK,
    /// Making a session, or its controlling terminal.
    Session = SP_AT_SESSION,
    /// Entering the process group.
    Group = SP_AT_GROUP,
    /// Moving descriptors into place.
    Fds = SP_AT_FDS,
    /// Entering the current directory.
    Chdir = SP_AT_CHDIR,
    /// Setting the supplementary groups.
    Groups = SP_AT_GROUPS,
    /// Finding or setting the group.
    Gid = SP_AT_GID,
    /// Finding or setting the user.
    Uid = SP_AT_UID,
    /// Setting the umask.
    Umask = SP_AT_UMASK,
    /// Setting the death signal.
    Limits = SP_AT_LIMITS,
    /// The callback of [`pre_exec`](crate::Command::pre_exec) failed.
    PreExec = SP_AT_PREEXEC,
    /// Executing the program.
    Exec = SP_AT_EXEC,
    /// Reading or writing a stream.
    Io = SP_AT_IO,
    /// Waiting for the child.
    Wait = SP_AT_WAIT,
    /// Sending a signal.
    Signal = SP_AT_SIGNAL,
}
