// SPDX-License-Identifier: MIT
//! What a child can be given besides arguments and streams.

use libsubprocess::{Code, Command, Stdio, Step, Stream};
use std::fs::File;
use std::io::{self, BufRead, Read};
use std::ops::ControlFlow;
use std::os::unix::io::{AsRawFd, IntoRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::process::id;
use std::sync::{Arc, Mutex};
use std::thread;

fn sh(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    command
}

fn text_of(command: &Command) -> String {
    String::from_utf8(command.check_output().unwrap().to_vec()).unwrap()
}

/// The fields of /proc/PID/stat after the name: state, parent, group, session, ...
fn stat_field(pid: &str, index: usize) -> String {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    stat.rsplit(')').next().unwrap().split_whitespace().nth(index).unwrap().to_owned()
}

#[test]
fn descriptors_are_passed_mapped_and_otherwise_closed() {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let number = theirs.as_raw_fd();
    let open = |fd: i32| format!("test -e /proc/self/fd/{fd}");
    assert!(!sh(&open(number)).status().unwrap().success());
    let copy = theirs.try_clone().unwrap();
    assert!(sh(&open(number)).pass_fd(theirs).status().unwrap().success());
    assert!(sh("echo mapped >&7").fd_map(7, copy).status().unwrap().success());
    let mut line = String::new();
    io::BufReader::new(ours).read_line(&mut line).unwrap();
    assert_eq!(line, "mapped\n");
}

#[test]
fn descriptors_can_be_named_by_number() {
    let file = File::open("/dev/null").unwrap();
    let fd = file.as_raw_fd();
    let script = format!("test -e /proc/self/fd/{fd} && test -e /proc/self/fd/33");
    // SAFETY: `file` is open until the end.
    let status = unsafe { sh(&script).pass_raw_fd(fd).fd_map_raw(33, fd).stdin(Stdio::borrow_raw(fd)).status() };
    assert!(status.unwrap().success());
}

#[test]
fn inheritable_descriptors_are_kept_when_asked() {
    // Without close-on-exec: the child's standard input is a copy that has lost the flag.
    let fd = OwnedFd::from(File::open("/proc/version").unwrap()).into_raw_fd();
    clear_close_on_exec(fd);
    let open = format!("test -e /proc/self/fd/{fd}");
    assert!(!sh(&open).status().unwrap().success());
    assert!(sh(&open).keep_fds(true).status().unwrap().success());
}

fn clear_close_on_exec(fd: i32) {
    extern "C" {
        fn fcntl(fd: i32, command: i32, ...) -> i32;
    }
    const F_SETFD: i32 = 2;
    // SAFETY: takes and returns numbers.
    assert_eq!(unsafe { fcntl(fd, F_SETFD, 0) }, 0);
}

#[test]
fn umask_is_set() {
    assert_eq!(text_of(sh("umask").umask(0o27)), "0027\n");
}

#[test]
fn groups_and_sessions_are_made_and_joined() {
    let script = "read pid name state parent group session rest </proc/$$/stat; echo $$ $group $session";
    let ids = |command: &Command| text_of(command).split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let ours = stat_field("self", 2);
    let session = stat_field("self", 3);
    let plain = ids(&sh(script));
    assert_eq!((&plain[1], &plain[2]), (&ours, &session));
    let own = ids(sh(script).new_group(true));
    assert_eq!((&own[1], &own[2]), (&own[0], &session));
    let own = ids(sh(script).process_group(0));
    assert_eq!(own[1], own[0]);
    let led = ids(sh(script).new_session(true));
    assert_eq!((&led[1], &led[2]), (&led[0], &led[0]));
    let leader = Command::new("cat").stdin(Stdio::piped()).new_group(true).spawn().unwrap();
    assert_eq!(ids(sh(script).process_group(leader.id() as i32))[1], leader.id().to_string());
}

#[test]
fn user_group_and_groups_are_set() {
    if text_of(Command::new("id").arg("-u")) != "0\n" {
        return; // only root may
    }
    let script = "id -u; id -g; id -G";
    assert_eq!(text_of(sh(script).uid(65534).gid(65533).groups(&[65531, 65532])), "65534\n65533\n65533 65531 65532\n");
    assert_eq!(text_of(sh("id -un; id -gn; id -G").user("nobody").group("daemon").groups(&[])), "nobody\ndaemon\n1\n");
}

#[test]
fn pipes_get_the_size_that_was_asked_for() {
    let mut child = Command::new("cat").stdin(Stdio::piped()).pipe_size(1 << 17).stdout(Stdio::null()).spawn().unwrap();
    extern "C" {
        fn fcntl(fd: i32, command: i32, ...) -> i32;
    }
    const F_GETPIPE_SZ: i32 = 1032;
    // SAFETY: takes and returns numbers.
    assert_eq!(unsafe { fcntl(child.stdin.as_ref().unwrap().as_raw_fd(), F_GETPIPE_SZ) }, 1 << 17);
    drop(child.stdin.take());
    child.wait().unwrap();
}

#[test]
fn ignored_signals_are_restored_unless_kept() {
    // The runtime of Rust ignores SIGPIPE.
    let script = "kill -PIPE $$; echo survived";
    assert_eq!(sh(script).output().unwrap().status.signal(), Some(13));
    assert_eq!(sh(script).keep_signals(true).output().unwrap().stdout, "survived\n");
}

#[test]
fn the_signal_mask_is_empty_unless_kept() {
    extern "C" {
        fn pthread_sigmask(how: i32, set: *const u64, old: *mut u64) -> i32;
    }
    let mut set = [0u64; 16]; // a sigset_t
    set[0] = 1 << 11; // SIGUSR2
    let mut blocked = Command::new("grep");
    blocked.args(["SigBlk", "/proc/self/status"]);
    thread::scope(|scope| {
        scope.spawn(|| {
            // SAFETY: blocks a signal in this thread alone.
            assert_eq!(unsafe { pthread_sigmask(0, set.as_ptr(), std::ptr::null_mut()) }, 0);
            assert!(text_of(&blocked).ends_with("\t0000000000000000\n"));
            assert!(text_of(blocked.keep_sigmask(true)).ends_with("\t0000000000000800\n"));
        });
    });
}

#[test]
fn death_signal_comes_when_the_starting_thread_ends() {
    let start = || Command::new("sleep").arg("600").death_signal(10).spawn().unwrap();
    let child = thread::spawn(start).join().unwrap();
    assert_eq!(child.wait().unwrap().signal(), Some(10));
}

#[test]
fn pre_exec_runs_in_the_child() {
    extern "C" {
        fn umask(mask: u32) -> u32;
    }
    let host = id();
    let mut command = sh("umask; echo $PPID");
    // SAFETY: one system call each.
    unsafe {
        command.pre_exec(|| {
            umask(0o75);
            Ok(())
        });
        command.pre_exec(move || if id() == host { Err(io::Error::from_raw_os_error(1)) } else { Ok(()) });
    }
    assert_eq!(text_of(&command), format!("0075\n{host}\n"));
    // SAFETY: does nothing.
    let error = unsafe { command.pre_exec(|| Err(io::Error::from_raw_os_error(95))) }.run().unwrap_err();
    assert_eq!((error.step(), error.errno()), (Step::PreExec, Some(95)));
}

#[test]
fn on_output_sees_what_is_captured() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let collect = Arc::clone(&seen);
    let mut command = sh("echo out; echo err >&2");
    command.capture(true).on_output(move |stream, data| {
        collect.lock().unwrap().push((stream, data.to_vec()));
        ControlFlow::Continue(())
    });
    let check = |output: libsubprocess::Output| {
        assert_eq!((&*output.stdout, &*output.stderr), (&b"out\n"[..], &b"err\n"[..]));
        let mut seen = std::mem::take(&mut *seen.lock().unwrap());
        seen.sort_by_key(|(stream, _)| *stream == Stream::Stderr);
        assert_eq!(seen, [(Stream::Stdout, b"out\n".to_vec()), (Stream::Stderr, b"err\n".to_vec())]);
    };
    check(command.run().unwrap());
    let child = command.spawn().unwrap();
    drop(command); // the child keeps the callback
    check(child.wait_with_output().unwrap());
}

#[test]
fn on_output_can_stop_the_call() {
    let mut command = sh("echo out; exec sleep 600");
    command.on_output(|_, _| ControlFlow::Break(()));
    let error = command.output().unwrap_err();
    assert_eq!((error.code(), &*error.output().unwrap().stdout), (Code::Canceled, &b"out\n"[..]));
    assert_eq!(error.output().unwrap().status.signal(), Some(9));
}

#[test]
fn a_panic_in_on_output_comes_out_of_the_call() {
    let panicking = |command: &mut Command| {
        command.on_output(|_, data| panic!("{}", String::from_utf8_lossy(data)));
    };
    let message = |called: thread::Result<()>| *called.unwrap_err().downcast::<String>().unwrap();

    let mut command = sh("echo $$; exec sleep 600");
    panicking(&mut command);
    let pid = message(catch_unwind(AssertUnwindSafe(|| drop(command.output()))));
    assert!(!std::path::Path::new(&format!("/proc/{}", pid.trim())).exists()); // killed and reaped

    let mut command = sh("echo out; cat");
    panicking(command.stdin(Stdio::piped()).stdout(Stdio::piped()));
    let child = command.spawn().unwrap();
    assert_eq!(message(catch_unwind(AssertUnwindSafe(|| drop(child.communicate(None, None))))), "out\n");
    assert_eq!(child.communicate(None, None).unwrap().stdout, "out\n"); // it can go on
}

#[test]
fn a_signal_can_end_a_blocking_call() {
    extern "C" {
        fn signal(number: i32, handler: extern "C" fn(i32)) -> usize;
        fn pthread_self() -> usize;
        fn pthread_kill(thread: usize, number: i32) -> i32;
    }
    extern "C" fn ignore(_: i32) {}
    const SIGUSR2: i32 = 12;
    // SAFETY: a handler that does nothing.
    unsafe { signal(SIGUSR2, ignore) };
    let mut child = sh("read x").stdin(Stdio::piped()).return_on_signal(true).spawn().unwrap();
    let stdin = child.stdin.take();
    thread::scope(|scope| {
        let (sender, receiver) = std::sync::mpsc::channel();
        let child = &child;
        let waiter = scope.spawn(move || {
            // SAFETY: no arguments.
            sender.send(unsafe { pthread_self() }).unwrap();
            child.wait().unwrap_err().code()
        });
        let thread = receiver.recv().unwrap();
        while !waiter.is_finished() {
            // SAFETY: not joined yet.
            unsafe { pthread_kill(thread, SIGUSR2) };
            thread::yield_now();
        }
        assert_eq!(waiter.join().unwrap(), Code::Interrupted);
    });
    drop(stdin);
    child.wait().unwrap(); // repeated, it goes on
}

#[test]
fn dropping_does_not_kill_unless_asked() {
    let (mut ours, theirs) = UnixStream::pair().unwrap();
    // The child holds our peer open until it has ended.
    let start = |kill| sh("exec sleep 600").fd_map(9, theirs.try_clone().unwrap()).kill_on_drop(kill).spawn().unwrap();
    let forgotten = start(false);
    let (id, killed) = (forgotten.id(), start(true));
    drop(forgotten);
    assert!(std::path::Path::new(&format!("/proc/{id}")).exists());
    let mut command = Command::new("cat");
    let mut with_stream = command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
    let mut stdout = with_stream.stdout.take().unwrap();
    let stdin = with_stream.stdin.take().unwrap();
    drop(with_stream);
    assert_eq!(stdout.read(&mut [0]).unwrap(), 0); // killed, though its streams live on
    drop((killed, stdin));
    Command::new("kill").arg(id.to_string()).check(true).run().unwrap();
    drop(theirs);
    assert_eq!(ours.read(&mut [0]).unwrap(), 0); // both sleepers are gone
}
