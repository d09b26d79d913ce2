// SPDX-License-Identifier: MIT
//! Holds a conversation with a child, repeater.rs: first line by line, then all at once.

use libsubprocess::{Command, Stdio};
use std::env;
use std::io::{self, BufRead, Write};
use std::path::Path;

fn converse(directory: &Path, one_at_a_time: bool) -> io::Result<()> {
    let mut child =
        Command::shell("./repeater").current_dir(directory).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    for number in 0..5 {
        writeln!(child.stdin.as_mut().expect("a pipe"), "{number}")?;
        if one_at_a_time {
            let mut line = String::new();
            child.stdout.as_mut().expect("a pipe").read_line(&mut line)?;
            print!("{line}");
        }
    }
    let output = child.communicate(None, None)?; // end of input, and what remains
    println!("{}", String::from_utf8_lossy(&output.stdout));
    Ok(())
}

fn main() -> io::Result<()> {
    // The child is in the directory that this program was started from.
    let program = env::args_os().next().unwrap_or_default();
    let directory = Path::new(&program).parent().unwrap_or_else(|| Path::new("."));

    println!("One line at a time:");
    converse(directory, true)?;
    println!("\nAll output at once:");
    converse(directory, false)
}
