// SPDX-License-Identifier: MIT
//! How to start a child: what a `Command` and a `Pipeline` share.

use crate::callback::{OutputCallback, PreExecCallbacks};
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::{CancelToken, Stdio};
use std::ffi::{CString, OsStr};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::io::{OwnedFd, RawFd};
use std::sync::Arc;

/// A descriptor for the child.
#[derive(Clone, Debug)]
pub(crate) enum Passed {
    Owned(Arc<OwnedFd>),
    Borrowed(RawFd),
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    /// Whether anything was set: a stage of a pipeline without settings gets those of the pipeline.
    pub(crate) any: bool,
    /// The first thing that was wrong, told when the child is started.
    pub(crate) fault: Option<String>,
    pub(crate) flags: u64,
    pub(crate) stdio: [Option<Stdio>; 3],
    pub(crate) executable: Option<CString>,
    pub(crate) cwd: Option<CString>,
    pub(crate) environment: Environment,
    pub(crate) pass_fds: Vec<Passed>,
    pub(crate) fd_map: Vec<(RawFd, Passed)>,
    pub(crate) input: Option<Arc<[u8]>>,
    pub(crate) timeout_ms: i64,
    pub(crate) drain_ms: i64,
    pub(crate) kill_grace_ms: i64,
    pub(crate) max_output: usize,
    pub(crate) pipe_size: i32,
    pub(crate) death_signal: i32,
    /// 0: a new one.
    pub(crate) process_group: Option<i32>,
    pub(crate) user: Option<CString>,
    pub(crate) group: Option<CString>,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    pub(crate) umask: u32,
    pub(crate) groups: Vec<u32>,
    pub(crate) cancel: Option<CancelToken>,
    pub(crate) pre_exec: PreExecCallbacks,
    pub(crate) on_output: Option<OutputCallback>,
}

impl Settings {
    pub(crate) fn set_flag(&mut self, flag: u64, on: bool) {
        self.any = true;
        if on {
            self.flags |= flag;
        } else {
            self.flags &= !flag;
        }
    }

    pub(crate) fn has(&self, flag: u64) -> bool {
        self.flags & flag != 0
    }

    pub(crate) fn set_fault(&mut self, fault: String) {
        self.fault.get_or_insert(fault);
    }

    pub(crate) fn check(&self) -> Result<()> {
        self.fault.as_ref().map_or(Ok(()), |fault| Err(Error::invalid(fault)))
    }

    /// Text for the C API, which cannot have a NUL byte inside.
    pub(crate) fn text(&mut self, name: &str, text: &OsStr) -> CString {
        self.any = true;
        CString::new(text.as_bytes()).unwrap_or_else(|_| {
            self.set_fault(format!("{name} contains a NUL byte"));
            CString::default()
        })
    }

    pub(crate) fn set_stdio(&mut self, index: usize, stdio: Stdio) {
        self.any = true;
        if stdio.is_broken() {
            let name = ["std_in", "std_out", "std_err"][index];
            self.set_fault(format!("{name}.path contains a NUL byte"));
        }
        self.stdio[index] = Some(stdio);
    }

    pub(crate) fn set_env(&mut self, name: &OsStr, value: Option<&OsStr>) {
        self.any = true;
        if let Err(fault) = self.environment.set(name, value) {
            self.set_fault(fault);
        }
    }
}
