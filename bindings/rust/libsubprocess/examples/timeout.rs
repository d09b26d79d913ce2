// SPDX-License-Identifier: MIT
//! Bounds a call. The shell ends at once, but the program that it leaves in the background holds the pipe open. The limit
//! ends the call all the same, keeps the output that came, and takes the whole group down.

use libsubprocess::{Code, Command};
use std::time::Duration;

fn main() -> libsubprocess::Result<()> {
    let called = Command::shell("echo the answer is 42; sleep 600 & exit 0")
        .capture(true)
        .new_group(true)
        .kill_group_on_timeout(true)
        .timeout(Duration::from_secs(2))
        .run();
    let error = match called {
        Err(error) if error.code() == Code::TimedOut => error,
        other => return other.map(drop),
    };
    println!("result      : {}", error.code());
    if let Some(output) = error.output() {
        print!("output      : {}", String::from_utf8_lossy(&output.stdout));
        println!("returncode  : {}", output.status.returncode().unwrap_or(-1));
        println!("pipes held  : {}", if output.pipes_held() { "yes, by a grandchild" } else { "no" });
    }
    Ok(())
}
