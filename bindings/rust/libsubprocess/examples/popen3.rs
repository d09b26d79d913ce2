// SPDX-License-Identifier: MIT
//! Watches standard output and standard error, each for itself, while it feeds the command: like `popen3()`.

use libsubprocess::{Command, Stdio};

fn main() -> libsubprocess::Result<()> {
    println!("popen3:");
    let child = Command::shell("cat -; echo \"to stderr\" 1>&2").stdin(Stdio::piped()).capture(true).spawn()?;
    let output = child.communicate(Some(b"through stdin to stdout"), None)?;
    println!("pass through: '{}'", output.stdout.escape_ascii());
    println!("stderr      : '{}'", output.stderr.escape_ascii());
    Ok(())
}
