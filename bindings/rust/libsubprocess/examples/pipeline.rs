// SPDX-License-Identifier: MIT
//! `pipeline [FILE]`: what pipes.rs does by hand, with a `Pipeline`: three commands, one handle.

use libsubprocess::{Command, Pipeline, Stdio};
use std::env;
use std::io::{self, BufRead};

fn main() -> io::Result<()> {
    let file = env::args_os().nth(1).unwrap_or_else(|| "index.rst".into());
    let mut child = Pipeline::new()
        .stage(Command::new("cat").arg(file))
        .stage(Command::new("grep").arg(".. literalinclude::"))
        .stage(Command::new("cut").args(["-f", "3", "-d:"]))
        .stdout(Stdio::piped())
        .spawn()?;

    println!("Included files:");
    for line in child.stdout.take().expect("a pipe").lines() {
        println!("{}", line?.trim_start());
    }
    child.wait()?;
    Ok(())
}
