// SPDX-License-Identifier: MIT
//! A guest in its process: the standard library's own children work before, during and after ours, from several threads,
//! and no status, byte, handler or thread is lost or added.

use libsubprocess::{Command, Stdio};
use std::fs;
use std::io::Read;
use std::process;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

const THREADS: usize = 4;
const CHILDREN: usize = 10_000;

/// A child that tells its number, and returns it too.
fn script(number: usize) -> [String; 2] {
    ["-c".to_owned(), format!("echo {number}; exit {}", number % 200)]
}

fn check(number: usize, code: Option<i32>, output: &[u8]) {
    assert_eq!(code, Some((number % 200) as i32));
    assert_eq!(output, format!("{number}\n").as_bytes());
}

fn standard_output(number: usize) {
    let output = process::Command::new("sh").args(script(number)).output().unwrap();
    check(number, output.status.code(), &output.stdout);
}

fn standard_spawn(number: usize) {
    let mut child = process::Command::new("sh").args(script(number)).stdout(process::Stdio::piped()).spawn().unwrap();
    let mut output = Vec::new();
    child.stdout.take().unwrap().read_to_end(&mut output).unwrap();
    while child.try_wait().unwrap().is_none() {
        thread::yield_now();
    }
    check(number, child.wait().unwrap().code(), &output);
}

fn our_output(number: usize) {
    let output = Command::new("sh").args(script(number)).output().unwrap();
    check(number, output.status.code(), &output.stdout);
}

fn our_spawn(number: usize) {
    let mut child = Command::new("sh").args(script(number)).stdout(Stdio::piped()).spawn().unwrap();
    let mut output = Vec::new();
    child.stdout.take().unwrap().read_to_end(&mut output).unwrap();
    check(number, child.wait().unwrap().code(), &output);
}

/// The lines of /proc/self/status that a good guest leaves as they are.
fn traces() -> Vec<String> {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let kept = ["SigBlk", "SigIgn", "SigCgt", "Threads"];
    status.lines().filter(|line| kept.iter().any(|name| line.starts_with(name))).map(str::to_owned).collect()
}

#[test]
fn ten_thousand_mixed_children_lose_nothing() {
    (0..50).for_each(standard_output);
    let before = traces();

    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let work = || loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= CHILDREN {
            return;
        }
        match number % 4 {
            0 => standard_output(number),
            1 => our_output(number),
            2 => standard_spawn(number),
            _ => our_spawn(number),
        }
        done.fetch_add(1, Ordering::Relaxed);
    };
    thread::scope(|scope| (0..THREADS).for_each(|_| drop(scope.spawn(work))));
    assert_eq!(done.into_inner(), CHILDREN);

    libsubprocess::release_caches();
    (0..50).for_each(standard_spawn);
    assert_eq!(traces(), before);
}
