// SPDX-License-Identifier: MIT
//! A process of the C API and who owns it.

use crate::callback::OutputHook;
use crate::error::{call, Error, Result};
use crate::limit::of_call;
use crate::{sys, Code, ExitStatus};
use std::os::raw::c_int;
use std::ptr::NonNull;
use std::sync::{Mutex, MutexGuard, TryLockError};
use std::time::Duration;

/// A pointer to a process that its user keeps alive. All of its calls may be made from several threads at once.
#[derive(Clone, Copy)]
pub(crate) struct Process(NonNull<sys::sp_process>);

// SAFETY: the C functions may be called on one process from any thread at once.
unsafe impl Send for Process {}
// SAFETY: as above.
unsafe impl Sync for Process {}

impl Process {
    pub(crate) fn from_raw(raw: *mut sys::sp_process) -> Option<Process> {
        NonNull::new(raw).map(Process)
    }

    pub(crate) fn as_raw(self) -> *mut sys::sp_process {
        self.0.as_ptr()
    }

    pub(crate) fn wait(self, limit: Option<Duration>) -> Result<ExitStatus> {
        let mut code = sys::SP_NO_RETURNCODE;
        // SAFETY: a live process, and places to write to.
        call(|error| unsafe { sys::sp_wait(self.as_raw(), of_call(limit), &mut code, error) })?;
        Ok(ExitStatus::from_raw(code))
    }

    pub(crate) fn poll(self) -> Result<Option<ExitStatus>> {
        let mut code = sys::SP_NO_RETURNCODE;
        // SAFETY: a live process, and a place to write to.
        match unsafe { sys::sp_poll(self.as_raw(), &mut code) } {
            0 => Ok(None),
            1 => Ok(Some(ExitStatus::from_raw(code))),
            failure => Err(Error::from_code(failure)),
        }
    }

    pub(crate) fn stop(self, grace: Option<Duration>) -> Result<ExitStatus> {
        let mut code = sys::SP_NO_RETURNCODE;
        // SAFETY: a live process, and places to write to.
        call(|error| unsafe { sys::sp_stop(self.as_raw(), of_call(grace), &mut code, error) })?;
        Ok(ExitStatus::from_raw(code))
    }

    pub(crate) fn send_signal(self, signal: i32) -> Result<()> {
        // SAFETY: a live process.
        call(|error| unsafe { sys::sp_send_signal(self.as_raw(), signal, error) })
    }

    pub(crate) fn terminate(self) -> Result<()> {
        // SAFETY: a live process.
        call(|error| unsafe { sys::sp_terminate(self.as_raw(), error) })
    }

    pub(crate) fn kill(self) -> Result<()> {
        // SAFETY: a live process.
        call(|error| unsafe { sys::sp_kill(self.as_raw(), error) })
    }

    pub(crate) fn kill_group(self, signal: i32) -> Result<()> {
        // SAFETY: a live process.
        call(|error| unsafe { sys::sp_kill_group(self.as_raw(), signal, error) })
    }

    pub(crate) fn close(self) -> Result<()> {
        // SAFETY: a live process.
        succeed(unsafe { sys::sp_close(self.as_raw()) })
    }

    pub(crate) fn close_stream(self, stream: c_int) -> Result<()> {
        // SAFETY: a live process; any number is checked.
        succeed(unsafe { sys::sp_close_stream(self.as_raw(), stream) })
    }

    pub(crate) fn id(self) -> u32 {
        // SAFETY: a live process.
        u32::try_from(unsafe { sys::sp_pid(self.as_raw()) }).expect("a live process has an id")
    }
}

fn succeed(code: c_int) -> Result<()> {
    match code {
        sys::SP_OK => Ok(()),
        failure => Err(Error::from_code(failure)),
    }
}

/// Owns a process. A child and its streams share one, so that it is never released while somebody is inside a call.
pub(crate) struct Handle {
    pub(crate) process: Process,
    /// What communicate() calls; released after the process.
    pub(crate) hook: Option<Box<OutputHook>>,
    /// Held while a line of standard output, or standard error, is copied from the process's buffer, which
    /// communicate() empties.
    pub(crate) line: [Mutex<()>; 2],
}

impl Handle {
    /// Claims the right to copy lines of one stream; `busy` is the sentence for whoever comes second.
    pub(crate) fn claim_lines(&self, index: usize, busy: &str) -> Result<MutexGuard<'_, ()>> {
        match self.line[index].try_lock() {
            Ok(guard) => Ok(guard),
            // A panic of a callback passed by; there is nothing that it could have broken.
            Err(TryLockError::Poisoned(poisoned)) => Ok(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => Err(Error::new(Code::Busy, busy)),
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: owned, and released once; whoever makes a call holds a reference to this handle.
        unsafe { sys::sp_process_free(self.process.as_raw()) }
    }
}
