// SPDX-License-Identifier: MIT
//! What went wrong.

use crate::sys;
use crate::{Code, Output, Step};
use std::ffi::OsStr;
use std::fmt;
use std::io;
use std::os::raw::{c_char, c_int};
use std::os::unix::ffi::OsStrExt;

/// The result of a call of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// One failure. Its [`Display`](fmt::Display) is one English sentence.
///
/// ```
/// use libsubprocess::{Code, Command, Step};
///
/// let error = Command::new("true").current_dir("/no/such/directory").run().unwrap_err();
/// assert_eq!((error.code(), error.step()), (Code::NotFound, Step::Chdir));
/// assert_eq!(error.path(), Some("/no/such/directory".as_ref()));
/// assert_eq!(error.to_string(), "cannot enter cwd '/no/such/directory': No such file or directory");
/// ```
pub struct Error(Box<Description>);

struct Description {
    code: Code,
    step: Step,
    errno: c_int,
    stage: usize,
    path: Vec<u8>,
    message: String,
    output: Option<Output>,
}

impl Error {
    /// What went wrong.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// Where it went wrong.
    pub fn step(&self) -> Step {
        self.0.step
    }

    /// The errno of the system call that failed, if one did.
    pub fn errno(&self) -> Option<i32> {
        Some(self.0.errno).filter(|&errno| errno != 0)
    }

    /// The index of the command in a [`Pipeline`](crate::Pipeline), else 0.
    pub fn stage(&self) -> usize {
        self.0.stage
    }

    /// The program, directory, user, file or descriptor concerned. A long one has lost its beginning.
    pub fn path(&self) -> Option<&OsStr> {
        Some(OsStr::from_bytes(&self.0.path)).filter(|path| !path.is_empty())
    }

    /// The sentence.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What is known of the child: with [`Code::Failed`] and [`Code::Lost`] all of its output, with [`Code::TimedOut`],
    /// [`Code::Canceled`] and [`Code::Interrupted`] what came so far. `None` where the call yields no output.
    pub fn output(&self) -> Option<&Output> {
        self.0.output.as_ref()
    }

    /// The same, taken out of the error.
    pub fn into_output(self) -> Option<Output> {
        self.0.output
    }

    pub(crate) fn new(code: Code, message: impl Into<String>) -> Error {
        Error(Box::new(Description {
            code,
            step: Step::Call,
            errno: 0,
            stage: 0,
            path: Vec::new(),
            message: message.into(),
            output: None,
        }))
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Error {
        Error::new(Code::Invalid, message)
    }

    /// For the functions of the C API that tell a code alone.
    pub(crate) fn from_code(code: c_int) -> Error {
        let code = Code::from_raw(code);
        let message = match code {
            Code::Closed => "the process was closed",
            Code::Lost => "somebody else reaped the child and its status is gone",
            Code::Invalid => "the process cannot do that",
            other => other.name(),
        };
        Error::new(code, message)
    }

    pub(crate) fn from_c(code: c_int, error: &sys::sp_error) -> Error {
        Error(Box::new(Description {
            code: Code::from_raw(code),
            step: Step::from_raw(error.step),
            errno: error.sys_errno,
            stage: usize::try_from(error.stage).unwrap_or_default(),
            path: bytes(&error.path),
            message: String::from_utf8_lossy(&bytes(&error.message)).into_owned(),
            output: None,
        }))
    }

    pub(crate) fn with_output(mut self, output: Option<Output>) -> Error {
        self.0.output = output;
        self
    }

    fn kind(&self) -> io::ErrorKind {
        match self.code() {
            Code::Invalid => io::ErrorKind::InvalidInput,
            Code::NoMemory => io::ErrorKind::OutOfMemory,
            Code::NotFound => io::ErrorKind::NotFound,
            Code::Access => io::ErrorKind::PermissionDenied,
            Code::TimedOut => io::ErrorKind::TimedOut,
            Code::Closed => io::ErrorKind::NotConnected,
            Code::Interrupted => io::ErrorKind::Interrupted,
            Code::Unsupported | Code::Abi => io::ErrorKind::Unsupported,
            Code::Busy => io::ErrorKind::WouldBlock,
            // Not Interrupted for a cancelled call: the standard library repeats those.
            _ => io::ErrorKind::Other,
        }
    }
}

/// The bytes of a C string in an array.
fn bytes(text: &[c_char]) -> Vec<u8> {
    text.iter().take_while(|&&letter| letter != 0).map(|&letter| letter as u8).collect()
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("code", &self.code())
            .field("step", &self.step())
            .field("errno", &self.errno())
            .field("stage", &self.stage())
            .field("path", &self.path())
            .field("message", &self.message())
            .field("output", &self.output())
            .finish()
    }
}

impl std::error::Error for Error {}

/// Where a system call failed, its errno is kept (`raw_os_error`); else the [`Error`] itself is inside (`get_ref`).
impl From<Error> for io::Error {
    fn from(error: Error) -> io::Error {
        match error.errno() {
            Some(errno) => io::Error::from_raw_os_error(errno),
            None => io::Error::new(error.kind(), error),
        }
    }
}

/// Makes a call that describes its failure.
pub(crate) fn call(function: impl FnOnce(*mut sys::sp_error) -> c_int) -> Result<()> {
    let mut error = sys::sp_error::new();
    match function(&mut error) {
        sys::SP_OK => Ok(()),
        code => Err(Error::from_c(code, &error)),
    }
}

/// The same for a call that returns a number of bytes, or a negative code.
pub(crate) fn call_for_count(function: impl FnOnce(*mut sys::sp_error) -> i64) -> Result<usize> {
    let mut error = sys::sp_error::new();
    let count = function(&mut error);
    usize::try_from(count).map_err(|_| Error::from_c(count as c_int, &error))
}
