// SPDX-License-Identifier: MIT
//! Captures standard output: `subprocess.run(['ls', '-1'], stdout=PIPE)`.

use libsubprocess::{Command, Stdio};

fn main() -> libsubprocess::Result<()> {
    let completed = Command::new("ls").arg("-1").stdout(Stdio::piped()).run()?;
    println!("returncode: {}", completed.status.code().unwrap_or(-1));
    println!("Have {} bytes in stdout:\n{}", completed.stdout.len(), String::from_utf8_lossy(&completed.stdout));
    Ok(())
}
