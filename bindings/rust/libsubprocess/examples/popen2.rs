// SPDX-License-Identifier: MIT
//! Talks to a command in both directions: feeds its input and reads its output, like `popen2()`.

use libsubprocess::{Command, Stdio};

fn main() -> libsubprocess::Result<()> {
    println!("popen2:");
    let child = Command::new("cat").arg("-").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let output = child.communicate(Some(b"through stdin to stdout"), None)?;
    println!("pass through: '{}'", output.stdout.escape_ascii());
    Ok(())
}
