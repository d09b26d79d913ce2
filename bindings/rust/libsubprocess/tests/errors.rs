// SPDX-License-Identifier: MIT
//! Bad input: each gives an error with a sentence, and nothing is started.

use libsubprocess::{CancelToken, Code, Command, Pipeline, Result, Stdio, Step};
use std::fmt::Debug;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::time::Duration;

fn yes() -> Command {
    Command::new("true")
}

/// What the call that was refused says.
fn sentence<T: Debug>(called: Result<T>) -> String {
    let error = called.unwrap_err();
    assert_eq!((error.code(), error.step()), (Code::Invalid, Step::Call), "{error}");
    error.to_string()
}

#[test]
fn a_nul_byte_is_named() {
    assert_eq!(sentence(Command::new("a\0b").run()), "argv[0] contains a NUL byte");
    assert_eq!(sentence(yes().args(["a", "b\0"]).spawn()), "argv[2] contains a NUL byte");
    assert_eq!(sentence(yes().current_dir("a\0").run()), "cwd contains a NUL byte");
    assert_eq!(sentence(yes().executable("a\0").run()), "executable contains a NUL byte");
    assert_eq!(sentence(yes().env("A", "x\0y").run()), "env 'A' contains a NUL byte");
    assert_eq!(sentence(yes().env("A\0", "x").run()), "env 'A\\0' contains a NUL byte");
    assert_eq!(sentence(yes().stdout(Stdio::path("a\0")).run()), "std_out.path contains a NUL byte");
    assert_eq!(sentence(yes().user("a\0").run()), "user contains a NUL byte");
    assert_eq!(sentence(yes().group("a\0").run()), "group contains a NUL byte");
    assert_eq!(sentence(libsubprocess::quote(["a", "\0"])), "argv[1] contains a NUL byte");
    assert_eq!(sentence(libsubprocess::split("\0")), "line contains a NUL byte");
    assert_eq!(sentence(libsubprocess::which("\0")), "name contains a NUL byte");
    let mut pipeline = Pipeline::new();
    assert_eq!(sentence(pipeline.stage(yes().arg("\0")).spawn()), "argv[1] contains a NUL byte");
    assert_eq!(sentence(Pipeline::new().stage(&yes()).current_dir("\0").spawn()), "cwd contains a NUL byte");
}

#[test]
fn the_first_fault_is_told() {
    assert_eq!(sentence(yes().arg("\0").current_dir("\0").run()), "argv[1] contains a NUL byte");
}

#[test]
fn names_of_variables_are_checked() {
    let expected = "the name of an environment variable is empty or contains '='";
    assert_eq!(sentence(yes().env("", "x").run()), expected);
    assert_eq!(sentence(yes().env("A=B", "x").run()), expected);
    assert_eq!(sentence(yes().env_remove("A=B").run()), expected);
}

#[test]
fn conflicts_and_ranges_are_told_by_the_library() {
    assert_eq!(sentence(yes().input("x").stdin(Stdio::null()).run()), "std_in must be unset with input");
    let capture = yes().capture(true).stdout(Stdio::null()).run();
    assert_eq!(sentence(capture), "std_out and std_err must be unset with SP_CAPTURE");
    assert_eq!(sentence(yes().stdout(Stdio::to_stdout()).run()), "std_out.kind: SP_STDOUT is for std_err only");
    assert_eq!(
        sentence(yes().stdin(Stdio::append("f")).run()),
        "std_in.flags: SP_APPEND is for an SP_FILE that is written"
    );
    assert_eq!(sentence(yes().stdin(Stdio::path("")).run()), "std_in.path is missing for SP_FILE");
    assert_eq!(sentence(yes().umask(0o1000).run()), "umask 01000 is more than 0777");
    assert_eq!(sentence(yes().death_signal(65).run()), "death_signal 65 is not a signal");
    assert_eq!(sentence(yes().pipe_size(-1).run()), "pipe_size is negative");
    assert_eq!(sentence(yes().process_group(-5).run()), "process_group -5 is not a group number");
    assert_eq!(sentence(yes().uid(u32::MAX).run()), "uid 4294967295 is not a user");
    assert_eq!(sentence(yes().groups(&[u32::MAX]).run()), "groups[0] 4294967295 is not a group");
    assert_eq!(sentence(yes().user("nobody").uid(1).run()), "user and uid (SP_SET_UID) are both set");
    assert_eq!(sentence(yes().current_dir("").run()), "cwd is empty");
    assert_eq!(sentence(yes().executable("").run()), "executable is empty");
    assert_eq!(sentence(yes().controlling_tty(true).run()), "flags: SP_CONTROLLING_TTY needs SP_NEW_SESSION");
    let groups = yes().new_group(true).process_group(1).run();
    assert_eq!(sentence(groups), "flags: SP_JOIN_GROUP conflicts with SP_NEW_GROUP and SP_NEW_SESSION");
    assert_eq!(sentence(yes().timeout(Duration::MAX).run()), "timeout_ms is larger than SP_TIMEOUT_MAX");
    assert_eq!(sentence(yes().kill_grace(Duration::MAX).run()), "kill_grace_ms is larger than SP_TIMEOUT_MAX");
    assert_eq!(sentence(yes().drain(Duration::MAX).run()), "drain_ms is larger than SP_TIMEOUT_MAX");
}

#[test]
fn descriptors_must_be_open() {
    const CLOSED: i32 = 900_000;
    // SAFETY: a number that nobody has.
    let (stdio, passed, mapped) = unsafe {
        let stdio = yes().stdin(Stdio::borrow_raw(CLOSED)).run();
        (stdio, yes().pass_raw_fd(CLOSED).run(), yes().fd_map_raw(7, CLOSED).run())
    };
    assert_eq!(sentence(stdio), "std_in.handle 900000 is not an open descriptor");
    assert_eq!(sentence(passed), "pass_fds[0] 900000 is not an open descriptor");
    assert_eq!(sentence(mapped), "fd_map[0].host_fd 900000 is not an open descriptor");
    let mut child = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let stdout = child.stdout.take().unwrap();
    stdout.close().unwrap();
    assert_eq!(sentence(yes().stdin(stdout).run()), "std_in.handle -1 is not an open descriptor");
    let stdin = child.stdin.take().unwrap();
    assert!(sentence(yes().fd_map(1, std::os::unix::io::OwnedFd::try_from(stdin).unwrap()).run())
        .starts_with("fd_map[0].child_fd is 1: 0 to 2 are"));
}

#[test]
fn what_belongs_to_run_is_refused_by_spawn() {
    assert_eq!(sentence(yes().input("x").spawn()), "input is for sp_run: pass it to sp_communicate");
    let timeout = yes().timeout(Duration::from_secs(1)).spawn();
    assert_eq!(sentence(timeout), "timeout_ms is for sp_run: pass it to sp_wait or sp_communicate");
    assert_eq!(
        sentence(yes().kill_grace(Duration::from_secs(1)).spawn()),
        "kill_grace_ms is for sp_run: pass it to sp_stop"
    );
}

#[test]
fn calls_on_a_child_check_their_arguments() {
    let child = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    assert_eq!(sentence(child.send_signal(65)), "sig 65 is not a signal");
    assert_eq!(sentence(child.send_signal(-1)), "sig -1 is not a signal");
    assert!(sentence(child.kill_group(9)).starts_with("process leads no group"));
    assert_eq!(child.close_stream(libsubprocess::Stream::Stdout).unwrap_err().code(), Code::Invalid);
    assert_eq!(sentence(child.wait_timeout(Duration::MAX)), "timeout_ms is larger than SP_TIMEOUT_MAX");
    assert!(child.stdout.is_none() && child.stderr.is_none() && child.stage(1).is_none());
    let no_pipe = Command::new("true").spawn().unwrap();
    assert_eq!(
        sentence(no_pipe.communicate(Some(b"x"), None)),
        "input needs a child that was started with std_in = SP_PIPE"
    );
}

#[test]
fn empty_programs_and_pipelines_are_refused() {
    assert_eq!(sentence(Command::new("").run()), "argv[0], the program, is empty");
    assert_eq!(sentence(Pipeline::new().spawn()), "n is 0: a pipeline has at least one command");
    assert_eq!(sentence(libsubprocess::which("")), "name is NULL or empty");
    assert_eq!(sentence(libsubprocess::split("'half")), "line has an unfinished quotation or escape");
}

#[test]
fn a_failed_start_tells_step_path_and_errno() {
    let error = Command::new("/no/such/program").run().unwrap_err();
    assert_eq!((error.code(), error.step(), error.errno()), (Code::NotFound, Step::Exec, Some(2)));
    assert_eq!(error.path(), Some("/no/such/program".as_ref()));
    assert_eq!(error.message(), "cannot start '/no/such/program': no such file");
    assert!(error.output().is_none());

    let error = Command::new("/etc/passwd").spawn().unwrap_err();
    assert_eq!((error.code(), error.step(), error.errno()), (Code::Access, Step::Exec, Some(13)));

    let error = yes().stdin(Stdio::path("/no/such/file")).run().unwrap_err();
    assert_eq!((error.code(), error.step()), (Code::NotFound, Step::Stdio));

    let error = yes().user("no-such-user").run().unwrap_err();
    assert_eq!((error.code(), error.step(), error.errno()), (Code::NotFound, Step::Uid, None));
}

#[test]
fn paths_need_not_be_text() {
    let strange = std::ffi::OsStr::from_bytes(b"/no/\xff");
    assert_eq!(Command::new(strange).run().unwrap_err().path(), Some(strange));
}

#[test]
fn errors_convert_to_those_of_the_standard_library() {
    let error: io::Error = Command::new("/no/such/program").run().unwrap_err().into();
    assert_eq!((error.kind(), error.raw_os_error()), (io::ErrorKind::NotFound, Some(2)));
    let error: io::Error = Command::new("/etc/passwd").run().unwrap_err().into();
    assert_eq!((error.kind(), error.raw_os_error()), (io::ErrorKind::PermissionDenied, Some(13)));

    let error: io::Error = yes().arg("\0").run().unwrap_err().into();
    assert_eq!((error.kind(), error.raw_os_error()), (io::ErrorKind::InvalidInput, None));
    assert_eq!(error.to_string(), "argv[1] contains a NUL byte");
    assert!(error.get_ref().unwrap().is::<libsubprocess::Error>());
    let limit = Command::new("sleep").arg("600").timeout(Duration::from_millis(1)).run();
    assert_eq!(io::Error::from(limit.unwrap_err()).kind(), io::ErrorKind::TimedOut);
    let token = CancelToken::new().unwrap();
    token.trigger();
    let canceled = Command::new("sleep").arg("600").cancel(&token).run();
    assert_eq!(io::Error::from(canceled.unwrap_err()).kind(), io::ErrorKind::Other);
}

#[test]
fn codes_and_steps_have_the_names_of_the_c_api() {
    assert_eq!((Code::TimedOut.name(), Code::TimedOut.as_raw()), ("SP_ETIMEDOUT", -6));
    assert_eq!((Step::Chdir.to_string(), Step::Chdir.as_raw()), ("chdir".to_owned(), 6));
    let debug = format!("{:?}", yes().arg("\0").run().unwrap_err());
    assert!(debug.starts_with("Error { code: Invalid, step: Call, errno: None"), "{debug}");
}
