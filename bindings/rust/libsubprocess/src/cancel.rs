// SPDX-License-Identifier: MIT
//! Ending blocking calls from elsewhere.

use crate::error::{call, Result};
use crate::sys;
use std::ptr::{self, NonNull};
use std::sync::Arc;

/// A latch that wakes the blocking calls of the children that it was given to. Clones are the same token.
///
/// ```
/// use libsubprocess::{CancelToken, Code, Command};
/// use std::thread;
///
/// # fn main() -> libsubprocess::Result<()> {
/// let token = CancelToken::new()?;
/// let watcher = thread::spawn({
///     let token = token.clone();
///     move || token.trigger() // when the user wants it so
/// });
/// let error = Command::new("sleep").arg("600").cancel(&token).run().unwrap_err();
/// assert_eq!(error.code(), Code::Canceled); // and sleep has been killed
/// # watcher.join().unwrap();
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct CancelToken(Arc<RawToken>);

#[derive(Debug)]
struct RawToken(NonNull<sys::sp_cancel>);

// SAFETY: the C functions may be called on one token from any thread at once.
unsafe impl Send for RawToken {}
// SAFETY: as above.
unsafe impl Sync for RawToken {}

impl Drop for RawToken {
    fn drop(&mut self) {
        // SAFETY: owned, and released once; children that were given it have a hold of their own.
        unsafe { sys::sp_cancel_free(self.0.as_ptr()) }
    }
}

impl CancelToken {
    /// Makes a token. It takes one descriptor.
    pub fn new() -> Result<CancelToken> {
        let mut token = ptr::null_mut();
        // SAFETY: two places to write to.
        call(|error| unsafe { sys::sp_cancel_new(&mut token, error) })?;
        let token = NonNull::new(token).expect("a successful call makes a token");
        Ok(CancelToken(Arc::new(RawToken(token))))
    }

    /// Makes every blocking call, now and until [`reset`](CancelToken::reset), of every child that was given the token
    /// return [`Code::Canceled`](crate::Code::Canceled). From any thread; async-signal-safe, so from signal handlers too.
    pub fn trigger(&self) {
        // SAFETY: a live token.
        unsafe { sys::sp_cancel_trigger(self.as_raw()) }
    }

    /// Makes a triggered token usable again.
    pub fn reset(&self) {
        // SAFETY: a live token.
        unsafe { sys::sp_cancel_reset(self.as_raw()) }
    }

    pub(crate) fn as_raw(&self) -> *mut sys::sp_cancel {
        self.0 .0.as_ptr()
    }
}
