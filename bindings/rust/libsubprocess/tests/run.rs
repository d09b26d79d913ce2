// SPDX-License-Identifier: MIT
//! Commands that run to their end.

use libsubprocess::{Code, Command, Stdio, Stream};
use std::fs::{self, File};
use std::os::unix::io::OwnedFd;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

/// Far beyond what anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);

fn sh(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    command
}

#[test]
fn run_tells_how_the_child_ended() {
    let status = |script| sh(script).run().unwrap().status;
    assert!(status("exit 0").success());
    assert_eq!(status("exit 255").code(), Some(255));
    assert_eq!(status("exit 255").to_string(), "exit status: 255");
    assert_eq!(status("kill -KILL $$").signal(), Some(9));
    assert_eq!(status("kill -KILL $$").returncode(), Some(-9));
}

#[test]
fn output_captures_what_was_not_set() {
    let output = sh("echo out; echo err >&2; cat").output().unwrap();
    assert_eq!((&*output.stdout, &*output.stderr), (&b"out\n"[..], &b"err\n"[..]));

    let output = sh("echo out; echo err >&2").stderr(Stdio::to_stdout()).output().unwrap();
    assert_eq!(output.stdout, "out\nerr\n");
    assert!(!output.stderr.is_captured() && output.stderr.is_empty());

    let output = sh("echo out").capture(true).output().unwrap();
    assert!(output.stdout == "out\n" && output.stderr.is_captured() && output.stderr.is_empty());
}

#[test]
fn output_gives_the_null_device_as_input() {
    const INNER: &str = "LIBSUBPROCESS_TEST_INNER";
    if std::env::var_os(INNER).is_some() {
        assert!(sh("test /proc/self/fd/0 -ef /dev/null").output().unwrap().status.success());
        assert!(!sh("test /proc/self/fd/0 -ef /dev/null").run().unwrap().status.success());
        return;
    }
    // Once more, in a process whose own standard input is a pipe.
    let mut inner = Command::new(std::env::current_exe().unwrap());
    inner.args(["--exact", "output_gives_the_null_device_as_input"]).env(INNER, "1").input("").check(true);
    inner.output().unwrap();
}

#[test]
fn run_captures_only_what_was_asked_for() {
    let output = sh("echo out >&2").stdout(Stdio::piped()).stderr(Stdio::null()).run().unwrap();
    assert!(output.stdout.is_captured() && output.stdout.is_empty() && !output.stderr.is_captured());
}

#[test]
fn all_bytes_pass_both_ways() {
    let all: Vec<u8> = (0..=255).cycle().take(1 << 20).collect();
    let output = Command::new("cat").input(all.clone()).output().unwrap();
    assert!(output.stdout == all);
    assert!(Command::new("true").input(all).status().unwrap().success()); // nobody reads it
}

#[test]
fn captured_bytes_outlive_the_output() {
    let output = sh("echo out").output().unwrap();
    let (bytes, copy) = (output.stdout.clone(), output.stdout.to_vec());
    drop(output);
    assert_eq!(bytes, copy);
    assert_eq!(bytes, "out\n");
    assert_eq!(format!("{bytes:?}"), r#"b"out\n""#);
    assert_eq!(Vec::from(bytes), b"out\n");
}

#[test]
fn check_makes_an_error_of_a_failure_and_keeps_its_output() {
    let error = sh("echo out; exit 3").check(true).output().unwrap_err();
    assert_eq!(error.code(), Code::Failed);
    assert_eq!(error.to_string(), "command 'sh' returned 3");
    let output = error.into_output().unwrap();
    assert_eq!((output.status.code(), &*output.stdout), (Some(3), &b"out\n"[..]));
    assert!(sh("exit 0").check(true).run().is_ok());
    assert!(sh("exit 1").check(true).check(false).run().is_ok());
}

#[test]
fn check_output_returns_it_or_fails() {
    assert_eq!(sh("echo out; echo err >&2").stderr(Stdio::null()).check_output().unwrap(), "out\n");
    let error = sh("echo out; exit 3").check_output().unwrap_err();
    assert_eq!((error.code(), &*error.output().unwrap().stdout), (Code::Failed, &b"out\n"[..]));
    let error = sh("true").stdout(Stdio::null()).check_output().unwrap_err();
    assert_eq!(error.to_string(), "std_out must be unset for check_output, which captures it");
}

#[test]
fn shell_gets_a_line_and_arguments() {
    let output = Command::shell("echo \"$0 $1\"; exit 5").args(["zero", "one"]).output().unwrap();
    assert_eq!((&*output.stdout, output.status.code()), (&b"zero one\n"[..], Some(5)));
}

#[test]
fn executable_replaces_the_program_but_not_its_name() {
    assert_eq!(Command::new("me").args(["-c", "echo $0"]).executable("/bin/sh").check_output().unwrap(), "me\n");
}

#[test]
fn environment_is_extended_reduced_and_replaced() {
    let home = std::env::var("PATH").unwrap();
    let script = "echo \"$A|$B|${PATH-none}\"";
    let output = sh(script).env("A", "1").env("B", "x=y").env("A", "2").check_output().unwrap();
    assert_eq!(output, format!("2|x=y|{home}\n"));
    let output = sh(script).envs([("A", "1"), ("B", "2")]).env_remove("B").check_output().unwrap();
    assert_eq!(output, format!("1||{home}\n"));
    let mut env = Command::new("/usr/bin/env");
    assert_eq!(env.env("LOST", "1").env_clear().check_output().unwrap(), "");
    assert_eq!(env.env("K", "v").env_remove("L").check_output().unwrap(), "K=v\n");
    assert_eq!(env.env_remove("K").check_output().unwrap(), "");
}

#[test]
fn path_of_the_new_environment_is_searched() {
    let error = Command::new("sh").env("PATH", "/nowhere").run().unwrap_err();
    assert_eq!(error.to_string(), "cannot start 'sh': not found in PATH (/nowhere)");
}

#[test]
fn current_dir_is_entered_first() {
    assert_eq!(Command::new("pwd").current_dir("/").check_output().unwrap(), "/\n");
    assert_eq!(Command::new("./sh").args(["-c", "echo $0"]).current_dir("/bin").check_output().unwrap(), "./sh\n");
}

#[test]
fn files_are_read_truncated_and_appended_to() {
    let path = std::env::temp_dir().join(format!("libsubprocess-run-{}", std::process::id()));
    fs::write(&path, "old content").unwrap();
    sh("echo one").stdout(Stdio::path(&path)).run().unwrap();
    sh("echo two").stdout(Stdio::append(&path)).run().unwrap();
    sh("echo three >&2").stderr(Stdio::append(&path)).run().unwrap();
    let by_path = Command::new("cat").stdin(Stdio::path(&path)).output().unwrap();
    assert_eq!(by_path.stdout, "one\ntwo\nthree\n");

    let mut cat = Command::new("cat");
    cat.stdin(File::open(&path).unwrap());
    assert_eq!(cat.output().unwrap().stdout, "one\ntwo\nthree\n");
    assert_eq!(cat.output().unwrap().stdout, ""); // the same descriptor, at its end
    fs::remove_file(&path).unwrap();
}

#[test]
fn newlines_are_translated_when_asked() {
    let mut printf = Command::new("printf");
    printf.arg("a\\r\\nb\\rc\\n");
    assert_eq!(printf.output().unwrap().stdout, "a\r\nb\rc\n");
    assert_eq!(printf.universal_newlines(true).output().unwrap().stdout, "a\nb\nc\n");
}

#[test]
fn output_beyond_the_cap_is_dropped_and_counted() {
    let output = sh("printf 123456789; printf 12 >&2").max_output(4).output().unwrap();
    assert_eq!((&*output.stdout, &*output.stderr), (&b"1234"[..], &b"12"[..]));
    assert_eq!((output.dropped(Stream::Stdout), output.dropped(Stream::Stderr)), (5, 0));
}

#[test]
fn timeout_kills_and_keeps_the_output() {
    let start = Instant::now();
    let error = sh("echo early; exec sleep 600").timeout(Duration::from_millis(500)).output().unwrap_err();
    assert!(start.elapsed() >= Duration::from_millis(500) && start.elapsed() < PATIENCE);
    assert_eq!(error.code(), Code::TimedOut);
    let output = error.output().unwrap();
    assert_eq!((output.status.signal(), &*output.stdout), (Some(9), &b"early\n"[..]));
}

#[test]
fn timeout_holds_though_a_grandchild_has_the_pipe() {
    let mut command = sh("sleep 600 & echo early");
    command.timeout(Duration::from_millis(500)).new_group(true).kill_group_on_timeout(true);
    let error = command.output().unwrap_err();
    assert_eq!(error.code(), Code::TimedOut);
    let output = error.output().unwrap();
    assert!(output.pipes_held() && output.stdout == "early\n" && output.status.success());
}

#[test]
fn zero_is_a_limit_too() {
    assert_eq!(Command::new("sleep").arg("600").timeout(Duration::ZERO).run().unwrap_err().code(), Code::TimedOut);
}

#[test]
fn kill_grace_lets_the_child_say_goodbye() {
    // The shell waits in read, a builtin, so that the signal reaches it at once.
    let mut command = Command::shell("trap 'echo bye; exit 3' TERM; echo early; read x");
    let (_writer, reader) = UnixStream::pair().unwrap();
    command.stdin(OwnedFd::from(reader)).timeout(Duration::from_millis(500)).kill_grace(PATIENCE);
    let output = command.output().unwrap_err().into_output().unwrap();
    assert_eq!((output.status.code(), &*output.stdout), (Some(3), &b"early\nbye\n"[..]));
}

#[test]
fn drain_bounds_reading_after_the_end() {
    let start = Instant::now();
    let output = sh("sleep 600 & echo $!").drain(Duration::from_millis(50)).output().unwrap();
    assert!(start.elapsed() < PATIENCE && output.pipes_held());
    let pid = String::from_utf8(output.stdout.to_vec()).unwrap();
    Command::new("kill").arg(pid.trim()).check(true).run().unwrap();
}

#[test]
fn usage_and_stages_are_told() {
    let output = sh("i=0; while [ $i -lt 2000 ]; do i=$((i+1)); done; exit 2").run().unwrap();
    let usage = output.usage().unwrap();
    assert!(usage.wall > Duration::ZERO && usage.max_rss > 0 && usage.minor_faults > 0);
    assert!(usage.user + usage.system > Duration::ZERO);
    assert_eq!(output.stages(), [output.status]);
    assert!(!output.core_dumped());
}

#[test]
fn a_command_can_be_run_again_and_from_several_threads() {
    let command = sh("echo $$");
    let run = || command.check_output().unwrap().to_vec();
    let (first, second) = std::thread::scope(|scope| {
        let (first, second) = (scope.spawn(run), scope.spawn(run));
        (first.join().unwrap(), second.join().unwrap())
    });
    assert_ne!(first, second);
    assert_eq!(format!("{command:?}"), r#""sh" "-c" "echo $$""#);
}

#[test]
fn helpers_work_like_pythons_shlex() {
    assert_eq!(libsubprocess::quote(["a b", "", "$x"]).unwrap(), "'a b' '' '$x'");
    assert_eq!(libsubprocess::split("a 'b c' d\\ e").unwrap(), ["a", "b c", "d e"]);
    assert_eq!(libsubprocess::which_in("sh", "/nowhere:/bin").unwrap().to_str(), Some("/bin/sh"));
    assert_eq!(libsubprocess::which_in("sh", "/nowhere").unwrap_err().code(), Code::NotFound);
    assert_eq!(libsubprocess::version().0, 0);
    libsubprocess::release_caches();
}
