// SPDX-License-Identifier: MIT
//! Starts a command, then feeds it: like `popen()` with mode "w".

use libsubprocess::{Command, Stdio};

fn main() -> libsubprocess::Result<()> {
    println!("write:");
    let child = Command::new("cat").arg("-").stdin(Stdio::piped()).spawn()?;
    child.communicate(Some(b"stdin: to stdin\n"), None)?;
    Ok(())
}
