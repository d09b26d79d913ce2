// SPDX-License-Identifier: MIT
//! Captures both streams, each for itself; without `check` a failing command is no error.

use libsubprocess::Command;

fn main() -> libsubprocess::Result<()> {
    let completed = Command::shell("echo to stdout; echo to stderr 1>&2; exit 1").capture(true).run()?;
    println!("returncode: {}", completed.status.code().unwrap_or(-1));
    println!("Have {} bytes in stdout: '{}'", completed.stdout.len(), completed.stdout.escape_ascii());
    println!("Have {} bytes in stderr: '{}'", completed.stderr.len(), completed.stderr.escape_ascii());
    Ok(())
}
