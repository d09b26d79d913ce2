// SPDX-License-Identifier: MIT
//! Three ways to fail to start, and how `Error` tells them apart: a code to branch on, where it happened, what is
//! concerned, what the system said, and a sentence for people.

use libsubprocess::Command;
use std::os::raw::{c_char, c_int};

extern "C" {
    fn strerror(errno: c_int) -> *const c_char;
}

fn try_to_run(command: &Command) {
    let error = match command.run() {
        Ok(_) => return println!("{command:?}: started\n"),
        Err(error) => error,
    };
    // SAFETY: a C string that stays as it is for the moment.
    let reason = unsafe { std::ffi::CStr::from_ptr(strerror(error.errno().unwrap_or(0))) };
    println!("code    : {}", error.code());
    println!("step    : {}", error.step());
    println!("path    : {}", error.path().unwrap_or_default().to_string_lossy());
    println!("errno   : {}", reason.to_string_lossy());
    println!("message : {error}\n");
}

fn main() {
    try_to_run(&Command::new("no-such-program"));
    try_to_run(Command::new("true").current_dir("/no/such/directory"));
    try_to_run(&Command::new("/etc/passwd")); // a file, but not a program
}
