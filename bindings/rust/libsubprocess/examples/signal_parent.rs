// SPDX-License-Identifier: MIT
//! Sends a signal to a child, signal_child.rs, as soon as the child says that it is ready.

use libsubprocess::{Command, Stdio};
use std::env;
use std::io::{self, BufRead};
use std::path::Path;

const SIGUSR1: i32 = 10;

fn main() -> io::Result<()> {
    // The child is in the directory that this program was started from.
    let program = env::args_os().next().unwrap_or_default();
    let directory = Path::new(&program).parent().unwrap_or_else(|| Path::new("."));

    let mut child = Command::new("./signal_child").current_dir(directory).stdout(Stdio::piped()).spawn()?;
    println!("PARENT      : Pausing before sending signal...");
    for line in child.stdout.take().expect("a pipe").lines() {
        let line = line?;
        println!("{line}");
        if line.contains("Pausing") {
            println!("PARENT      : Signaling child");
            child.send_signal(SIGUSR1)?;
        }
    }
    child.wait()?;
    Ok(())
}
