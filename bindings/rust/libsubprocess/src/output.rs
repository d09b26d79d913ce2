// SPDX-License-Identifier: MIT
//! What a child left behind.

use crate::sys;
use crate::{ExitStatus, Stream};
use std::fmt;
use std::ops::Deref;
use std::os::raw::c_int;
use std::ptr::{self, NonNull};
use std::sync::Arc;
use std::time::Duration;

/// A result of the C API. Immutable.
struct RawResult(NonNull<sys::sp_result>);

// SAFETY: nothing in it changes between its making and its release.
unsafe impl Send for RawResult {}
// SAFETY: as above.
unsafe impl Sync for RawResult {}

impl Drop for RawResult {
    fn drop(&mut self) {
        // SAFETY: owned, and released once.
        unsafe { sys::sp_result_free(self.0.as_ptr()) }
    }
}

/// Captured bytes, in the library's own buffer: a slice that needs no copy. A clone shares the buffer.
#[derive(Clone)]
pub struct Bytes {
    // Keeps the bytes alive; `None` if the stream was not captured.
    owner: Option<Arc<RawResult>>,
    data: NonNull<u8>,
    len: usize,
}

// SAFETY: bytes that nobody changes, kept alive by `owner`.
unsafe impl Send for Bytes {}
// SAFETY: as above.
unsafe impl Sync for Bytes {}

impl Bytes {
    fn of(result: &Arc<RawResult>, stream: c_int) -> Bytes {
        let mut len = 0;
        // SAFETY: a live result; the bytes belong to it.
        let data = unsafe { sys::sp_result_output(result.0.as_ptr(), stream, &mut len) };
        match NonNull::new(data as *mut u8) {
            Some(data) => Bytes { owner: Some(Arc::clone(result)), data, len },
            None => Bytes { owner: None, data: NonNull::dangling(), len: 0 },
        }
    }

    /// Whether the stream was captured at all: captured output may be empty too.
    pub fn is_captured(&self) -> bool {
        self.owner.is_some()
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: `len` bytes that `owner` keeps alive, or none.
        unsafe { std::slice::from_raw_parts(self.data.as_ptr(), self.len) }
    }
}

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl<T: AsRef<[u8]> + ?Sized> PartialEq<T> for Bytes {
    fn eq(&self, other: &T) -> bool {
        **self == *other.as_ref()
    }
}

impl Eq for Bytes {}

impl From<Bytes> for Vec<u8> {
    fn from(bytes: Bytes) -> Vec<u8> {
        bytes.to_vec()
    }
}

/// Like a byte string: `b"hello\n"`.
impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b\"{}\"", self.escape_ascii())
    }
}

/// What a child cost. Of a [`Pipeline`](crate::Pipeline) the sum over its stages, `wall` and `max_rss` the largest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Usage {
    /// From the start to the seen end.
    pub wall: Duration,
    /// Processor time in user mode, waited-for descendants included.
    pub user: Duration,
    /// Processor time in the kernel.
    pub system: Duration,
    /// The largest resident set, in bytes.
    pub max_rss: u64,
    /// Page faults without input or output.
    pub minor_faults: u64,
    /// Page faults with input or output.
    pub major_faults: u64,
    /// Context switches because the child waited.
    pub voluntary_switches: u64,
    /// Context switches because its time was up.
    pub involuntary_switches: u64,
    /// File system inputs, in blocks of 512 bytes.
    pub blocks_in: u64,
    /// File system outputs, in blocks of 512 bytes.
    pub blocks_out: u64,
}

impl From<sys::sp_usage> for Usage {
    fn from(raw: sys::sp_usage) -> Usage {
        let count = |number: i64| u64::try_from(number).unwrap_or_default();
        let time = |number: i64| Duration::from_micros(count(number));
        Usage {
            wall: time(raw.wall_us),
            user: time(raw.user_us),
            system: time(raw.system_us),
            max_rss: count(raw.max_rss_bytes),
            minor_faults: count(raw.minor_faults),
            major_faults: count(raw.major_faults),
            voluntary_switches: count(raw.voluntary_switches),
            involuntary_switches: count(raw.involuntary_switches),
            blocks_in: count(raw.blocks_in),
            blocks_out: count(raw.blocks_out),
        }
    }
}

/// What a child left behind: how it ended, what it wrote, what it cost.
///
/// ```
/// # fn main() -> libsubprocess::Result<()> {
/// let output = libsubprocess::Command::shell("echo out; echo err >&2; exit 3").output()?;
/// assert_eq!(output.status.code(), Some(3));
/// assert_eq!(String::from_utf8_lossy(&output.stdout), "out\n");
/// assert_eq!(output.stderr, "err\n");
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Output {
    /// How the child ended; of a pipeline that of the stage that decides.
    pub status: ExitStatus,
    /// What it wrote to standard output; empty if that was not captured.
    pub stdout: Bytes,
    /// What it wrote to standard error; empty if that was not captured.
    pub stderr: Bytes,
    result: Arc<RawResult>,
    stages: usize,
}

impl Output {
    /// Takes over a result of the C API, if there is one, of a process with so many stages.
    pub(crate) fn from_raw(result: *mut sys::sp_result, stages: usize) -> Option<Output> {
        let result = Arc::new(RawResult(NonNull::new(result)?));
        Some(Output {
            // SAFETY: a live result.
            status: ExitStatus::from_raw(unsafe { sys::sp_result_returncode(result.0.as_ptr()) }),
            stdout: Bytes::of(&result, sys::SP_OUT),
            stderr: Bytes::of(&result, sys::SP_ERR),
            result,
            stages,
        })
    }

    fn raw(&self) -> *const sys::sp_result {
        self.result.0.as_ptr()
    }

    /// Whether the child (of a pipeline: the stage that decides) dumped core.
    pub fn core_dumped(&self) -> bool {
        // SAFETY: a live result.
        unsafe { sys::sp_result_core_dumped(self.raw()) != 0 }
    }

    /// Bytes of a stream that were dropped because of [`max_output`](crate::Command::max_output).
    pub fn dropped(&self, stream: Stream) -> u64 {
        // SAFETY: a live result.
        unsafe { sys::sp_result_dropped(self.raw(), stream.as_raw()) }
    }

    /// Whether the child had ended, but somebody else (a grandchild) still held its pipes when reading stopped.
    pub fn pipes_held(&self) -> bool {
        // SAFETY: a live result.
        unsafe { sys::sp_result_pipes_held(self.raw()) != 0 }
    }

    /// What the child cost; `None` if the system did not tell.
    pub fn usage(&self) -> Option<Usage> {
        let mut usage = sys::sp_usage::new();
        // SAFETY: a live result, and a struct that knows its size.
        let code = unsafe { sys::sp_result_usage(self.raw(), ptr::addr_of_mut!(usage)) };
        Some(usage.into()).filter(|_| code == sys::SP_OK)
    }

    /// How each stage of a pipeline ended; of a plain child the one status.
    pub fn stages(&self) -> Vec<ExitStatus> {
        // SAFETY: a live result.
        let status = |stage| ExitStatus::from_raw(unsafe { sys::sp_result_stage_returncode(self.raw(), stage) });
        (0..self.stages).map(status).collect()
    }
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Output")
            .field("status", &self.status)
            .field("stdout", &self.stdout)
            .field("stderr", &self.stderr)
            .finish_non_exhaustive()
    }
}
