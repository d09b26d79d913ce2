// SPDX-License-Identifier: MIT
//! Start and control child processes, in the style of [`std::process`], with what that module lacks: limits in time
//! that hold, cancellation from any thread, calls that go on where they stopped, process groups, pipelines, and errors
//! that say what failed. It is the Rust side of the C library libsubprocess.
//!
//! ```
//! use libsubprocess::{Code, Command};
//! use std::time::Duration;
//!
//! # fn main() -> libsubprocess::Result<()> {
//! let output = Command::new("echo").arg("hello").check(true).timeout(Duration::from_secs(5)).output()?;
//! assert_eq!(output.stdout, b"hello\n");
//!
//! let error = Command::new("no-such-program").run().unwrap_err();
//! assert_eq!(error.code(), Code::NotFound); // and error.to_string() tells in which PATH it was looked for
//! # Ok(()) }
//! ```
//!
//! | to | use |
//! |---|---|
//! | run a command to its end | [`Command::run`], [`Command::output`], [`Command::check_output`], [`Command::status`] |
//! | talk to one that runs | [`Command::spawn`], [`Child::communicate`], [`ChildStdin`], [`ChildStdout`] |
//! | wait for it, signal it, end it | [`Child::wait`], [`Child::send_signal`], [`Child::kill_group`], [`Child::stop`], [`Child::finish`] |
//! | join several | [`Pipeline`] |
//! | end blocking calls from elsewhere | [`CancelToken`], [`Child::close`] |
//!
//! # Threads, signals, lifetime
//!
//! - A [`Child`] may be shared: everything but its streams works on `&self`, and several threads may wait at once. Per
//!   child one thread at a time may read a stream, write, or communicate; a second one gets [`Code::Busy`].
//! - Dropping a [`Child`] closes its pipes; it neither kills nor waits, and leaves no zombie (the library reaps it
//!   later), unless [`kill_on_drop`](Command::kill_on_drop) was asked for. [`Child::close`] does the same at once, and
//!   wakes the threads that are blocked in calls with [`Code::Closed`].
//! - A signal that the host handles does not end a blocking call, as in the standard library; see
//!   [`return_on_signal`](Command::return_on_signal).
//! - Starting a child reads the environment: no other thread may change that meanwhile (`std::env::set_var`).
//! - A child from before a `fork()` of this process is refused in the forked process with [`Code::Invalid`].
#![deny(unsafe_op_in_unsafe_fn)]
#![warn(missing_docs, missing_debug_implementations, unreachable_pub)]

#[macro_use]
mod setters;
mod callback;
mod cancel;
mod child;
mod code;
mod command;
mod environment;
mod error;
mod limit;
mod native;
mod output;
mod pipe;
mod pipeline;
mod process;
mod reader;
mod settings;
mod status;
mod stdio;
mod stream;
mod words;

pub use cancel::CancelToken;
pub use child::{Child, Stage};
pub use code::{Code, Step};
pub use command::Command;
pub use error::{Error, Result};
pub use output::{Bytes, Output, Usage};
pub use pipeline::Pipeline;
pub use status::ExitStatus;
pub use stdio::Stdio;
pub use stream::{ChildStderr, ChildStdin, ChildStdout, Stream};
pub use words::{quote, split, which, which_in};

use libsubprocess_sys as sys;

/// Closes what the library keeps for the next call (some descriptors) and reaps forgotten children that have ended.
/// Safe at any time.
pub fn release_caches() {
    // SAFETY: no arguments.
    unsafe { sys::sp_release_caches() }
}

/// The version of the C library that is running: major, minor, patch.
pub fn version() -> (u32, u32, u32) {
    // SAFETY: no arguments.
    let number = unsafe { sys::sp_version_number() };
    (number >> 16, number >> 8 & 0xff, number & 0xff)
}

/// What the types promise to threads; a change that breaks it does not compile.
const _: () = {
    const fn send_and_sync<T: Send + Sync>() {}
    send_and_sync::<Command>();
    send_and_sync::<Pipeline>();
    send_and_sync::<Child>();
    send_and_sync::<Stage<'static>>();
    send_and_sync::<ChildStdin>();
    send_and_sync::<ChildStdout>();
    send_and_sync::<ChildStderr>();
    send_and_sync::<Stdio>();
    send_and_sync::<Output>();
    send_and_sync::<Bytes>();
    send_and_sync::<CancelToken>();
    send_and_sync::<Error>();
};

/// The programs of the manual are compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Manual;
