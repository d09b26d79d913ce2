// SPDX-License-Identifier: MIT
//! Captures standard output while standard error still reaches the terminal; the command fails, and `check` says so.

use libsubprocess::{Code, Command, Stdio};

fn main() -> libsubprocess::Result<()> {
    let line = "echo to stdout; echo to stderr 1>&2; exit 1";
    match Command::shell(line).check(true).stdout(Stdio::piped()).run() {
        Err(error) if error.code() == Code::Failed => {
            let code = error.output().and_then(|output| output.status.returncode()).unwrap_or(-1);
            println!("ERROR: Command '{line}' returned non-zero exit status {code}");
        }
        Err(error) => return Err(error),
        Ok(completed) => println!("Have {} bytes in stdout", completed.stdout.len()),
    }
    Ok(())
}
