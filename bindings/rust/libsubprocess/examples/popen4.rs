// SPDX-License-Identifier: MIT
//! Reads standard output and standard error as one stream, in the order of writing: like `popen4()`.

use libsubprocess::{Command, Stdio};

fn main() -> libsubprocess::Result<()> {
    println!("popen4:");
    let child = Command::shell("cat -; echo \"to stderr\" 1>&2")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::to_stdout())
        .spawn()?;
    let output = child.communicate(Some(b"through stdin to stdout\n"), None)?;
    println!("combined output: '{}'", output.stdout.escape_ascii());
    println!("stderr value    : {}", if output.stderr.is_captured() { "Some" } else { "None" });
    Ok(())
}
