// SPDX-License-Identifier: MIT
//! The host's end of one pipe, by the calls of the C API.

use crate::error::{call, call_for_count, Error, Result};
use crate::limit::of_call;
use crate::process::Handle;
use crate::{sys, Code, Stream};
use std::fmt;
use std::os::raw::c_void;
use std::os::unix::io::{FromRawFd, OwnedFd, RawFd};
use std::ptr;
use std::sync::Arc;
use std::time::Duration;

const CLOSED: RawFd = -1;

/// One pipe of a child; closed when it is dropped.
pub(crate) struct Pipe {
    pub(crate) handle: Arc<Handle>,
    pub(crate) stream: Stream,
    pub(crate) timeout: Option<Duration>,
}

impl Pipe {
    fn process(&self) -> *mut sys::sp_process {
        self.handle.process.as_raw()
    }

    pub(crate) fn close(&self) -> Result<()> {
        self.handle.process.close_stream(self.stream.as_raw())
    }

    pub(crate) fn fd(&self) -> RawFd {
        // SAFETY: a live process.
        let fd = unsafe { sys::sp_stream_handle(self.process(), self.stream.as_raw()) };
        RawFd::try_from(fd).unwrap_or(CLOSED)
    }

    pub(crate) fn release(&self) -> Result<OwnedFd> {
        // SAFETY: a live process.
        let fd = unsafe { sys::sp_stream_release(self.process(), self.stream.as_raw()) };
        match RawFd::try_from(fd) {
            // SAFETY: the library has just given this descriptor up.
            Ok(fd) if fd >= 0 => Ok(unsafe { OwnedFd::from_raw_fd(fd) }),
            _ => Err(Error::new(Code::Closed, "the stream is closed, or another thread is using it")),
        }
    }

    pub(crate) fn read(&self, buffer: &mut [u8]) -> Result<usize> {
        let (data, len) = (buffer.as_mut_ptr() as *mut c_void, buffer.len());
        // SAFETY: a live process, and `len` bytes to write to.
        call_for_count(|error| unsafe {
            sys::sp_read(self.process(), self.stream.as_raw(), data, len, of_call(self.timeout), error)
        })
    }

    pub(crate) fn write(&self, bytes: &[u8]) -> Result<usize> {
        let (data, len) = (bytes.as_ptr() as *const c_void, bytes.len());
        // SAFETY: a live process, and `len` bytes to read.
        call_for_count(|error| unsafe { sys::sp_write(self.process(), data, len, of_call(self.timeout), error) })
    }

    /// Appends one line; the library keeps what it has read beyond it.
    pub(crate) fn read_line(&self, line: &mut Vec<u8>) -> Result<usize> {
        let index = usize::from(self.stream == Stream::Stderr);
        let _copying = self.handle.claim_lines(index, "another thread is using this stream")?;
        let (mut data, mut len) = (ptr::null(), 0);
        // SAFETY: a live process, and places to write to.
        call(|error| unsafe {
            sys::sp_read_line(self.process(), self.stream.as_raw(), of_call(self.timeout), &mut data, &mut len, error)
        })?;
        // SAFETY: valid until the next read of that stream. Only this object reads it, but for communicate(), which
        // needs the lock.
        line.extend_from_slice(unsafe { std::slice::from_raw_parts(data as *const u8, len) });
        Ok(len)
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        // Fails only if it is closed already.
        let _ = self.close();
    }
}

impl fmt::Debug for Pipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pipe").field("stream", &self.stream).field("fd", &self.fd()).finish()
    }
}
