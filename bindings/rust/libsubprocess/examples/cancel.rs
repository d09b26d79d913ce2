// SPDX-License-Identifier: MIT
//! `cancel COMMAND [ARG...]`: runs a command until it ends or Ctrl-C is pressed. The signal handler only triggers a token:
//! that is safe there, and wakes the call that waits, which then kills the command.

use libsubprocess::{CancelToken, Code, Command};
use std::env;
use std::os::raw::c_int;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

const SIGINT: c_int = 2;

extern "C" {
    fn signal(number: c_int, handler: extern "C" fn(c_int)) -> usize;
}

static TOKEN: AtomicPtr<CancelToken> = AtomicPtr::new(ptr::null_mut());

extern "C" fn on_interrupt(_: c_int) {
    // SAFETY: set before the handler, and never released.
    unsafe { &*TOKEN.load(Ordering::SeqCst) }.trigger();
}

fn main() -> libsubprocess::Result<()> {
    let mut args = env::args_os().skip(1);
    let program = args.next().unwrap_or_else(|| {
        eprintln!("usage: cancel COMMAND [ARG...]");
        std::process::exit(2);
    });
    let token = CancelToken::new()?;
    TOKEN.store(Box::into_raw(Box::new(token.clone())), Ordering::SeqCst);
    // SAFETY: the handler does only what is allowed in one.
    unsafe { signal(SIGINT, on_interrupt) };

    // In a group of its own the command does not get the terminal's Ctrl-C: to end it is up to us.
    let (what, status) = match Command::new(program).args(args).new_group(true).cancel(&token).run() {
        Ok(output) => ("done", output.status),
        Err(error) if error.code() == Code::Canceled => match error.into_output() {
            Some(output) => ("canceled", output.status),
            None => return Ok(()),
        },
        Err(error) => return Err(error),
    };
    println!("{what}, returncode: {}", status.returncode().unwrap_or(-1));
    Ok(())
}
