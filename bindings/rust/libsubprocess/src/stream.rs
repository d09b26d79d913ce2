// SPDX-License-Identifier: MIT
//! The host's ends of a child's pipes.

use crate::error::{Error, Result};
use crate::pipe::Pipe;
use crate::process::Handle;
use crate::reader::Reader;
use crate::sys;
use std::io::{self, BufRead, Read, Write};
use std::os::raw::c_int;
use std::os::unix::io::{AsRawFd, OwnedFd, RawFd};
use std::sync::Arc;
use std::time::Duration;

/// A standard stream of a child.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stream {
    /// Standard input.
    Stdin,
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

impl Stream {
    pub(crate) fn as_raw(self) -> c_int {
        match self {
            Stream::Stdin => sys::SP_IN,
            Stream::Stdout => sys::SP_OUT,
            Stream::Stderr => sys::SP_ERR,
        }
    }
}

/// What each of the three can do.
macro_rules! pipe_methods {
    ($name:ident, $($pipe:ident).+) => {
        impl $name {
            /// Limits each of the following calls: one that takes longer fails with [`io::ErrorKind::TimedOut`], loses
            /// nothing, and may be repeated. `None`, the default, waits without limit; zero does not wait.
            pub fn set_timeout(&mut self, timeout: Option<Duration>) {
                self.$($pipe).+.timeout = timeout;
            }

            /// The limit that was set.
            pub fn timeout(&self) -> Option<Duration> {
                self.$($pipe).+.timeout
            }

            /// Closes the pipe, as dropping it does. Doing it twice is fine.
            /// [`Child::close_stream`](crate::Child::close_stream) does it from another thread.
            pub fn close(&self) -> Result<()> {
                self.$($pipe).+.close()
            }
        }

        /// -1 once it is closed.
        impl AsRawFd for $name {
            fn as_raw_fd(&self) -> RawFd {
                self.$($pipe).+.fd()
            }
        }

        /// Takes the descriptor out of the child, which then no longer uses it. Fails if it is closed, or in use.
        impl TryFrom<$name> for OwnedFd {
            type Error = Error;

            fn try_from(stream: $name) -> Result<OwnedFd> {
                stream.$($pipe).+.release()
            }
        }
    };
}

/// The pipe to a child's standard input. Dropping it is the end of file for the child.
///
/// A child that has closed its input gives [`io::ErrorKind::BrokenPipe`], and never the signal SIGPIPE.
#[derive(Debug)]
pub struct ChildStdin {
    pipe: Pipe,
}

pipe_methods!(ChildStdin, pipe);

impl ChildStdin {
    pub(crate) fn new(handle: &Arc<Handle>) -> ChildStdin {
        ChildStdin { pipe: Pipe { handle: Arc::clone(handle), stream: Stream::Stdin, timeout: None } }
    }
}

/// Writes all, or as much as the limit allows.
impl Write for ChildStdin {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (&*self).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Write for &ChildStdin {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(self.pipe.write(bytes)?)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The pipes from a child.
macro_rules! reader {
    ($(#[$doc:meta])* $name:ident, $stream:expr) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name {
            reader: Reader,
        }

        impl $name {
            pub(crate) fn new(handle: &Arc<Handle>) -> $name {
                let pipe = Pipe { handle: Arc::clone(handle), stream: $stream, timeout: None };
                $name { reader: Reader::new(pipe) }
            }
        }

        pipe_methods!($name, reader.pipe);

        impl Read for $name {
            fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
                self.reader.read(into)
            }
        }

        impl BufRead for $name {
            fn fill_buf(&mut self) -> io::Result<&[u8]> {
                self.reader.fill_buf()
            }

            fn consume(&mut self, count: usize) {
                self.reader.consume(count)
            }

            fn read_until(&mut self, delimiter: u8, into: &mut Vec<u8>) -> io::Result<usize> {
                self.reader.read_until(delimiter, into)
            }

            fn read_line(&mut self, line: &mut String) -> io::Result<usize> {
                self.reader.read_line(line)
            }
        }
    };
}

reader! {
    /// The pipe from a child's standard output.
    ///
    /// [`Read`] returns what there is. As a [`BufRead`] it gives lines; what has been read ahead of a line stays with the
    /// child, for [`communicate`](crate::Child::communicate) to find. (What [`BufRead::fill_buf`], or `split` at another
    /// byte, has read ahead does not.)
    ChildStdout, Stream::Stdout
}
reader! {
    /// The pipe from a child's standard error; see [`ChildStdout`].
    ChildStderr, Stream::Stderr
}
