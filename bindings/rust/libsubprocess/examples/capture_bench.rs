// SPDX-License-Identifier: MIT
//! `capture_bench [N]`: starts a tiny child and captures its 6 bytes, N times with this crate and N times with
//! `std::process`, taking turns, and prints what a call costs.

use std::env;
use std::time::{Duration, Instant};

const ROUND: u32 = 50;

fn ours() {
    let output = libsubprocess::Command::new("/bin/echo").arg("hello").output().expect("echo");
    assert_eq!(output.stdout, b"hello\n");
}

fn standard() {
    let output = std::process::Command::new("/bin/echo").arg("hello").output().expect("echo");
    assert_eq!(output.stdout, b"hello\n");
}

fn time(call: fn()) -> Duration {
    let start = Instant::now();
    (0..ROUND).for_each(|_| call());
    start.elapsed() / ROUND
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn main() {
    let calls: u32 = env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(2000);
    ours();
    standard();
    let (mut here, mut there) = (Vec::new(), Vec::new());
    for round in 0..(calls / ROUND).max(1) {
        // Whoever goes first in one round goes second in the next.
        if round % 2 == 0 {
            here.push(time(ours));
            there.push(time(standard));
        } else {
            there.push(time(standard));
            here.push(time(ours));
        }
    }
    let (here, there) = (median(here), median(there));
    println!("libsubprocess  {:8.1} us per call", here.as_secs_f64() * 1e6);
    println!("std::process   {:8.1} us per call", there.as_secs_f64() * 1e6);
    println!("ratio          {:8.2} (std::process / libsubprocess)", there.as_secs_f64() / here.as_secs_f64());
}
