// SPDX-License-Identifier: MIT
//! Command lines as words, and programs by name.

use crate::error::{call, Error, Result};
use crate::sys;
use std::ffi::{CStr, CString, OsStr, OsString};
use std::os::raw::{c_char, c_void};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;
use std::ptr;

/// Memory that the library has allocated.
struct Memory<T>(*mut T);

impl<T> Drop for Memory<T> {
    fn drop(&mut self) {
        // SAFETY: owned, and released once; NULL is fine.
        unsafe { sys::sp_mem_free(self.0 as *mut c_void) }
    }
}

fn c_string(name: &str, text: &OsStr) -> Result<CString> {
    CString::new(text.as_bytes()).map_err(|_| Error::invalid(format!("{name} contains a NUL byte")))
}

/// # Safety
///
/// `text` must be a C string.
unsafe fn os_string(text: *const c_char) -> OsString {
    // SAFETY: the caller's promise.
    OsString::from_vec(unsafe { CStr::from_ptr(text) }.to_bytes().to_vec())
}

/// Joins arguments into one line for a POSIX shell, quoting where needed: Python's `shlex.join`.
///
/// ```
/// # fn main() -> libsubprocess::Result<()> {
/// assert_eq!(libsubprocess::quote(["echo", "a b", "it's"])?, r#"echo 'a b' 'it'"'"'s'"#);
/// # Ok(()) }
/// ```
pub fn quote<A: AsRef<OsStr>>(args: impl IntoIterator<Item = A>) -> Result<OsString> {
    let named = |(index, arg): (usize, A)| c_string(&format!("argv[{index}]"), arg.as_ref());
    let args = args.into_iter().enumerate().map(named).collect::<Result<Vec<_>>>()?;
    let argv: Vec<_> = args.iter().map(|arg| arg.as_ptr()).chain([ptr::null()]).collect();
    let mut line = Memory(ptr::null_mut());
    // SAFETY: a list that outlives the call, and places to write to.
    call(|error| unsafe { sys::sp_quote(argv.as_ptr(), &mut line.0, error) })?;
    // SAFETY: a successful call makes a C string.
    Ok(unsafe { os_string(line.0) })
}

/// Splits a line into arguments by the POSIX shell's quoting rules, without expansions: Python's `shlex.split`.
///
/// ```
/// # fn main() -> libsubprocess::Result<()> {
/// assert_eq!(libsubprocess::split("echo 'a b' c\\ d")?, ["echo", "a b", "c d"]);
/// # Ok(()) }
/// ```
pub fn split(line: impl AsRef<OsStr>) -> Result<Vec<OsString>> {
    let line = c_string("line", line.as_ref())?;
    let mut argv = Memory(ptr::null_mut());
    // SAFETY: a C string, and places to write to.
    call(|error| unsafe { sys::sp_split(line.as_ptr(), &mut argv.0, error) })?;
    let mut args = Vec::new();
    // SAFETY: a successful call makes a list of C strings that NULL ends.
    unsafe {
        while !(*argv.0.add(args.len())).is_null() {
            args.push(os_string(*argv.0.add(args.len())));
        }
    }
    Ok(args)
}

/// Finds the program that [`Command::new(name)`](crate::Command::new) would execute, in the host's `PATH`.
///
/// ```
/// # fn main() -> libsubprocess::Result<()> {
/// assert!(libsubprocess::which("sh")?.is_absolute());
/// # Ok(()) }
/// ```
pub fn which(name: impl AsRef<OsStr>) -> Result<PathBuf> {
    find(name.as_ref(), None)
}

/// The same in directories separated by ':'.
pub fn which_in(name: impl AsRef<OsStr>, path: impl AsRef<OsStr>) -> Result<PathBuf> {
    find(name.as_ref(), Some(path.as_ref()))
}

fn find(name: &OsStr, path: Option<&OsStr>) -> Result<PathBuf> {
    let name = c_string("name", name)?;
    let path = path.map(|path| c_string("path", path)).transpose()?;
    let path = path.as_ref().map_or(ptr::null(), |path| path.as_ptr());
    let mut found = Memory(ptr::null_mut());
    // SAFETY: C strings, and places to write to.
    call(|error| unsafe { sys::sp_which(name.as_ptr(), path, &mut found.0, error) })?;
    // SAFETY: a successful call makes a C string.
    Ok(unsafe { os_string(found.0) }.into())
}
