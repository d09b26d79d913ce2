// SPDX-License-Identifier: MIT
//! Children that run beside the host.

use libsubprocess::{CancelToken, Child, Code, Command, Stdio, Stream};
use std::fs::File;
use std::io::{self, BufRead, Read, Write};
use std::ops::ControlFlow;
use std::os::unix::io::{AsRawFd, OwnedFd};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);
const MOMENT: Duration = Duration::from_millis(50);

fn cat() -> Command {
    let mut command = Command::new("cat");
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    command
}

fn sleeper() -> Child {
    Command::new("sleep").arg("600").kill_on_drop(true).spawn().unwrap()
}

#[test]
fn wait_may_be_repeated_and_shared() {
    let child = Command::shell("exit 7").spawn().unwrap();
    thread::scope(|scope| {
        let wait = || assert_eq!(child.wait().unwrap().code(), Some(7));
        (0..4).for_each(|_| drop(scope.spawn(wait))); // the scope joins them
    });
    assert_eq!(child.wait().unwrap().code(), Some(7));
    assert_eq!(child.try_wait().unwrap().unwrap().code(), Some(7));
}

#[test]
fn wait_with_a_limit_can_go_on() {
    let mut child = cat().spawn().unwrap();
    let stdin = child.stdin.take().unwrap();
    let start = Instant::now();
    assert_eq!(child.wait_timeout(MOMENT).unwrap(), None);
    assert!(start.elapsed() >= MOMENT && start.elapsed() < PATIENCE);
    assert_eq!(child.wait_timeout(Duration::ZERO).unwrap(), None);
    assert_eq!(child.try_wait().unwrap(), None);
    drop(stdin);
    assert!(child.wait_timeout(PATIENCE).unwrap().unwrap().success());
}

#[test]
fn wait_closes_an_input_that_nobody_took() {
    assert!(cat().spawn().unwrap().wait().unwrap().success());
}

#[test]
fn communicate_goes_on_after_its_limit() {
    let input = vec![b'x'; 1 << 20];
    let mut gate = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    // The child reads its input only once there is a line on descriptor 3.
    let fd = OwnedFd::try_from(gate.stdout.take().unwrap()).unwrap();
    let child = Command::shell("echo first; read x <&3; cat").stdin(Stdio::piped()).capture(true).fd_map(3, fd).spawn();
    let child = child.unwrap();
    let error = child.communicate(Some(&input), Some(Duration::from_millis(500))).unwrap_err();
    assert_eq!(error.code(), Code::TimedOut);
    assert_eq!(error.output().unwrap().stdout, "first\n");
    assert!(error.output().unwrap().status.is_unknown());

    writeln!(gate.stdin.as_mut().unwrap(), "go").unwrap();
    let output = child.communicate(Some(&input), None).unwrap();
    assert_eq!(output.stdout.len(), "first\n".len() + input.len()); // not sent twice
    assert!(output.status.success());
    assert_eq!(child.communicate(None, None).unwrap().stdout, output.stdout);
    gate.wait().unwrap();
}

#[test]
fn lines_are_read_one_by_one_and_the_rest_by_communicate() {
    let mut child = Command::new("printf").arg("one\\ntwo\\nthree\\nfour").stdout(Stdio::piped()).spawn().unwrap();
    let stdout = child.stdout.as_mut().unwrap();
    let mut line = String::new();
    assert_eq!(stdout.read_line(&mut line).unwrap(), 4);
    let mut bytes = Vec::new();
    stdout.read_until(b'\n', &mut bytes).unwrap();
    assert_eq!((line.as_str(), bytes.as_slice()), ("one\n", &b"two\n"[..]));
    // What the library has read ahead is not lost.
    assert_eq!(child.communicate(None, None).unwrap().stdout, "three\nfour");
}

#[test]
fn streams_are_read_and_buf_read() {
    let mut child = Command::new("printf").arg("ab;cd;e\\nf\\n\\ng").stdout(Stdio::piped()).spawn().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let mut piece = Vec::new();
    assert_eq!(stdout.read_until(b';', &mut piece).unwrap(), 3);
    let mut two = [0; 2];
    stdout.read_exact(&mut two).unwrap(); // from what is ahead
    assert_eq!((piece.as_slice(), &two), (&b"ab;"[..], b"cd"));
    let lines = stdout.lines().collect::<io::Result<Vec<_>>>().unwrap();
    assert_eq!(lines, [";e", "f", "", "g"]);
    child.wait().unwrap();
}

#[test]
fn text_must_be_utf_8() {
    let mut child = Command::new("printf").arg("\\377\\n").stdout(Stdio::piped()).spawn().unwrap();
    let error = child.stdout.as_mut().unwrap().read_line(&mut String::new()).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidData);
}

#[test]
fn a_read_has_a_limit_and_loses_nothing() {
    let mut child = cat().spawn().unwrap();
    let (mut stdin, mut stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    stdout.set_timeout(Some(MOMENT));
    assert_eq!(stdout.timeout(), Some(MOMENT));
    let start = Instant::now();
    assert_eq!(stdout.read(&mut [0; 10]).unwrap_err().kind(), io::ErrorKind::TimedOut);
    assert!(start.elapsed() >= MOMENT);
    stdin.write_all(b"par").unwrap();
    let mut line = String::new();
    assert_eq!(stdout.read_line(&mut line).unwrap_err().kind(), io::ErrorKind::TimedOut);
    stdin.write_all(b"tial\n").unwrap();
    stdout.set_timeout(None);
    stdout.read_line(&mut line).unwrap();
    assert_eq!(line, "partial\n");
}

#[test]
fn a_write_has_a_limit() {
    let mut child = sleeper_with_input();
    let stdin = child.stdin.as_mut().unwrap();
    stdin.set_timeout(Some(MOMENT));
    let written = stdin.write(&vec![0; 1 << 20]).unwrap();
    assert!(written > 0 && written < 1 << 20);
    assert_eq!(stdin.write(b"more").unwrap_err().kind(), io::ErrorKind::TimedOut);
}

fn sleeper_with_input() -> Child {
    Command::new("sleep").arg("600").stdin(Stdio::piped()).kill_on_drop(true).spawn().unwrap()
}

#[test]
fn a_child_that_has_gone_breaks_the_pipe_without_a_signal() {
    let mut child = Command::new("true").stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    child.wait().unwrap();
    // A child that another test is just starting may hold the pipe for a moment.
    let error = loop {
        if let Err(error) = stdin.write(b"x") {
            break error;
        }
    };
    assert_eq!((error.kind(), error.raw_os_error()), (io::ErrorKind::BrokenPipe, Some(32)));
}

#[test]
fn stop_asks_first_and_then_kills() {
    let child = sleeper();
    assert_eq!(child.stop(Some(PATIENCE)).unwrap().signal(), Some(15));
    assert_eq!(child.stop(None).unwrap().signal(), Some(15));
    let mut stubborn = Command::shell("trap '' TERM; echo ready; while :; do read x || exec sleep 600; done");
    let mut child = stubborn.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdout.as_mut().unwrap().read_line(&mut String::new()).unwrap();
    assert_eq!(child.stop(Some(MOMENT)).unwrap().signal(), Some(9));
}

#[test]
fn finish_takes_what_communicate_could_not() {
    let mut command = Command::shell("trap 'echo bye; exit 3' TERM; echo early; read x");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    // Out of the child's hands: communicate() closes the input that it has.
    let stdin = OwnedFd::try_from(child.stdin.take().unwrap()).unwrap();
    while child.communicate(None, Some(MOMENT)).unwrap_err().output().unwrap().stdout.is_empty() {}
    let output = child.finish(PATIENCE, false).unwrap();
    assert_eq!((output.status.code(), &*output.stdout), (Some(3), &b"early\nbye\n"[..]));
    assert_eq!(child.finish(PATIENCE, true).unwrap_err().code(), Code::Invalid); // leads no group
    drop(stdin);
}

#[test]
fn signals_reach_the_child() {
    let child = sleeper();
    child.send_signal(0).unwrap();
    child.terminate().unwrap();
    assert_eq!(child.wait().unwrap().signal(), Some(15));
    child.kill().unwrap(); // has ended: no error
    let child = sleeper();
    child.kill().unwrap();
    assert_eq!(child.wait().unwrap().signal(), Some(9));
}

#[test]
fn a_group_is_signalled_with_the_grandchildren() {
    let mut child =
        Command::shell("sleep 600 & echo ready; wait").stdout(Stdio::piped()).new_group(true).spawn().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_line(&mut String::new()).unwrap();
    child.kill_group(9).unwrap();
    assert_eq!(stdout.read(&mut [0]).unwrap(), 0); // nobody has the pipe any more
    assert_eq!(child.wait().unwrap().signal(), Some(9));
}

#[test]
fn exit_descriptor_becomes_readable() {
    let child = cat().spawn().unwrap();
    let ready = |limit| poll_readable(child.exit_fd().unwrap().as_raw_fd(), limit);
    assert!(!ready(0));
    child.close_stream(Stream::Stdin).unwrap();
    assert!(ready(60_000));
    assert!(child.try_wait().unwrap().unwrap().success());
    assert!(child.exit_fd().is_some()); // open as long as the child lives
}

/// poll(2) of one descriptor.
fn poll_readable(fd: i32, limit_ms: i32) -> bool {
    #[repr(C)]
    struct PollFd {
        fd: i32,
        events: i16,
        revents: i16,
    }
    extern "C" {
        fn poll(fds: *mut PollFd, count: std::os::raw::c_ulong, limit_ms: i32) -> i32;
    }
    let mut fds = PollFd { fd, events: 1, revents: 0 };
    // SAFETY: one element.
    unsafe { poll(&mut fds, 1, limit_ms) == 1 }
}

#[test]
fn a_pipe_can_be_taken_out() {
    let mut child = Command::new("echo").arg("hello").stdout(Stdio::piped()).spawn().unwrap();
    let fd = OwnedFd::try_from(child.stdout.take().unwrap()).unwrap();
    child.wait().unwrap();
    let id = child.id();
    drop(child);
    let mut text = String::new();
    File::from(fd).read_to_string(&mut text).unwrap();
    assert_eq!(text, "hello\n");
    assert!(id > 1);
}

#[test]
fn a_stream_outlives_its_child() {
    let mut child = Command::new("echo").arg("hello").stdout(Stdio::piped()).spawn().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    drop(child);
    let mut text = String::new();
    stdout.read_to_string(&mut text).unwrap();
    assert_eq!(text, "hello\n");
}

/// Makes `call` block in a thread, ends it from outside, and tells how it failed.
fn blocked<T: Send>(call: impl FnOnce() -> T + Send, end: impl FnOnce()) -> T {
    thread::scope(|scope| {
        let thread = scope.spawn(call);
        thread::sleep(MOMENT); // no event tells that it blocks; the result is the same if it does not yet
        end();
        thread.join().unwrap()
    })
}

#[test]
fn close_wakes_whoever_is_blocked() {
    let child = sleeper();
    assert_eq!(blocked(|| child.wait().unwrap_err().code(), || child.close().unwrap()), Code::Closed);

    let child = Command::new("sleep").arg("600").stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
    let code = blocked(|| child.communicate(None, None).unwrap_err().code(), || child.close().unwrap());
    assert_eq!(code, Code::Closed);

    let mut child = cat().spawn().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let error = blocked(|| stdout.read(&mut [0]).unwrap_err(), || child.close().unwrap());
    assert_eq!((error.kind(), code_of(&error)), (io::ErrorKind::NotConnected, Code::Closed));

    let mut child = cat().spawn().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let error =
        blocked(|| stdout.read_line(&mut String::new()).unwrap_err(), || child.close_stream(Stream::Stdout).unwrap());
    assert_eq!(code_of(&error), Code::Closed);
    assert_eq!(child.try_wait().unwrap(), None);

    let mut child = sleeper_with_input();
    let mut stdin = child.stdin.take().unwrap();
    let error = blocked(|| stdin.write_all(&vec![0; 1 << 20]).unwrap_err(), || child.close().unwrap());
    assert_eq!(code_of(&error), Code::Closed);
}

/// The crate's own error inside of one of the standard library.
fn code_of(error: &io::Error) -> Code {
    error.get_ref().unwrap().downcast_ref::<libsubprocess::Error>().unwrap().code()
}

#[test]
fn use_after_close_is_an_error() {
    let mut child = cat().new_group(true).spawn().unwrap();
    child.close().unwrap();
    child.close().unwrap();
    assert_eq!(child.wait().unwrap_err().code(), Code::Closed);
    assert_eq!(child.wait_timeout(MOMENT).unwrap_err().code(), Code::Closed);
    assert_eq!(child.try_wait().unwrap_err().code(), Code::Closed);
    assert_eq!(child.communicate(None, None).unwrap_err().code(), Code::Closed);
    assert_eq!(child.stop(None).unwrap_err().code(), Code::Closed);
    assert_eq!(child.kill().unwrap_err().code(), Code::Closed);
    assert_eq!(child.kill_group(9).unwrap_err().code(), Code::Closed);
    assert_eq!(child.close_stream(Stream::Stdin).unwrap_err().code(), Code::Closed);
    assert!(child.exit_fd().is_none() && child.id() > 1);
    let stdout = child.stdout.as_mut().unwrap();
    assert_eq!(stdout.as_raw_fd(), -1);
    assert_eq!(code_of(&stdout.read(&mut [0]).unwrap_err()), Code::Closed);
    assert_eq!(OwnedFd::try_from(child.stdout.take().unwrap()).unwrap_err().code(), Code::Closed);
}

#[test]
fn a_closed_stream_is_refused() {
    let mut child = cat().spawn().unwrap();
    let stdin = child.stdin.as_mut().unwrap();
    stdin.close().unwrap();
    stdin.close().unwrap();
    assert_eq!(code_of(&stdin.write(b"x").unwrap_err()), Code::Closed);
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_second_reader_is_told_that_it_is() {
    let (is_inside, inside) = mpsc::channel();
    let (go_on, gone_on) = mpsc::channel();
    let mut command = Command::new("echo");
    // Called within communicate(), which it keeps from returning.
    command.arg("hello").stdout(Stdio::piped()).on_output(move |_, _| {
        is_inside.send(()).unwrap();
        let _ = gone_on.recv();
        ControlFlow::Continue(())
    });
    let mut child = command.spawn().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    thread::scope(|scope| {
        let go_on = go_on; // dropped, it lets the callback go too
        let first = scope.spawn(|| child.communicate(None, None).unwrap());
        inside.recv().unwrap();
        assert_eq!(child.communicate(None, None).unwrap_err().code(), Code::Busy);
        let error = stdout.read(&mut [0]).unwrap_err();
        assert_eq!((error.kind(), code_of(&error)), (io::ErrorKind::WouldBlock, Code::Busy));
        assert_eq!(code_of(&stdout.read_line(&mut String::new()).unwrap_err()), Code::Busy);
        assert!(child.wait_timeout(PATIENCE).unwrap().is_some()); // waiting is free to all
        go_on.send(()).unwrap();
        assert_eq!(first.join().unwrap().stdout, "hello\n");
    });
}

#[test]
fn a_cancel_token_ends_calls_and_they_can_go_on() {
    let token = CancelToken::new().unwrap();
    let child = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::piped()).cancel(&token).spawn().unwrap();
    let other = Command::new("sleep").arg("600").cancel(&token).spawn().unwrap();
    let error = blocked(|| other.wait().unwrap_err(), || token.clone().trigger());
    assert_eq!(error.code(), Code::Canceled);
    assert_eq!(child.communicate(Some(b"kept"), None).unwrap_err().code(), Code::Canceled);
    assert_eq!(other.stop(Some(Duration::ZERO)).unwrap().signal(), Some(9)); // works though the token is triggered
    token.reset();
    drop(token);
    assert_eq!(child.communicate(Some(b"kept"), None).unwrap().stdout, "kept");
}
