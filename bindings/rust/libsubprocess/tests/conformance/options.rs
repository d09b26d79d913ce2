// SPDX-License-Identifier: MIT
//! The options of a case as settings of a command or a pipeline.

use crate::case::{Case, Verdict};
use crate::json::Json;
use libsubprocess::{Command, Pipeline, Stdio, Stream};
use std::ops::ControlFlow;
use std::os::unix::io::AsRawFd;
use std::sync::{Arc, Mutex};

/// What `on_output` was given, by stream.
pub type Observed = Arc<Mutex<[Vec<u8>; 2]>>;

fn stdio(case: &Case, value: &Json) -> Verdict<Stdio> {
    if let Some(name) = value.get("stream_of") {
        let running = case.process(&case.text(name)?)?;
        let stream = running.stdout.lock().unwrap();
        let fd = stream.as_ref().ok_or("its standard output is no pipe")?.as_raw_fd();
        // SAFETY: the case keeps the stream.
        return Ok(unsafe { Stdio::borrow_raw(fd) });
    }
    if value.get("path").is_some() {
        let path = case.text_at(value, "path")?;
        return Ok(if value.get("append").is_some() { Stdio::append(path) } else { Stdio::path(path) });
    }
    match value.text() {
        Some("inherit") => Ok(Stdio::inherit()),
        Some("pipe") => Ok(Stdio::piped()),
        Some("devnull") => Ok(Stdio::null()),
        Some("stdout") => Ok(Stdio::to_stdout()),
        _ => Err(format!("{value:?} is no stream")),
    }
}

fn flag(value: &Json) -> Verdict<bool> {
    (*value == Json::Bool(true)).then_some(true).ok_or_else(|| format!("{value:?} is not true"))
}

/// A function that sets one option; false if it does not know it.
macro_rules! shared_options {
    ($function:ident, $target:ty) => {
        fn $function(case: &Case, target: &mut $target, name: &str, value: &Json) -> Verdict<bool> {
            match name {
                "check" => target.check(flag(value)?),
                "capture" => target.capture(flag(value)?),
                "keep_fds" => target.keep_fds(flag(value)?),
                "keep_signals" => target.keep_signals(flag(value)?),
                "keep_signal_mask" => target.keep_sigmask(flag(value)?),
                "new_group" => target.new_group(flag(value)?),
                "kill_on_free" => target.kill_on_drop(flag(value)?),
                "universal_newlines" => target.universal_newlines(flag(value)?),
                "stdin" => target.stdin(stdio(case, value)?),
                "stdout" => target.stdout(stdio(case, value)?),
                "stderr" => target.stderr(stdio(case, value)?),
                "cwd" => target.current_dir(case.text(value)?),
                "user" => target.user(case.text(value)?),
                "group" => target.group(case.text(value)?),
                "uid" => target.uid(case.number(value)?),
                "gid" => target.gid(case.number(value)?),
                "umask" => target.umask(case.number(value)?),
                "join_group" => target.process_group(case.number(value)?),
                "pipe_size" => target.pipe_size(case.number(value)?),
                "max_output" => target.max_output(case.number(value)?),
                "input" => target.input(case.data(value)?),
                "timeout_ms" => target.timeout(case.duration(value)?),
                "kill_grace_ms" => target.kill_grace(case.duration(value)?),
                "kill_group_on_timeout" => target.kill_group_on_timeout(flag(value)?),
                "drain_ms" => target.drain(case.duration(value)?),
                "death_signal" => target.death_signal(case.signal(value)?),
                "cancel" => target.cancel(&case.token(&case.text(value)?)?),
                "groups" => {
                    let groups = value.items().iter().map(|id| case.number(id)).collect::<Verdict<Vec<u32>>>()?;
                    target.groups(&groups)
                }
                "env" | "env_extend" => {
                    if name == "env" {
                        target.env_clear();
                    }
                    for (variable, value) in value.entries() {
                        match value {
                            Json::Null => target.env_remove(variable),
                            text => target.env(variable, case.text(text)?),
                        };
                    }
                    target
                }
                "pass_fds" => {
                    for fd in value.items() {
                        // SAFETY: the case keeps its files open.
                        unsafe { target.pass_raw_fd(case.number(fd)?) };
                    }
                    target
                }
                "fd_map" => {
                    for (child_fd, fd) in value.entries() {
                        let child_fd = child_fd.parse().map_err(|_| format!("{child_fd} is no number"))?;
                        // SAFETY: the case keeps its files open.
                        unsafe { target.fd_map_raw(child_fd, case.number(fd)?) };
                    }
                    target
                }
                _ => return Ok(false),
            };
            Ok(true)
        }
    };
}

shared_options!(set_on_command, Command);
shared_options!(set_on_pipeline, Pipeline);

fn observe<'a>(command: &'a mut Command, how: &str, observed: &Observed) -> Verdict<&'a mut Command> {
    let flow = match how {
        "collect" => ControlFlow::Continue(()),
        "stop" => ControlFlow::Break(()),
        other => return Err(format!("on_output cannot {other}")),
    };
    let observed = Arc::clone(observed);
    Ok(command.on_output(move |stream, data| {
        observed.lock().unwrap()[usize::from(stream == Stream::Stderr)].extend_from_slice(data);
        flow
    }))
}

/// The command that `argv` and `options` of a step, or of a stage, describe.
pub fn command(case: &Case, step: &Json, observed: &Observed) -> Verdict<Command> {
    let mut argv = case.texts(step.get("argv").ok_or("argv is missing")?)?.into_iter();
    let program = argv.next().ok_or("argv is empty")?;
    let options = step.get("options").unwrap_or(&Json::Null);
    let mut command = match options.get("shell") {
        Some(_) => Command::shell(program),
        None => Command::new(program),
    };
    command.args(argv);
    for (name, value) in options.entries() {
        if set_on_command(case, &mut command, name, value)? {
            continue;
        }
        match name.as_str() {
            "shell" if flag(value)? => &mut command, // done above
            "executable" => command.executable(case.text(value)?),
            "new_session" => command.new_session(flag(value)?),
            "controlling_tty" => command.controlling_tty(flag(value)?),
            "on_output" => observe(&mut command, &case.text(value)?, observed)?,
            _ => return Err(format!("no option is called {name}")),
        };
    }
    Ok(command)
}

pub fn pipeline(case: &Case, step: &Json, observed: &Observed) -> Verdict<Pipeline> {
    let mut pipeline = Pipeline::new();
    for stage in step.get("stages").ok_or("stages is missing")?.items() {
        pipeline.stage(&command(case, stage, observed)?);
    }
    for (name, value) in step.get("options").unwrap_or(&Json::Null).entries() {
        match name.as_str() {
            "pipefail" => pipeline.pipefail(flag(value)?),
            _ if set_on_pipeline(case, &mut pipeline, name, value)? => &mut pipeline,
            _ => return Err(format!("no option of a pipeline is called {name}")),
        };
    }
    Ok(pipeline)
}
