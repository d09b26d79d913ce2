// SPDX-License-Identifier: MIT
//! What a standard stream of a child is connected to.

use crate::sys;
use crate::{ChildStderr, ChildStdin, ChildStdout};
use std::ffi::CString;
use std::fs::File;
use std::os::raw::c_char;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::io::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::path::Path;
use std::ptr;
use std::sync::Arc;

/// What a standard stream of a child is connected to.
///
/// A [`File`], an [`OwnedFd`] and the streams of another child convert into it. It keeps them open until it is dropped,
/// usually with its [`Command`](crate::Command):
///
/// ```
/// use libsubprocess::{Command, Stdio};
///
/// # fn main() -> libsubprocess::Result<()> {
/// let mut echo = Command::new("echo").arg("hello").stdout(Stdio::piped()).spawn()?;
/// let output = Command::new("tr").args(["a-z", "A-Z"]).stdin(echo.stdout.take().unwrap()).output()?;
/// assert_eq!(output.stdout, "HELLO\n");
/// # echo.wait()?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Stdio(Target);

#[derive(Clone, Debug)]
enum Target {
    Inherit,
    Pipe,
    Null,
    Stdout,
    Borrowed(RawFd),
    Owned(Arc<OwnedFd>),
    Input(Arc<ChildStdin>),
    Output(Arc<ChildStdout>),
    Error(Arc<ChildStderr>),
    File {
        path: CString,
        append: bool,
    },
    /// A path that cannot be one.
    Broken,
}

impl Stdio {
    /// The host's own stream.
    pub fn inherit() -> Stdio {
        Stdio(Target::Inherit)
    }

    /// A new pipe to the host.
    pub fn piped() -> Stdio {
        Stdio(Target::Pipe)
    }

    /// The null device.
    pub fn null() -> Stdio {
        Stdio(Target::Null)
    }

    /// For standard error: wherever the child's standard output goes, as `2>&1` does.
    pub fn to_stdout() -> Stdio {
        Stdio(Target::Stdout)
    }

    /// A file, opened when the child is started, relative to the host's current directory: read from for standard input,
    /// else created or truncated and written to. Opening a FIFO waits for its other end, outside of every limit.
    pub fn path(path: impl AsRef<Path>) -> Stdio {
        Stdio::file(path.as_ref(), false)
    }

    /// A file that output is appended to.
    pub fn append(path: impl AsRef<Path>) -> Stdio {
        Stdio::file(path.as_ref(), true)
    }

    fn file(path: &Path, append: bool) -> Stdio {
        let path = CString::new(path.as_os_str().as_bytes());
        Stdio(path.map_or(Target::Broken, |path| Target::File { path, append }))
    }

    /// An open descriptor, by its number alone. It is refused if it is not open when the child is started.
    ///
    /// # Safety
    ///
    /// Until then the number must belong to the caller, or be closed.
    pub unsafe fn borrow_raw(fd: RawFd) -> Stdio {
        Stdio(Target::Borrowed(fd))
    }

    /// Whether the path had a NUL byte.
    pub(crate) fn is_broken(&self) -> bool {
        matches!(self.0, Target::Broken)
    }

    /// For the C API; valid as long as this lives.
    pub(crate) fn native(&self) -> sys::sp_stdio {
        let plain = |kind| native(kind, 0, ptr::null(), false);
        let handle = |fd: RawFd| native(sys::SP_HANDLE, fd, ptr::null(), false);
        match &self.0 {
            Target::Inherit | Target::Broken => plain(sys::SP_INHERIT),
            Target::Pipe => plain(sys::SP_PIPE),
            Target::Null => plain(sys::SP_DEVNULL),
            Target::Stdout => plain(sys::SP_STDOUT),
            Target::Borrowed(fd) => handle(*fd),
            Target::Owned(fd) => handle(fd.as_raw_fd()),
            Target::Input(stream) => handle(stream.as_raw_fd()),
            Target::Output(stream) => handle(stream.as_raw_fd()),
            Target::Error(stream) => handle(stream.as_raw_fd()),
            Target::File { path, append } => native(sys::SP_FILE, 0, path.as_ptr(), *append),
        }
    }
}

fn native(kind: i32, fd: RawFd, path: *const c_char, append: bool) -> sys::sp_stdio {
    let flags = if append { sys::SP_APPEND } else { 0 };
    sys::sp_stdio { kind, flags, handle: fd as isize, path }
}

impl From<OwnedFd> for Stdio {
    fn from(fd: OwnedFd) -> Stdio {
        Stdio(Target::Owned(Arc::new(fd)))
    }
}

impl From<File> for Stdio {
    fn from(file: File) -> Stdio {
        OwnedFd::from(file).into()
    }
}

impl From<ChildStdin> for Stdio {
    fn from(stream: ChildStdin) -> Stdio {
        Stdio(Target::Input(Arc::new(stream)))
    }
}

/// What [`BufRead`](std::io::BufRead) has read ahead stays behind.
impl From<ChildStdout> for Stdio {
    fn from(stream: ChildStdout) -> Stdio {
        Stdio(Target::Output(Arc::new(stream)))
    }
}

/// What [`BufRead`](std::io::BufRead) has read ahead stays behind.
impl From<ChildStderr> for Stdio {
    fn from(stream: ChildStderr) -> Stdio {
        Stdio(Target::Error(Arc::new(stream)))
    }
}

/// Takes the descriptor over, as for the standard library's `Stdio`.
impl FromRawFd for Stdio {
    unsafe fn from_raw_fd(fd: RawFd) -> Stdio {
        // SAFETY: the caller hands an open descriptor over.
        unsafe { OwnedFd::from_raw_fd(fd) }.into()
    }
}
