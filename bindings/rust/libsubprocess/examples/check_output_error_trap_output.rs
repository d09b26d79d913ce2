// SPDX-License-Identifier: MIT
//! Merges standard error into the captured output: `subprocess.check_output(..., stderr=STDOUT)`.

use libsubprocess::{Command, Stdio};

fn main() -> libsubprocess::Result<()> {
    let output = Command::shell("echo to stdout; echo to stderr 1>&2").stderr(Stdio::to_stdout()).check_output()?;
    println!("Have {} bytes in output: '{}'", output.len(), output.escape_ascii());
    Ok(())
}
