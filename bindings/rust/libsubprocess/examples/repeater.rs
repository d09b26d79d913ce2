// SPDX-License-Identifier: MIT
//! The child of interaction.rs: repeats its input line by line, and says on standard error when it starts and ends.

use std::io::{self, BufRead, Write};

fn main() -> io::Result<()> {
    eprintln!("repeater: starting");
    for line in io::stdin().lock().lines() {
        println!("{}", line?);
        io::stdout().flush()?;
    }
    eprintln!("repeater: exiting");
    Ok(())
}
