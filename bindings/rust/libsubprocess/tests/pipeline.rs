// SPDX-License-Identifier: MIT
//! Commands joined by pipes.

use libsubprocess::{Code, Command, ExitStatus, Pipeline, Stdio, Step};
use std::io::{BufRead, Write};
use std::ops::ControlFlow;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::time::Duration;

fn sh(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    command
}

fn codes(stages: &[ExitStatus]) -> Vec<Option<i32>> {
    stages.iter().map(ExitStatus::returncode).collect()
}

#[test]
fn bytes_pass_through_all_stages() {
    let all: Vec<u8> = (0..=255).cycle().take(1 << 20).collect();
    let cat = Command::new("cat");
    let mut pipeline = Pipeline::new();
    pipeline.stage(&cat).stage(&cat).stage(&cat).stdin(Stdio::piped()).stdout(Stdio::piped());
    let child = pipeline.spawn().unwrap();
    assert_eq!(child.stage_count(), 3);
    let output = child.communicate(Some(&all), None).unwrap();
    assert!(output.stdout == all);
    assert_eq!(codes(&output.stages()), [Some(0); 3]);
}

#[test]
fn the_last_stage_decides_or_the_last_that_failed() {
    let mut pipeline = Pipeline::new();
    pipeline.stage(&sh("exit 3")).stage(&sh("exit 4")).stage(&sh("exit 0"));
    assert!(pipeline.status().unwrap().success());
    let output = pipeline.pipefail(true).output().unwrap();
    assert_eq!((output.status.code(), codes(&output.stages())), (Some(4), vec![Some(3), Some(4), Some(0)]));
    let error = pipeline.check(true).output().unwrap_err();
    assert_eq!((error.code(), error.stage()), (Code::Failed, 1));
}

#[test]
fn a_writer_ends_with_its_reader() {
    let output = Pipeline::new().stage(&Command::new("yes")).stage(Command::new("head").arg("-n1")).output().unwrap();
    assert_eq!((&*output.stdout, codes(&output.stages())), (&b"y\n"[..], vec![Some(-13), Some(0)]));
}

#[test]
fn settings_of_a_stage_replace_those_of_the_pipeline() {
    let show = "cat; echo $A $(pwd)";
    let output = Pipeline::new()
        .stage(sh(show).env("A", "stage"))
        .stage(&sh(show))
        .env("A", "whole")
        .current_dir("/")
        .output()
        .unwrap();
    let here = std::env::current_dir().unwrap();
    assert_eq!(output.stdout, format!("stage {}\nwhole /\n", here.display()));
}

#[test]
fn a_stage_that_cannot_start_is_told() {
    let mut pipeline = Pipeline::new();
    let error = pipeline.stage(&Command::new("cat")).stage(&Command::new("/no/such")).spawn().unwrap_err();
    assert_eq!((error.code(), error.step(), error.stage()), (Code::NotFound, Step::Exec, 1));
    let error = Pipeline::new().stage(sh("true").stdin(Stdio::null())).spawn().unwrap_err();
    assert_eq!(error.to_string(), "std_in of a stage must be unset: set it on the pipeline");
}

#[test]
fn stages_are_waited_for_and_signalled_alone() {
    let cat = Command::new("cat");
    let mut pipeline = Pipeline::new();
    pipeline.stage(&cat).stage(&cat).stdin(Stdio::piped()).stdout(Stdio::piped()).new_group(true);
    let mut child = pipeline.spawn().unwrap();
    let stdin = child.stdin.take();
    let (first, second) = (child.stage(0).unwrap(), child.stage(1).unwrap());
    assert!(child.stage(2).is_none() && first.id() == child.id() && first.id() != second.id());
    second.terminate().unwrap();
    assert_eq!(second.wait().unwrap().signal(), Some(15));
    assert_eq!(first.try_wait().unwrap(), None);
    assert_eq!(first.wait_timeout(Duration::from_millis(1)).unwrap(), None);
    child.kill_group(9).unwrap();
    assert_eq!(first.wait().unwrap().signal(), Some(9));
    assert_eq!(codes(&child.communicate(None, None).unwrap().stages()), [Some(-9), Some(-15)]);
    assert!(child.exit_fd().is_none());
    drop(stdin);
}

#[test]
fn files_stand_at_both_ends_and_errors_are_shared() {
    let path = std::env::temp_dir().join(format!("libsubprocess-pipeline-{}", std::process::id()));
    let script = "cat; echo err >&2";
    let mut child = Pipeline::new()
        .stage(&sh(script))
        .stage(&sh(script))
        .stdin(Stdio::piped())
        .stdout(Stdio::path(&path))
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"line\n").unwrap();
    let errors: Vec<_> = child.stderr.take().unwrap().lines().map(Result::unwrap).collect();
    assert_eq!(errors, ["err", "err"]);
    assert!(child.wait().unwrap().success());
    assert_eq!(std::fs::read(&path).unwrap(), b"line\n");
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn a_run_is_fed_limited_and_cleaned_up() {
    let cat = Command::new("cat");
    let output = Pipeline::new().stage(&cat).stage(&cat).input("fed").output().unwrap();
    assert_eq!(output.stdout, "fed");

    // The grandchild holds the pipes open; it is in the group that is killed.
    let mut pipeline = Pipeline::new();
    pipeline.stage(&sh("echo $$; exec sleep 600")).stage(&sh("cat; sleep 600 &")).new_group(true);
    let error = pipeline.kill_group_on_timeout(true).timeout(Duration::from_millis(500)).output().unwrap_err();
    assert_eq!(error.code(), Code::TimedOut);
    let output = error.into_output().unwrap();
    assert_eq!(output.stages()[0].signal(), Some(9));
    let pid = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    assert!(!std::path::Path::new("/proc").join(pid).exists());
}

#[test]
fn a_run_that_a_callback_ends_leaves_nothing_running() {
    let mut pipeline = Pipeline::new();
    pipeline.stage(&sh("echo $$; exec sleep 600"));
    let error = pipeline.on_output(|_, _| ControlFlow::Break(())).output().unwrap_err();
    assert_eq!((error.code(), error.output().unwrap().status.signal()), (Code::Canceled, Some(9)));

    pipeline.on_output(|_, data| panic!("{}", String::from_utf8_lossy(data)));
    let panic = catch_unwind(AssertUnwindSafe(|| drop(pipeline.output()))).unwrap_err();
    let pid = panic.downcast::<String>().unwrap();
    assert!(!std::path::Path::new("/proc").join(pid.trim()).exists());
}

#[test]
fn what_a_run_cannot_have_is_refused() {
    let mut pipeline = Pipeline::new();
    let sentence = |pipeline: &Pipeline| pipeline.run().unwrap_err().to_string();
    pipeline.stage(&sh("exec sleep 600"));
    let limited = pipeline.clone().timeout(Duration::MAX).run().unwrap_err();
    assert_eq!(limited.to_string(), "timeout_ms is larger than SP_TIMEOUT_MAX");
    assert_eq!(sentence(pipeline.clone().input("x").stdin(Stdio::null())), "std_in must be unset with input");
    let group = sentence(pipeline.clone().kill_group_on_timeout(true));
    assert_eq!(group, "flags: SP_KILL_GROUP_ON_TIMEOUT needs SP_NEW_GROUP");
    let spawned = pipeline.timeout(Duration::from_secs(1)).spawn().unwrap_err();
    assert_eq!(spawned.to_string(), "timeout_ms is for sp_run: pass it to sp_wait or sp_communicate");
}
