// SPDX-License-Identifier: MIT
//! Signals a whole process group: the shell and the program that the shell started, signal_child.rs.

use libsubprocess::{Command, Stdio};
use std::env;
use std::io::{self, BufRead, Write};
use std::path::Path;

const SIGUSR1: i32 = 10;
const SCRIPT: &str = "\
echo \"Shell script in process $$\"
set -x
./signal_child
";

extern "C" {
    fn getpgid(pid: i32) -> i32;
}

fn main() -> io::Result<()> {
    let program = env::args_os().next().unwrap_or_default();
    let directory = Path::new(&program).parent().unwrap_or_else(|| Path::new("."));

    let mut child = Command::new("sh")
        .arg("-s") // the script comes from standard input
        .current_dir(directory)
        .new_group(true) // setpgid(0, 0) in the child, before it becomes sh
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::to_stdout())
        .spawn()?;
    println!("Calling setpgid() from {}", child.id());
    // SAFETY: takes and returns numbers.
    println!("Process group is now {}", unsafe { getpgid(child.id() as i32) });
    println!("PARENT      : Pausing before signaling {}...", child.id());
    child.stdin.take().expect("a pipe").write_all(SCRIPT.as_bytes())?;
    for line in child.stdout.take().expect("a pipe").lines() {
        let line = line?;
        println!("{line}");
        if line.contains("Pausing") {
            println!("PARENT      : Signaling process group {}", child.id());
            child.kill_group(SIGUSR1)?;
        }
    }
    child.wait()?;
    Ok(())
}
