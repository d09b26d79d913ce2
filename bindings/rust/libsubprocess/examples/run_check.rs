// SPDX-License-Identifier: MIT
//! Treats a nonzero return code as an error: `subprocess.run(['false'], check=True)`.

use libsubprocess::{Code, Command};

fn main() -> libsubprocess::Result<()> {
    match Command::new("false").check(true).run() {
        // Python's CalledProcessError; the output is there all the same.
        Err(error) if error.code() == Code::Failed => {
            let code = error.output().and_then(|output| output.status.returncode()).unwrap_or(-1);
            println!("ERROR: Command '['false']' returned non-zero exit status {code}");
            Ok(())
        }
        completed => completed.map(drop),
    }
}
