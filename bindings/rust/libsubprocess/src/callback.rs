// SPDX-License-Identifier: MIT
//! The host's functions that the C library calls. No panic may cross its frames.

use crate::{sys, Stream};
use std::any::Any;
use std::fmt;
use std::io;
use std::ops::ControlFlow;
use std::os::raw::{c_int, c_void};
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};
use std::sync::{Arc, Mutex, PoisonError};

/// What a callback of `pre_exec` fails with if its error has no errno: EINVAL, as in the standard library.
const NO_ERRNO: c_int = 22;

type OnOutput = dyn FnMut(Stream, &[u8]) -> ControlFlow<()> + Send;
type PreExec = dyn Fn() -> io::Result<()> + Send + Sync;

/// The callback for output, shared by all children of one command.
#[derive(Clone)]
pub(crate) struct OutputCallback(Arc<Mutex<OnOutput>>);

impl OutputCallback {
    pub(crate) fn new<F>(function: F) -> OutputCallback
    where
        F: FnMut(Stream, &[u8]) -> ControlFlow<()> + Send + 'static,
    {
        OutputCallback(Arc::new(Mutex::new(function)))
    }
}

impl fmt::Debug for OutputCallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OutputCallback")
    }
}

/// One child's use of a callback: on the heap, because the C library keeps its address.
pub(crate) struct OutputHook {
    callback: OutputCallback,
    panic: Mutex<Option<Box<dyn Any + Send>>>,
}

impl OutputHook {
    pub(crate) fn new(callback: &OutputCallback) -> Box<OutputHook> {
        Box::new(OutputHook { callback: callback.clone(), panic: Mutex::new(None) })
    }

    /// Makes the C library call this hook, which must live as long as that may happen.
    pub(crate) fn install(&self, options: &mut sys::sp_options) {
        options.on_output = Some(on_output);
        options.on_output_arg = self as *const OutputHook as *mut c_void;
    }

    /// Goes on with the panic of a callback, once the C library has returned.
    pub(crate) fn resume_panic(&self) {
        let panic = self.panic.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(panic) = panic {
            resume_unwind(panic);
        }
    }

    fn call(&self, stream: Stream, data: &[u8]) -> c_int {
        let call = || (self.callback.0.lock().unwrap_or_else(PoisonError::into_inner))(stream, data);
        match catch_unwind(AssertUnwindSafe(call)) {
            Ok(ControlFlow::Continue(())) => 0,
            Ok(ControlFlow::Break(())) => 1,
            Err(panic) => {
                *self.panic.lock().unwrap_or_else(PoisonError::into_inner) = Some(panic);
                1
            }
        }
    }
}

unsafe extern "C" fn on_output(arg: *mut c_void, stream: c_int, data: *const c_void, len: usize) -> c_int {
    // SAFETY: `arg` comes from install(), and the library passes `len` bytes that are valid during this call.
    let (hook, data) = unsafe { (&*(arg as *const OutputHook), std::slice::from_raw_parts(data as *const u8, len)) };
    let stream = if stream == sys::SP_ERR { Stream::Stderr } else { Stream::Stdout };
    hook.call(stream, data)
}

/// The callbacks that run in the forked child, in order.
#[derive(Clone, Default)]
pub(crate) struct PreExecCallbacks(Vec<Arc<PreExec>>);

impl PreExecCallbacks {
    pub(crate) fn push<F>(&mut self, function: F)
    where
        F: Fn() -> io::Result<()> + Send + Sync + 'static,
    {
        self.0.push(Arc::new(function));
    }

    /// Makes the C library call these, which must live until the child has been started.
    pub(crate) fn install(&self, options: &mut sys::sp_options) {
        if !self.0.is_empty() {
            options.preexec = Some(pre_exec);
            options.preexec_arg = self as *const PreExecCallbacks as *mut c_void;
        }
    }
}

impl fmt::Debug for PreExecCallbacks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} callbacks", self.0.len())
    }
}

unsafe extern "C" fn pre_exec(arg: *mut c_void) -> c_int {
    // SAFETY: `arg` comes from install().
    let callbacks = unsafe { &*(arg as *const PreExecCallbacks) };
    let call_all = || callbacks.0.iter().try_for_each(|callback| callback());
    match catch_unwind(AssertUnwindSafe(call_all)) {
        Ok(Ok(())) => 0,
        Ok(Err(error)) => error.raw_os_error().unwrap_or(NO_ERRNO),
        Err(_) => NO_ERRNO,
    }
}
