// SPDX-License-Identifier: MIT
//! `capture_bench [N [PROGRAM [ARG...]]]`: starts a tiny child, by default `/bin/echo hello`, and captures its 6 bytes, N
//! times with this crate and N times with `std::process`, taking turns, and prints what a call costs (the median).

use std::env;
use std::time::{Duration, Instant};

const BYTES: usize = 6;

fn ours(argv: &[String]) {
    let output = libsubprocess::Command::new(&argv[0]).args(&argv[1..]).output().expect("a child");
    assert!(output.status.success() && output.stdout.len() == BYTES);
}

fn standard(argv: &[String]) {
    let output = std::process::Command::new(&argv[0]).args(&argv[1..]).output().expect("a child");
    assert!(output.status.success() && output.stdout.len() == BYTES);
}

fn time(call: fn(&[String]), argv: &[String]) -> Duration {
    let start = Instant::now();
    call(argv);
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64() * 1e6
}

fn main() {
    let mut args = env::args().skip(1);
    let calls: usize = args.next().and_then(|text| text.parse().ok()).unwrap_or(2000).max(1);
    let mut argv: Vec<String> = args.collect();
    if argv.is_empty() {
        argv = ["/bin/echo", "hello"].map(str::to_owned).to_vec();
    }
    ours(&argv);
    standard(&argv);
    let (mut here, mut there) = (Vec::new(), Vec::new());
    for round in 0..calls {
        // Whoever goes first in one round goes second in the next.
        if round % 2 == 0 {
            here.push(time(ours, &argv));
            there.push(time(standard, &argv));
        } else {
            there.push(time(standard, &argv));
            here.push(time(ours, &argv));
        }
    }
    let (here, there) = (median(here), median(there));
    println!("libsubprocess  {here:8.1} us per call");
    println!("std::process   {there:8.1} us per call");
    println!("ratio          {:8.2} (std::process / libsubprocess)", there / here);
}
