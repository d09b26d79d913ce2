// SPDX-License-Identifier: MIT
//! Runs a command whose output goes straight to the terminal: `subprocess.run(['ls', '-1'])`.

use libsubprocess::Command;

fn main() -> libsubprocess::Result<()> {
    let status = Command::new("ls").arg("-1").status()?;
    println!("returncode: {}", status.code().unwrap_or(-1));
    Ok(())
}
