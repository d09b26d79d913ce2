// SPDX-License-Identifier: MIT
//! `pipes [FILE]`: `cat FILE | grep '.. literalinclude::' | cut -f 3 -d:`, joined by hand. pipeline.rs needs one call.

use libsubprocess::{Command, Stdio};
use std::env;
use std::io::{self, BufRead};

fn main() -> io::Result<()> {
    let file = env::args_os().nth(1).unwrap_or_else(|| "index.rst".into());
    let mut cat = Command::new("cat").arg(file).stdout(Stdio::piped()).spawn()?;
    // The stream moves into the next command and is closed with it: should grep end early, cat must notice.
    let mut grep = Command::new("grep")
        .arg(".. literalinclude::")
        .stdin(cat.stdout.take().expect("a pipe"))
        .stdout(Stdio::piped())
        .spawn()?;
    let mut cut = Command::new("cut")
        .args(["-f", "3", "-d:"])
        .stdin(grep.stdout.take().expect("a pipe"))
        .stdout(Stdio::piped())
        .spawn()?;

    println!("Included files:");
    for line in cut.stdout.take().expect("a pipe").lines() {
        println!("{}", line?.trim_start());
    }
    for child in [cat, grep, cut] {
        child.wait()?;
    }
    Ok(())
}
