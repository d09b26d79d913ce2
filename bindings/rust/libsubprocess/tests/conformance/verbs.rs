// SPDX-License-Identifier: MIT
//! What the steps do.

use crate::case::{Case, Failure, Running, Thing, Value, Verdict};
use crate::json::Json;
use crate::options::{command, pipeline, Observed};
use crate::run_steps;
use libsubprocess::{CancelToken, ExitStatus, Output, Stream};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{BufRead, Write};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::io::AsRawFd;
use std::sync::Arc;
use std::thread;

/// What a step came to.
pub struct Done {
    pub failure: Option<Box<Failure>>,
    pub output: Option<Output>,
    pub value: Value,
    pub observed: Observed,
}

/// What a call of the crate gave; the outer result is about the case itself.
type Called<T> = Verdict<Result<T, Box<Failure>>>;

/// Makes a call of the crate, with its error as a failure.
fn made<T, E: Into<Failure>>(result: Result<T, E>) -> Called<T> {
    Ok(result.map_err(|error| Box::new(error.into())))
}

fn returncode(status: ExitStatus) -> Value {
    Value::Number(status.returncode().map_or(i64::MIN, i64::from))
}

pub fn perform(case: &Arc<Case>, step: &Json) -> Verdict<Done> {
    let observed = Observed::default();
    let mut output = None;
    let called = match case.text_at(step, "do")?.as_str() {
        "run" => made(command(case, step, &observed)?.run().map(|ran| output = Some(ran)))?.map(|()| Value::Nothing),
        "communicate" => communicate(case, step)?.map(|ran| {
            output = Some(ran);
            Value::Nothing
        }),
        "check_output" => {
            made(command(case, step, &observed)?.check_output())?.map(|bytes| Value::Data(bytes.to_vec()))
        }
        "popen" | "pipeline" => start(case, step, &observed)?,
        "wait" | "poll" | "stop" | "send_signal" | "terminate" | "kill" | "kill_group" => control(case, step)?,
        "read" | "read_line" | "read_all" | "write" | "close_stream" | "close" => stream(case, step)?,
        "quote" | "split" | "which" => words(case, step)?,
        _ => Ok(other(case, step)?),
    };
    let (value, failure) = match called {
        Ok(value) => (value, None),
        Err(failure) => (Value::Nothing, Some(failure)),
    };
    Ok(Done { failure, output, value, observed })
}

fn running(case: &Case, step: &Json) -> Verdict<Arc<Running>> {
    case.process(&case.text_at(step, "of")?)
}

fn start(case: &Case, step: &Json, observed: &Observed) -> Called<Value> {
    let started = match step.get("stages") {
        Some(_) => pipeline(case, step, observed)?.spawn(),
        None => command(case, step, observed)?.spawn(),
    };
    let child = match started {
        Ok(child) => child,
        failed => return made(failed.map(|_| Value::Nothing)),
    };
    case.add(step, Thing::Process(Running::new(child)))?;
    Ok(Ok(Value::Nothing))
}

fn communicate(case: &Case, step: &Json) -> Called<Output> {
    let input = step.get("input").map(|value| case.data(value)).transpose()?;
    made(running(case, step)?.child.communicate(input.as_deref(), case.limit(step)?))
}

/// The calls that a stage has too.
macro_rules! wait_or_signal {
    ($target:expr, $case:expr, $step:expr) => {
        match $case.text_at($step, "do")?.as_str() {
            "wait" => match $case.limit($step)? {
                None => made($target.wait().map(returncode)),
                Some(limit) => match $target.wait_timeout(limit) {
                    Ok(None) => Ok(Err(Box::new(Failure::new("SP_ETIMEDOUT", "wait", "None")))),
                    waited => made(waited.map(|status| status.map_or(Value::Null, returncode))),
                },
            },
            "poll" => made($target.try_wait().map(|status| status.map_or(Value::Null, returncode))),
            "stop" => {
                let grace = $case.duration($step.get("grace_ms").ok_or("grace_ms is missing")?)?;
                made($target.stop(Some(grace)).map(returncode))
            }
            "terminate" => made($target.terminate().map(|()| Value::Nothing)),
            "kill" => made($target.kill().map(|()| Value::Nothing)),
            _ => made($target.send_signal(own_signal($case, $step)?).map(|()| Value::Nothing)),
        }
    };
}

fn own_signal(case: &Case, step: &Json) -> Verdict<i32> {
    case.signal(step.get("signal").ok_or("signal is missing")?)
}

fn control(case: &Case, step: &Json) -> Called<Value> {
    let running = running(case, step)?;
    if step.get("do") == Some(&Json::Text("kill_group".into())) {
        return made(running.child.kill_group(own_signal(case, step)?).map(|()| Value::Nothing));
    }
    match step.get("stage") {
        Some(index) => {
            let stage = running.child.stage(case.number(index)?).ok_or("there is no such stage")?;
            wait_or_signal!(stage, case, step)
        }
        None => wait_or_signal!(running.child, case, step),
    }
}

/// Reading and writing need a stream; that of a child that has no such pipe is `None`.
fn no_pipe() -> Box<Failure> {
    Box::new(Failure::new("SP_EINVAL", "call", "None: not a pipe"))
}

fn stream(case: &Case, step: &Json) -> Called<Value> {
    let running = running(case, step)?;
    match case.text_at(step, "do")?.as_str() {
        "close" => made(running.child.close().map(|()| Value::Nothing)),
        "close_stream" => made(running.child.close_stream(case.stream(step)?).map(|()| Value::Nothing)),
        "write" => {
            let data = case.data(step.get("data").ok_or("data is missing")?)?;
            match &mut *running.stdin.lock().unwrap() {
                Some(stdin) => {
                    stdin.set_timeout(case.limit(step)?);
                    made(stdin.write(&data).map(|count| Value::Number(count as i64)))
                }
                None => Ok(Err(no_pipe())),
            }
        }
        _ if case.stream(step)? == Stream::Stderr => match &mut *running.stderr.lock().unwrap() {
            Some(stderr) => {
                stderr.set_timeout(case.limit(step)?);
                read(case, step, stderr)
            }
            None => Ok(Err(no_pipe())),
        },
        _ => match &mut *running.stdout.lock().unwrap() {
            Some(stdout) => {
                stdout.set_timeout(case.limit(step)?);
                read(case, step, stdout)
            }
            None => Ok(Err(no_pipe())),
        },
    }
}

fn read(case: &Case, step: &Json, stream: &mut impl BufRead) -> Called<Value> {
    let size = step.get("size").map_or(Ok(0), |size| case.number(size))?;
    let mut piece = vec![0; size];
    let mut data = Vec::new();
    let read = match case.text_at(step, "do")?.as_str() {
        "read" => stream.read(&mut piece).map(|count| data.extend_from_slice(&piece[..count])),
        "read_line" => stream.read_until(b'\n', &mut data).map(drop),
        _ => stream.read_to_end(&mut data).map(drop),
    };
    made(read.map(|()| Value::Data(data)))
}

fn words(case: &Case, step: &Json) -> Called<Value> {
    let bytes = OsString::into_vec;
    match case.text_at(step, "do")?.as_str() {
        "quote" => {
            let argv = case.texts(step.get("argv").ok_or("argv is missing")?)?;
            made(libsubprocess::quote(argv).map(|line| Value::Data(bytes(line))))
        }
        "split" => {
            let line = case.text_at(step, "line")?;
            made(libsubprocess::split(line).map(|words| Value::List(words.into_iter().map(bytes).collect())))
        }
        _ => {
            let found = libsubprocess::which_in(case.text_at(step, "name")?, case.text_at(step, "path")?);
            made(found.map(|path| Value::Data(bytes(path.into_os_string()))))
        }
    }
}

/// The verbs that make no call of the crate which could fail.
fn other(case: &Arc<Case>, step: &Json) -> Verdict<Value> {
    let io = |error: std::io::Error| error.to_string();
    let token = || case.token(&case.text_at(step, "of")?);
    match case.text_at(step, "do")?.as_str() {
        "token" => case.add(step, Thing::Token(CancelToken::new().map_err(|error| error.to_string())?))?,
        "trigger" => token()?.trigger(),
        "reset" => token()?.reset(),
        "thread" => {
            let (case_of_thread, steps) = (Arc::clone(case), step.get("steps").cloned().ok_or("steps is missing")?);
            case.add(step, Thing::Thread(thread::spawn(move || run_steps(&case_of_thread, &steps))))?;
        }
        "join" => {
            let thread = case.take_thread(&case.text_at(step, "of")?)?;
            thread.join().map_err(|_| "the thread panicked")?.map_err(|why| format!("in the thread: {why}"))?;
        }
        "pause" => thread::sleep(case.duration(step.get("ms").ok_or("ms is missing")?)?),
        "write_file" => {
            let path = case.text_at(step, "path")?;
            fs::write(&path, case.data(step.get("data").ok_or("data is missing")?)?).map_err(io)?;
            if step.get("mode").is_some() {
                let mode = u32::from_str_radix(&case.text_at(step, "mode")?, 8).map_err(|error| error.to_string())?;
                fs::set_permissions(&path, fs::Permissions::from_mode(mode)).map_err(io)?;
            }
        }
        "read_file" => return Ok(Value::Data(fs::read(case.text_at(step, "path")?).map_err(io)?)),
        "open_file" => {
            let file = File::open(case.text_at(step, "path")?).map_err(io)?;
            if step.get("inheritable").is_some() {
                make_inheritable(&file);
            }
            case.add(step, Thing::File(file))?;
        }
        unknown => return Err(format!("no verb is called {unknown}")),
    }
    Ok(Value::Nothing)
}

fn make_inheritable(file: &File) {
    extern "C" {
        fn fcntl(fd: i32, command: i32, ...) -> i32;
    }
    const F_SETFD: i32 = 2;
    // SAFETY: takes and returns numbers.
    assert_eq!(unsafe { fcntl(file.as_raw_fd(), F_SETFD, 0) }, 0);
}
