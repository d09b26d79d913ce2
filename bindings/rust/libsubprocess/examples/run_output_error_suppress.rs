// SPDX-License-Identifier: MIT
//! Throws both streams away: `stdout=DEVNULL, stderr=DEVNULL`.

use libsubprocess::{Bytes, Command, Stdio};
use std::borrow::Cow;

fn text_or_none(bytes: &Bytes) -> Cow<'_, str> {
    match bytes.is_captured() {
        true => String::from_utf8_lossy(bytes),
        false => "None".into(),
    }
}

fn main() -> libsubprocess::Result<()> {
    let completed = Command::shell("echo to stdout; echo to stderr 1>&2; exit 1")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .run()?;
    println!("returncode: {}", completed.status.code().unwrap_or(-1));
    println!("stdout is {}", text_or_none(&completed.stdout));
    println!("stderr is {}", text_or_none(&completed.stderr));
    Ok(())
}
