// SPDX-License-Identifier: MIT
//! A child that was started.

use crate::error::{Error, Result};
use crate::limit::{milliseconds, of_call};
use crate::process::{Handle, Process};
use crate::{sys, ChildStderr, ChildStdin, ChildStdout, Code, ExitStatus, Output, Stream};
use std::fmt;
use std::marker::PhantomData;
use std::os::raw::c_void;
use std::os::unix::io::{BorrowedFd, RawFd};
use std::ptr;
use std::sync::Arc;
use std::time::Duration;

/// A child process, or a whole [`Pipeline`](crate::Pipeline) of them.
///
/// ```
/// use libsubprocess::{Command, Stdio};
/// use std::io::{BufRead, Write};
///
/// # fn main() -> std::io::Result<()> {
/// let mut cat = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
/// let (mut stdin, mut stdout) = (cat.stdin.take().unwrap(), cat.stdout.take().unwrap());
/// let mut line = String::new();
/// writeln!(stdin, "hello")?;
/// stdout.read_line(&mut line)?;
/// assert_eq!(line, "hello\n");
/// drop(stdin); // end of file
/// assert!(cat.wait()?.success());
/// # Ok(()) }
/// ```
///
/// Dropping it closes the pipes that were not taken out of it; the child is neither killed nor waited for, unless
/// [`kill_on_drop`](crate::Command::kill_on_drop) was set, and is reaped by the library once it has ended.
pub struct Child {
    /// The pipe to its standard input, if there is one.
    pub stdin: Option<ChildStdin>,
    /// The pipe from its standard output, if there is one.
    pub stdout: Option<ChildStdout>,
    /// The pipe from its standard error, if there is one.
    pub stderr: Option<ChildStderr>,
    handle: Arc<Handle>,
    kill_on_drop: bool,
}

impl Child {
    pub(crate) fn new(handle: Handle, kill_on_drop: bool) -> Child {
        let handle = Arc::new(handle);
        // SAFETY: a live process.
        let is_pipe = |stream| unsafe { sys::sp_stream_handle(handle.process.as_raw(), stream) } >= 0;
        Child {
            stdin: is_pipe(sys::SP_IN).then(|| ChildStdin::new(&handle)),
            stdout: is_pipe(sys::SP_OUT).then(|| ChildStdout::new(&handle)),
            stderr: is_pipe(sys::SP_ERR).then(|| ChildStderr::new(&handle)),
            handle,
            kill_on_drop,
        }
    }

    fn process(&self) -> Process {
        self.handle.process
    }

    /// The process id; of a pipeline that of its first stage.
    #[doc(alias = "pid")]
    pub fn id(&self) -> u32 {
        self.process().id()
    }

    /// Waits for the end of the child (of every stage of a pipeline). Several threads may wait at once; repeating the call
    /// returns the same status.
    ///
    /// As in the standard library it closes [`stdin`](Child::stdin) first, unless that was taken. Beware of a child that
    /// fills a pipe which nobody reads: use [`communicate`](Child::communicate) then.
    pub fn wait(&self) -> Result<ExitStatus> {
        self.close_own_stdin();
        self.process().wait(None)
    }

    /// The same with a limit; `None` if the child still runs then.
    pub fn wait_timeout(&self, limit: Duration) -> Result<Option<ExitStatus>> {
        self.close_own_stdin();
        match self.process().wait(Some(limit)) {
            Err(error) if error.code() == Code::TimedOut => Ok(None),
            waited => waited.map(Some),
        }
    }

    /// Asks without waiting whether the child has ended; `None` if it still runs.
    #[doc(alias = "poll")]
    pub fn try_wait(&self) -> Result<Option<ExitStatus>> {
        self.process().poll()
    }

    fn close_own_stdin(&self) {
        if let Some(stdin) = &self.stdin {
            // Fails only if it is closed already, or the child is, of which the wait tells.
            let _ = stdin.close();
        }
    }

    /// Feeds `input`, collects what the child writes to its pipes until end of file, and waits. Standard input is closed
    /// when the input has been written; a child that does not read it is no error. `timeout` limits this call, and does
    /// not kill the child.
    ///
    /// After [`Code::TimedOut`] (with a copy of what came so far in [`Error::output`]), [`Code::Canceled`] or
    /// [`Code::Interrupted`] nothing is lost: call again to go on, without input or with the same one, which is then not
    /// sent twice. After success a further call returns the same output again.
    ///
    /// ```
    /// use libsubprocess::{Command, Stdio};
    ///
    /// # fn main() -> libsubprocess::Result<()> {
    /// let sort = Command::new("sort").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    /// assert_eq!(sort.communicate(Some(b"b\na\n"), None)?.stdout, "a\nb\n");
    /// # Ok(()) }
    /// ```
    pub fn communicate(&self, input: Option<&[u8]>, timeout: Option<Duration>) -> Result<Output> {
        self.exchange(input, of_call(timeout))
    }

    pub(crate) fn exchange(&self, input: Option<&[u8]>, timeout_ms: i64) -> Result<Output> {
        let (data, len) = input.map_or((ptr::null(), 0), |input| (input.as_ptr() as *const c_void, input.len()));
        self.collect(|process, result, error| {
            // SAFETY: a live process, `len` bytes to read, and places to write to.
            unsafe { sys::sp_communicate(process, data, len, timeout_ms, result, error) }
        })
    }

    /// Ends what [`communicate`](Child::communicate) could not: SIGTERM, reading on for at most `grace`, SIGKILL, and what
    /// is in the pipes, without waiting for whoever still holds them. The usual call after [`Code::TimedOut`] or
    /// [`Code::Canceled`]; neither a token nor a signal ends it. With `whole_group` the signals go to the group that the
    /// child leads. The output is all that the child left, earlier calls included.
    pub fn finish(&self, grace: Duration, whole_group: bool) -> Result<Output> {
        self.end(milliseconds(grace), whole_group)
    }

    pub(crate) fn end(&self, grace_ms: i64, whole_group: bool) -> Result<Output> {
        self.collect(|process, result, error| {
            // SAFETY: a live process, and places to write to.
            unsafe { sys::sp_finish(process, grace_ms, whole_group.into(), result, error) }
        })
    }

    /// Makes a call that empties the pipes.
    fn collect(
        &self,
        function: impl FnOnce(*mut sys::sp_process, *mut *mut sys::sp_result, *mut sys::sp_error) -> i32,
    ) -> Result<Output> {
        let busy = "another thread is using the streams of this process";
        // Nobody else may copy a line out of the buffers that this call is about to empty.
        let _lines = [self.handle.claim_lines(0, busy)?, self.handle.claim_lines(1, busy)?];
        let mut result = ptr::null_mut();
        let mut error = sys::sp_error::new();
        let code = function(self.process().as_raw(), &mut result, &mut error);
        let output = Output::from_raw(result, self.stage_count());
        if let Some(hook) = &self.handle.hook {
            hook.resume_panic();
        }
        conclude(code, &error, output)
    }

    /// Collects what the child writes to its pipes, and waits: [`communicate`](Child::communicate) without input or limit.
    pub fn wait_with_output(self) -> Result<Output> {
        self.communicate(None, None)
    }

    /// Ends the child: SIGTERM (and SIGCONT, for a stopped one), at most `grace` of patience, SIGKILL, and waits. Zero
    /// kills at once, `None` never does. A [`CancelToken`](crate::CancelToken) does not end this call: a cancelled call is
    /// the usual reason for it.
    pub fn stop(&self, grace: Option<Duration>) -> Result<ExitStatus> {
        self.process().stop(grace)
    }

    /// Sends a signal, by its number, to the child (to every stage that runs). A child that has ended is not signalled, and that is no
    /// error.
    pub fn send_signal(&self, signal: i32) -> Result<()> {
        self.process().send_signal(signal)
    }

    /// Sends SIGTERM; see [`send_signal`](Child::send_signal).
    pub fn terminate(&self) -> Result<()> {
        self.process().terminate()
    }

    /// Sends SIGKILL; see [`send_signal`](Child::send_signal).
    pub fn kill(&self) -> Result<()> {
        self.process().kill()
    }

    /// Sends a signal to the process group that the child leads, members that outlived it included. Needs
    /// [`new_group`](crate::Command::new_group) or [`new_session`](crate::Command::new_session).
    pub fn kill_group(&self, signal: i32) -> Result<()> {
        self.process().kill_group(signal)
    }

    /// Closes one pipe, from any thread: a call that is blocked on it fails with [`Code::Closed`]. Doing it twice is fine.
    pub fn close_stream(&self, stream: Stream) -> Result<()> {
        self.process().close_stream(stream.as_raw())
    }

    /// Wakes the threads that are blocked in calls with [`Code::Closed`] and closes the pipes; later calls fail with the
    /// same code. The child is neither signalled nor waited for. Doing it twice is fine.
    pub fn close(&self) -> Result<()> {
        self.process().close()
    }

    /// A descriptor that becomes readable when the child ends, to poll, not to read. `None` for a pipeline, and where the
    /// kernel has none.
    pub fn exit_fd(&self) -> Option<BorrowedFd<'_>> {
        // SAFETY: a live process.
        let fd = unsafe { sys::sp_exit_handle(self.process().as_raw()) };
        let fd = RawFd::try_from(fd).ok().filter(|&fd| fd >= 0)?;
        // SAFETY: it stays open until the process is released, and `self` keeps that from happening.
        Some(unsafe { BorrowedFd::borrow_raw(fd) })
    }

    /// The number of stages: 1 for a plain child.
    pub fn stage_count(&self) -> usize {
        // SAFETY: a live process.
        unsafe { sys::sp_stage_count(self.process().as_raw()) }
    }

    /// One stage of a pipeline; a plain child is the one stage that it has.
    pub fn stage(&self, index: usize) -> Option<Stage<'_>> {
        // SAFETY: a live process; any index is checked.
        let raw = unsafe { sys::sp_stage_at(self.process().as_raw(), index) };
        Process::from_raw(raw).map(|process| Stage { process, _child: PhantomData })
    }
}

/// Makes the result of a call that can yield output even when it fails.
pub(crate) fn conclude(code: i32, error: &sys::sp_error, output: Option<Output>) -> Result<Output> {
    match (code, output) {
        (sys::SP_OK, Some(output)) => Ok(output),
        (_, output) => Err(Error::from_c(code, error).with_output(output)),
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // Releasing the process kills too, but streams that were taken keep it.
        if self.kill_on_drop {
            let _ = self.kill();
        }
    }
}

impl fmt::Debug for Child {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Child")
            .field("id", &self.id())
            .field("stdin", &self.stdin)
            .field("stdout", &self.stdout)
            .field("stderr", &self.stderr)
            .finish_non_exhaustive()
    }
}

/// One stage of a pipeline, to wait for or to signal. It has no streams of its own.
#[derive(Clone, Copy)]
pub struct Stage<'a> {
    process: Process,
    _child: PhantomData<&'a Child>,
}

impl Stage<'_> {
    /// The process id.
    #[doc(alias = "pid")]
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Waits for its end.
    pub fn wait(&self) -> Result<ExitStatus> {
        self.process.wait(None)
    }

    /// The same with a limit; `None` if it still runs then.
    pub fn wait_timeout(&self, limit: Duration) -> Result<Option<ExitStatus>> {
        match self.process.wait(Some(limit)) {
            Err(error) if error.code() == Code::TimedOut => Ok(None),
            waited => waited.map(Some),
        }
    }

    /// Asks without waiting whether it has ended; `None` if it still runs.
    #[doc(alias = "poll")]
    pub fn try_wait(&self) -> Result<Option<ExitStatus>> {
        self.process.poll()
    }

    /// Ends it; see [`Child::stop`].
    pub fn stop(&self, grace: Option<Duration>) -> Result<ExitStatus> {
        self.process.stop(grace)
    }

    /// Sends it a signal; see [`Child::send_signal`].
    pub fn send_signal(&self, signal: i32) -> Result<()> {
        self.process.send_signal(signal)
    }

    /// Sends SIGTERM.
    pub fn terminate(&self) -> Result<()> {
        self.process.terminate()
    }

    /// Sends SIGKILL.
    pub fn kill(&self) -> Result<()> {
        self.process.kill()
    }
}

impl fmt::Debug for Stage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stage").field("id", &self.id()).finish()
    }
}
