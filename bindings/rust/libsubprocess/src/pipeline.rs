// SPDX-License-Identifier: MIT
//! Commands joined by pipes.

use crate::callback::OutputCallback;
use crate::command::{start, Command};
use crate::error::{Error, Result};
use crate::native::Native;
use crate::settings::{Passed, Settings};
use crate::{sys, CancelToken, Child, Code, ExitStatus, Output, Stdio, Stream};
use std::ffi::OsStr;
use std::io;
use std::mem;
use std::ops::ControlFlow;
use std::os::unix::io::{OwnedFd, RawFd};
use std::path::Path;
use std::ptr;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// Commands, each one's standard output piped into the next one's standard input, started as one [`Child`].
///
/// ```
/// use libsubprocess::{Command, Pipeline};
///
/// # fn main() -> libsubprocess::Result<()> {
/// let output = Pipeline::new()
///     .stage(Command::new("printf").arg("b\na\nb\n"))
///     .stage(&Command::new("sort"))
///     .stage(Command::new("uniq").arg("-c"))
///     .output()?;
/// assert_eq!(output.stdout, "      1 a\n      2 b\n");
/// assert!(output.stages().iter().all(|status| status.success()));
/// # Ok(()) }
/// ```
///
/// The pipeline's own streams and limits are set here: standard input goes to the first stage, standard output comes from
/// the last, a pipe for standard error is shared by all. Its other settings (directory, environment, user and so on) apply
/// to the stages that have none of their own. If a stage cannot be started, those before it are killed and reaped, and
/// [`Error::stage`](crate::Error::stage) tells which. With [`new_group`](Pipeline::new_group) all stages share one group.
#[derive(Clone, Debug, Default)]
pub struct Pipeline {
    stages: Vec<Command>,
    settings: Settings,
}

impl Pipeline {
    /// A pipeline without stages.
    pub fn new() -> Pipeline {
        Pipeline::default()
    }

    /// Adds a copy of `command` as the last stage. Its standard input and output must be unset.
    pub fn stage(&mut self, command: &Command) -> &mut Pipeline {
        self.stages.push(command.clone());
        self
    }

    setters!();

    flag_setters! {
        /// The last stage that failed decides the return code, instead of the last stage.
        pipefail: SP_PIPEFAIL,
    }

    /// Starts all stages. `input`, `timeout`, `kill_grace` and `kill_group_on_timeout` are refused: they belong to the calls
    /// that run a pipeline to its end.
    pub fn spawn(&self) -> Result<Child> {
        self.spawn_with(&self.settings)
    }

    /// Runs the pipeline to its end with the streams as they were set.
    pub fn run(&self) -> Result<Output> {
        self.run_with(self.settings.clone())
    }

    /// Runs the pipeline to its end and captures the output streams that were not set. Standard input that was not set is
    /// the null device.
    pub fn output(&self) -> Result<Output> {
        let mut settings = self.settings.clone();
        let [stdin, stdout, stderr] = &mut settings.stdio;
        if settings.input.is_none() {
            stdin.get_or_insert_with(Stdio::null);
        }
        if !self.settings.has(sys::SP_CAPTURE) {
            stdout.get_or_insert_with(Stdio::piped);
            stderr.get_or_insert_with(Stdio::piped);
        }
        self.run_with(settings)
    }

    /// Runs the pipeline to its end with the streams as they were set.
    pub fn status(&self) -> Result<ExitStatus> {
        self.run().map(|output| output.status)
    }

    /// What `sp_run` does for one command.
    fn run_with(&self, mut settings: Settings) -> Result<Output> {
        let run = Run::take_from(&mut settings)?;
        let child = self.spawn_with(&settings)?;
        let end = End { child: &child, run: &run };
        match child.exchange(run.input.as_deref(), run.limit_ms) {
            // Cut short: whatever still runs is ended.
            Err(error) if !matches!(error.code(), Code::Failed | Code::Lost) => Err(error.with_output(end.now().ok())),
            ended => ended,
        }
    }

    fn spawn_with(&self, settings: &Settings) -> Result<Child> {
        settings.check()?;
        let argvs = self.stages.iter().map(Command::argv).collect::<Result<Vec<_>>>()?;
        let own = |stage: &'_ Command| stage.settings.any;
        let natives: Vec<_> =
            self.stages.iter().map(|stage| Some(&stage.settings).filter(|_| own(stage)).map(Native::new)).collect();
        let command = |(argv, native): (&Vec<_>, &Option<Native>)| sys::sp_command {
            argv: argv.as_ptr(),
            options: native.as_ref().map_or(ptr::null(), |native| &native.options),
        };
        let commands: Vec<_> = argvs.iter().zip(&natives).map(command).collect();
        start(settings, |options, process, error| {
            // SAFETY: lists and options that outlive the call, and places to write to.
            unsafe { sys::sp_pipeline(commands.as_ptr(), commands.len(), options, process, error) }
        })
    }
}

/// What concerns a run and not the start.
struct Run {
    input: Option<Arc<[u8]>>,
    limit_ms: i64,
    kill_grace_ms: i64,
    whole_group: bool,
}

impl Run {
    fn take_from(settings: &mut Settings) -> Result<Run> {
        let input = settings.input.take();
        if input.is_some() && settings.stdio[0].replace(Stdio::piped()).is_some() {
            return Err(Error::invalid("std_in must be unset with input"));
        }
        let whole_group = settings.has(sys::SP_KILL_GROUP_ON_TIMEOUT);
        if whole_group && !settings.has(sys::SP_NEW_GROUP) && settings.process_group != Some(0) {
            return Err(Error::invalid("flags: SP_KILL_GROUP_ON_TIMEOUT needs SP_NEW_GROUP"));
        }
        settings.set_flag(sys::SP_KILL_GROUP_ON_TIMEOUT, false);
        Ok(Run {
            input,
            limit_ms: match mem::take(&mut settings.timeout_ms) {
                0 => sys::SP_FOREVER,
                limit => limit,
            },
            kill_grace_ms: mem::take(&mut settings.kill_grace_ms),
            whole_group,
        })
    }
}

/// The end of a pipeline whose run was cut short; at the latest when a panic of a callback passes by.
struct End<'a> {
    child: &'a Child,
    run: &'a Run,
}

impl End<'_> {
    fn now(&self) -> Result<Output> {
        let end = |grace_ms| self.child.end(grace_ms, self.run.whole_group);
        end(self.run.kill_grace_ms).or_else(|_| end(0))
    }
}

impl Drop for End<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            let _ = self.now();
        }
    }
}
