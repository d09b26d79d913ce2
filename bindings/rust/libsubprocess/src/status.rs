// SPDX-License-Identifier: MIT
//! How a child ended.

use crate::sys;
use std::fmt;

/// How a child ended: its exit code, or the signal that ended it.
///
/// ```
/// # fn main() -> libsubprocess::Result<()> {
/// let status = libsubprocess::Command::shell("kill -TERM $$").status()?;
/// assert_eq!((status.success(), status.code(), status.signal()), (false, None, Some(15)));
/// assert_eq!(status.returncode(), Some(-15)); // both in one number, as in Python
/// assert_eq!(status.to_string(), "signal: 15");
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ExitStatus(i64);

impl ExitStatus {
    pub(crate) fn from_raw(returncode: i64) -> ExitStatus {
        ExitStatus(returncode)
    }

    /// The exit code 0 to 255, or -N if signal N ended the child. `None` in the [`Output`](crate::Output) of a call that
    /// did not see the end.
    pub fn returncode(&self) -> Option<i32> {
        i32::try_from(self.0).ok()
    }

    /// Whether the exit code is 0.
    pub fn success(&self) -> bool {
        self.0 == 0
    }

    /// The exit code; `None` if a signal ended the child.
    pub fn code(&self) -> Option<i32> {
        self.returncode().filter(|&code| code >= 0)
    }

    /// The signal that ended the child.
    pub fn signal(&self) -> Option<i32> {
        self.returncode().filter(|&code| code < 0).map(|code| -code)
    }

    /// Whether the end was not seen.
    pub fn is_unknown(&self) -> bool {
        self.0 == sys::SP_NO_RETURNCODE
    }
}

impl fmt::Display for ExitStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.code(), self.signal()) {
            (Some(code), _) => write!(f, "exit status: {code}"),
            (_, Some(signal)) => write!(f, "signal: {signal}"),
            _ => f.write_str("exit status: unknown"),
        }
    }
}
