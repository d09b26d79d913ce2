// SPDX-License-Identifier: MIT
//! Nothing is left behind by calls that succeed, fail, time out, are cancelled, closed, dropped or panic. The only test of
//! its process, whose descriptors and memory it counts.

use libsubprocess::{CancelToken, Child, Code, Command, Pipeline, Stdio};
use std::fs;
use std::io::{BufRead, Read, Write};
use std::ops::ControlFlow;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::time::Duration;

const ROUNDS: usize = 1000;
const WARM_UP: usize = 100;
/// Below what a leak of 1 KiB per round would take.
const MEMORY_ALLOWED: usize = 800 * 1024;

fn cat() -> Command {
    let mut command = Command::new("cat");
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    command
}

fn sleep() -> Command {
    let mut command = Command::new("sleep");
    command.arg("600");
    command
}

fn success() {
    let output = cat_of_run();
    assert_eq!(output, vec![b'x'; 20_000]);
    let mut child = cat().spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"one\ntwo\n").unwrap();
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_line(&mut String::new()).unwrap();
    stdout.read_to_end(&mut Vec::new()).unwrap();
    child.wait().unwrap();
    let pipeline = Pipeline::new().stage(&Command::new("true")).stage(&Command::new("cat")).output();
    assert!(pipeline.unwrap().status.success());
    let word = "two words".repeat(1000);
    assert_eq!(libsubprocess::split(libsubprocess::quote([&word]).unwrap()).unwrap(), [&*word]);
    libsubprocess::which("sh").unwrap();
}

fn cat_of_run() -> Vec<u8> {
    let mut command = Command::new("cat");
    command.input(vec![b'x'; 20_000]).env("A", "B").on_output(|_, _| ControlFlow::Continue(()));
    command.output().unwrap().stdout.into()
}

fn failure() {
    assert_eq!(Command::new("/no/such").spawn().unwrap_err().code(), Code::NotFound);
    assert_eq!(Command::new("true").arg("\0").run().unwrap_err().code(), Code::Invalid);
    assert_eq!(Command::new("false").capture(true).check(true).run().unwrap_err().code(), Code::Failed);
    let mut pipeline = Pipeline::new();
    assert_eq!(pipeline.stage(&cat()).stage(&Command::new("/no")).spawn().unwrap_err().code(), Code::Invalid);
    assert_eq!(sleep().timeout(Duration::ZERO).run().unwrap_err().code(), Code::TimedOut);
    let token = CancelToken::new().unwrap();
    token.trigger();
    assert_eq!(sleep().cancel(&token).output().unwrap_err().code(), Code::Canceled);
    assert_eq!(libsubprocess::split("'").unwrap_err().code(), Code::Invalid);
}

fn abandonment() {
    let child = cat().spawn().unwrap();
    child.communicate(Some(&[b'x'; 20_000]), Some(Duration::ZERO)).ok();
    child.close().unwrap();
    let mut child = cat().spawn().unwrap();
    let stdout = child.stdout.take();
    drop(child);
    drop(stdout);
    drop(cat().kill_on_drop(true).spawn().unwrap());
}

fn panic_in_callback() {
    let mut command = cat();
    command.on_output(|_, _| std::panic::resume_unwind(Box::new("expected"))); // without a message on standard error
    let child: Child = command.spawn().unwrap();
    catch_unwind(AssertUnwindSafe(|| child.communicate(Some(b"x"), None))).unwrap_err();
}

/// Open descriptors, children (zombies included), and kibibytes of memory.
fn held() -> (usize, String, usize) {
    libsubprocess::release_caches();
    let descriptors = fs::read_dir("/proc/self/fd").unwrap().count();
    let tasks = fs::read_dir("/proc/self/task").unwrap();
    let children = tasks.map(|task| fs::read_to_string(task.unwrap().path().join("children")).unwrap()).collect();
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let memory = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    (descriptors, children, memory.trim().trim_end_matches(" kB").parse().unwrap())
}

/// Children that were let go end by themselves: their input is closed.
fn settled() -> (usize, String, usize) {
    loop {
        let held = held();
        if held.1.is_empty() {
            return held;
        }
        std::thread::yield_now();
    }
}

#[test]
fn nothing_is_left_behind() {
    let round = || {
        success();
        failure();
        abandonment();
        panic_in_callback();
    };
    (0..WARM_UP).for_each(|_| round());
    let (descriptors, _, memory) = settled();
    (0..ROUNDS).for_each(|_| round());
    let (descriptors_now, _, memory_now) = settled();
    assert_eq!(descriptors_now, descriptors);
    assert!(memory_now.saturating_sub(memory) * 1024 < MEMORY_ALLOWED, "{memory} kB, then {memory_now} kB");
}
