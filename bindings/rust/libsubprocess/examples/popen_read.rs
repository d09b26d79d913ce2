// SPDX-License-Identifier: MIT
//! Starts a command, then reads all of its output: like `popen()` with mode "r".

use libsubprocess::{Command, Stdio};

fn main() -> libsubprocess::Result<()> {
    println!("read:");
    let child = Command::new("echo").arg("\"to stdout\"").stdout(Stdio::piped()).spawn()?;
    let output = child.wait_with_output()?;
    println!("stdout: '{}'", String::from_utf8_lossy(&output.stdout).replace('\n', "\\n"));
    Ok(())
}
