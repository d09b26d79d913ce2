// SPDX-License-Identifier: MIT
//! `signal_child [SECONDS]`: the child of the signal examples. Waits for SIGUSR1, by default at most 3 seconds.

use std::env;
use std::io::{self, Read};
use std::os::raw::{c_int, c_void};
use std::os::unix::io::AsRawFd;
use std::os::unix::net::UnixStream;
use std::process::id;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;

const SIGUSR1: c_int = 10;

extern "C" {
    fn signal(number: c_int, handler: extern "C" fn(c_int)) -> usize;
    fn write(fd: c_int, data: *const c_void, size: usize) -> isize;
}

static TOLD: AtomicI32 = AtomicI32::new(-1);

/// Leaves a byte for main to read: a signal that comes early is not missed.
extern "C" fn on_usr1(_: c_int) {
    // SAFETY: one byte, and a call that may be made in a signal handler.
    unsafe { write(TOLD.load(Ordering::SeqCst), [1u8].as_ptr() as *const c_void, 1) };
}

fn main() -> io::Result<()> {
    let seconds = env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(3);
    let pid = id();
    println!("CHILD {pid:6}: Setting up signal handler");
    let (mut receiver, teller) = UnixStream::pair()?;
    TOLD.store(teller.as_raw_fd(), Ordering::SeqCst);
    // SAFETY: the handler does only what is allowed in one.
    unsafe { signal(SIGUSR1, on_usr1) };
    println!("CHILD {pid:6}: Pausing to wait for signal");

    // A limit of 0 seconds would be none.
    receiver.set_read_timeout(Some(Duration::from_secs(seconds).max(Duration::from_millis(1))))?;
    let received = receiver.read_exact(&mut [0]).is_ok();
    println!("CHILD {pid:6}: {}", if received { "Received USR1" } else { "Never received signal" });
    Ok(())
}
