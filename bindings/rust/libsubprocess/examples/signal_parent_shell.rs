// SPDX-License-Identifier: MIT
//! `signal_parent_shell [SECONDS]`: signals a shell. The program that the shell runs, signal_child.rs, does not get it.

use libsubprocess::{Command, Stdio};
use std::env;
use std::io::{self, BufRead, Write};
use std::path::Path;

const SIGUSR1: i32 = 10;
const SCRIPT: &str = "\
echo \"Shell script in process $$\"
set -x
./signal_child $1
";

fn main() -> io::Result<()> {
    let program = env::args_os().next().unwrap_or_default();
    let directory = Path::new(&program).parent().unwrap_or_else(|| Path::new("."));

    let mut child = Command::new("sh")
        .arg("-s") // the script comes from standard input
        .args(env::args_os().nth(1))
        .current_dir(directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::to_stdout())
        .spawn()?;
    println!("PARENT      : Pausing before signaling {}...", child.id());
    child.stdin.take().expect("a pipe").write_all(SCRIPT.as_bytes())?;
    for line in child.stdout.take().expect("a pipe").lines() {
        let line = line?;
        println!("{line}");
        if line.contains("Pausing") {
            println!("PARENT      : Signaling child {}", child.id());
            child.send_signal(SIGUSR1)?;
        }
    }
    child.wait()?;
    Ok(())
}
