// SPDX-License-Identifier: MIT
//! A command, and the calls that run it.

use crate::callback::OutputCallback;
use crate::child::conclude;
use crate::error::{call, Error, Result};
use crate::native::Native;
use crate::process::{Handle, Process};
use crate::settings::{Passed, Settings};
use crate::{sys, Bytes, CancelToken, Child, ExitStatus, Output, Stdio, Stream};
use std::ffi::{CString, OsStr};
use std::fmt;
use std::io;
use std::ops::ControlFlow;
use std::os::raw::c_char;
use std::os::unix::io::{OwnedFd, RawFd};
use std::path::Path;
use std::ptr;
use std::sync::Arc;
use std::time::Duration;

/// A program, its arguments, and how to start and run it. Fresh ones have the defaults of Python's `subprocess`: the host's
/// streams, environment and current directory, no other descriptor, no limit.
///
/// ```
/// use libsubprocess::{Command, Stdio};
///
/// # fn main() -> libsubprocess::Result<()> {
/// let output = Command::new("sh")
///     .args(["-c", "echo $GREETING; pwd; exit 4"])
///     .env("GREETING", "hello")
///     .current_dir("/")
///     .stderr(Stdio::null())
///     .output()?;
/// assert_eq!(output.stdout, "hello\n/\n");
/// assert_eq!(output.status.code(), Some(4));
/// # Ok(()) }
/// ```
///
/// What is wrong with an argument, such as a NUL byte inside, is told by the call that starts the child, as
/// [`Code::Invalid`](crate::Code::Invalid). A command may be run any number of times, from several threads at once. A clone
/// shares the descriptors and callbacks.
#[derive(Clone)]
pub struct Command {
    pub(crate) args: Vec<CString>,
    pub(crate) settings: Settings,
}

impl Command {
    /// A command that executes `program`, a path or a name to be found in the `PATH` that the child will have.
    pub fn new(program: impl AsRef<OsStr>) -> Command {
        let mut command = Command { args: Vec::new(), settings: Settings::default() };
        command.arg(program);
        command
    }

    /// A command line for `/bin/sh -c`. Arguments that are added become its `$0`, `$1` and so on.
    pub fn shell(line: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(line);
        command.settings.set_flag(sys::SP_SHELL, true);
        command
    }

    /// Adds an argument.
    pub fn arg(&mut self, arg: impl AsRef<OsStr>) -> &mut Command {
        let any = self.settings.any;
        let arg = self.settings.text(&format!("argv[{}]", self.args.len()), arg.as_ref());
        self.settings.any = any;
        self.args.push(arg);
        self
    }

    /// Adds several.
    pub fn args<A: AsRef<OsStr>>(&mut self, args: impl IntoIterator<Item = A>) -> &mut Command {
        for arg in args {
            self.arg(arg);
        }
        self
    }

    /// The program to execute instead of the first argument, which the program still gets; or instead of `/bin/sh`.
    pub fn executable(&mut self, program: impl AsRef<OsStr>) -> &mut Command {
        self.settings.executable = Some(self.settings.text("executable", program.as_ref()));
        self
    }

    setters!();

    flag_setters! {
        /// The child leads a new session and process group.
        new_session: SP_NEW_SESSION,
        /// With [`new_session`](Command::new_session): the child's standard input becomes its controlling terminal.
        controlling_tty: SP_CONTROLLING_TTY,
    }

    /// Runs the command to its end with the streams as they were set: Python's `subprocess.run`.
    ///
    /// A child that does not return 0 is no error, but for [`check`](Command::check).
    pub fn run(&self) -> Result<Output> {
        self.run_with(|_| ())
    }

    /// Runs the command to its end and captures the output streams that were not set. Standard input that was not set is
    /// the null device.
    ///
    /// ```
    /// # fn main() -> libsubprocess::Result<()> {
    /// let output = libsubprocess::Command::new("cat").input("through a pipe").output()?;
    /// assert_eq!(output.stdout, "through a pipe");
    /// # Ok(()) }
    /// ```
    pub fn output(&self) -> Result<Output> {
        let captures = self.settings.has(sys::SP_CAPTURE);
        let [stdin, stdout, stderr] = &self.settings.stdio;
        self.run_with(|options| {
            if stdin.is_none() && options.input.is_null() {
                options.std_in.kind = sys::SP_DEVNULL;
            }
            if stdout.is_none() && !captures {
                options.std_out.kind = sys::SP_PIPE;
            }
            if stderr.is_none() && !captures {
                options.std_err.kind = sys::SP_PIPE;
            }
        })
    }

    /// Runs the command to its end with the streams as they were set.
    pub fn status(&self) -> Result<ExitStatus> {
        self.run().map(|output| output.status)
    }

    /// Runs the command to its end and returns its standard output, which must be unset; fails unless the child returns 0.
    ///
    /// ```
    /// # fn main() -> libsubprocess::Result<()> {
    /// let hello = libsubprocess::Command::new("echo").arg("hello").check_output()?;
    /// assert_eq!(hello, "hello\n");
    /// # Ok(()) }
    /// ```
    pub fn check_output(&self) -> Result<Bytes> {
        if self.settings.stdio[1].is_some() {
            return Err(Error::invalid("std_out must be unset for check_output, which captures it"));
        }
        let captures = self.settings.has(sys::SP_CAPTURE);
        let output = self.run_with(|options| {
            options.flags |= sys::SP_CHECK;
            if !captures {
                options.std_out.kind = sys::SP_PIPE;
            }
        });
        output.map(|output| output.stdout)
    }

    /// Starts the command: Python's `subprocess.Popen`. Returns when the program has been executed, or the attempt has
    /// failed, which leaves nothing behind. `input`, `timeout`, `kill_grace` and `kill_group_on_timeout` are refused: they
    /// belong to the calls that run a command to its end.
    pub fn spawn(&self) -> Result<Child> {
        let argv = self.argv()?;
        start(&self.settings, |options, process, error| {
            // SAFETY: a list and options that outlive the call, and places to write to.
            unsafe { sys::sp_popen(argv.as_ptr(), options, process, error) }
        })
    }

    fn run_with(&self, adjust: impl FnOnce(&mut sys::sp_options)) -> Result<Output> {
        let argv = self.argv()?;
        let mut native = Native::new(&self.settings);
        adjust(&mut native.options);
        let mut result = ptr::null_mut();
        let mut error = sys::sp_error::new();
        // SAFETY: a list and options that outlive the call, and places to write to.
        let code = unsafe { sys::sp_run(argv.as_ptr(), &native.options, &mut result, &mut error) };
        let output = Output::from_raw(result, 1);
        if let Some(hook) = &native.hook {
            hook.resume_panic();
        }
        conclude(code, &error, output)
    }

    /// The list of arguments for the C API, ended by NULL.
    pub(crate) fn argv(&self) -> Result<Vec<*const c_char>> {
        self.settings.check()?;
        Ok(self.args.iter().map(|arg| arg.as_ptr()).chain([ptr::null()]).collect())
    }
}

/// Starts a child, or a pipeline, and takes it over.
pub(crate) fn start(
    settings: &Settings,
    function: impl FnOnce(*const sys::sp_options, *mut *mut sys::sp_process, *mut sys::sp_error) -> i32,
) -> Result<Child> {
    let native = Native::new(settings);
    let mut process = ptr::null_mut();
    call(|error| function(&native.options, &mut process, error))?;
    let process = Process::from_raw(process).expect("a successful start makes a process");
    let handle = Handle { process, hook: native.hook, line: Default::default() };
    Ok(Child::new(handle, settings.has(sys::SP_KILL_ON_FREE)))
}

/// The arguments, quoted: `"git" "status"`.
impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, arg) in self.args.iter().enumerate() {
            let space = if index == 0 { "" } else { " " };
            write!(f, "{space}{:?}", arg.to_string_lossy())?;
        }
        Ok(())
    }
}
