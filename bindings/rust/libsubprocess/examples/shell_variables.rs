// SPDX-License-Identifier: MIT
//! Lets a shell expand a variable: `subprocess.run('echo $HOME', shell=True)`.

use libsubprocess::Command;

fn main() -> libsubprocess::Result<()> {
    let status = Command::shell("echo $HOME").status()?;
    println!("returncode: {}", status.code().unwrap_or(-1));
    Ok(())
}
