// SPDX-License-Identifier: MIT
//! Whether a step came to what was expected.

use crate::case::{Case, Failure, Value, Verdict};
use crate::json::Json;
use crate::verbs::Done;
use libsubprocess::{Bytes, ExitStatus, Output, Stream};
use std::fmt::Debug;
use std::time::Duration;

const ERRNOS: [(&str, i32); 5] = [("EPERM", 1), ("ENOENT", 2), ("EACCES", 13), ("EINVAL", 22), ("EPIPE", 32)];

fn same<T: PartialEq + Debug>(what: &str, expected: T, seen: T) -> Verdict<()> {
    (expected == seen).then_some(()).ok_or_else(|| format!("{what}: expected {expected:?}, got {seen:?}"))
}

/// The same for bytes, of which only the first are shown.
fn same_bytes(what: &str, expected: &[u8], seen: &[u8]) -> Verdict<()> {
    let shown = |data: &[u8]| format!("{} bytes '{}'", data.len(), data[..data.len().min(60)].escape_ascii());
    (expected == seen).then_some(()).ok_or_else(|| format!("{what}: expected {}, got {}", shown(expected), shown(seen)))
}

pub fn check(case: &Case, step: &Json, done: &Done, elapsed: Duration) -> Verdict<()> {
    let expected = step.get("expect").unwrap_or(&Json::Null);
    match (&done.failure, expected.get("error")) {
        (Some(failure), None) => return Err(format!("{} at {}: {}", failure.code, failure.step, failure.message)),
        (None, Some(_)) => return Err("it did not fail".to_owned()),
        _ => (),
    }
    expected.entries().iter().try_for_each(|(key, value)| check_one(case, key, value, done, elapsed))
}

fn check_one(case: &Case, key: &str, expected: &Json, done: &Done, elapsed: Duration) -> Verdict<()> {
    let carried = done.failure.as_ref().and_then(|failure| failure.output.as_ref());
    let output = || done.output.as_ref().or(carried).ok_or_else(|| "there is no output".to_owned());
    match key {
        "error" => check_error(case, expected, done.failure.as_ref().ok_or("it did not fail")?),
        "returncode" => check_returncode(case, key, expected, output()?.status),
        "stdout" => check_stream(case, key, expected, &output()?.stdout),
        "stderr" => check_stream(case, key, expected, &output()?.stderr),
        "stages" => {
            let stages = output()?.stages();
            same(key, expected.items().len(), stages.len())?;
            let both = expected.items().iter().zip(stages);
            both.into_iter().try_for_each(|(expected, status)| check_returncode(case, key, expected, status))
        }
        "dropped" => check_dropped(case, expected, output()?),
        "observed" => expected.entries().iter().try_for_each(|(stream, data)| {
            let seen = done.observed.lock().unwrap();
            same_bytes(key, &case.data(data)?, &seen[usize::from(stream == "stderr")])
        }),
        "pipes_held" => same(key, expected, &Json::Bool(output()?.pipes_held())),
        "usage" => {
            let usage = output()?.usage().ok_or("usage is not told")?;
            same(key, true, usage.wall > Duration::ZERO && usage.max_rss > 0)
        }
        "value" => check_value(case, expected, &done.value),
        "at_least_ms" if elapsed < case.duration(expected)? => Err(format!("it took only {elapsed:?}")),
        "at_most_ms" if elapsed > case.duration(expected)? => Err(format!("it took {elapsed:?}")),
        "at_least_ms" | "at_most_ms" => Ok(()),
        unknown => Err(format!("no expectation is called {unknown}")),
    }
}

fn check_returncode(case: &Case, what: &str, expected: &Json, status: ExitStatus) -> Verdict<()> {
    same(what, Some(case.number(expected)?), status.returncode())
}

fn check_stream(case: &Case, what: &str, expected: &Json, seen: &Bytes) -> Verdict<()> {
    same(&format!("{what} is captured"), *expected != Json::Null, seen.is_captured())?;
    match expected {
        Json::Null => Ok(()),
        data => same_bytes(what, &case.data(data)?, seen),
    }
}

fn check_dropped(case: &Case, expected: &Json, output: &Output) -> Verdict<()> {
    let of = |stream: &str| if stream == "stderr" { Stream::Stderr } else { Stream::Stdout };
    expected.entries().iter().try_for_each(|(name, count)| same(name, case.number(count)?, output.dropped(of(name))))
}

fn check_value(case: &Case, expected: &Json, seen: &Value) -> Verdict<()> {
    match (expected, seen) {
        (Json::Null, Value::Null) => Ok(()),
        (Json::Number(expected), Value::Number(seen)) => same("value", expected, seen),
        (Json::List(expected), Value::List(seen)) => {
            same("length of the value", expected.len(), seen.len())?;
            expected.iter().zip(seen).try_for_each(|(one, other)| same_bytes("value", &case.data(one)?, other))
        }
        (Json::Text(_) | Json::Object(_), Value::Data(seen)) => same_bytes("value", &case.data(expected)?, seen),
        _ => Err(format!("value: expected {expected:?}, got another kind")),
    }
}

fn check_error(case: &Case, expected: &Json, seen: &Failure) -> Verdict<()> {
    for (key, value) in expected.entries() {
        match key.as_str() {
            "code" => same(key, case.text(value)?, seen.code.clone())?,
            "step" => same(key, case.text(value)?, seen.step.clone())?,
            "path" => same(key, case.text(value)?, seen.path.clone())?,
            "stage" => same(key, case.number(value)?, seen.stage)?,
            "errno" => {
                let name = case.text(value)?;
                let known = ERRNOS.iter().find(|(known, _)| *known == name);
                same(key, known.ok_or_else(|| format!("no errno is called {name}"))?.1, seen.errno)?;
            }
            "message_has" => {
                let part = case.text(value)?;
                same(&format!("{part:?} in {:?}", seen.message), true, seen.message.contains(&part))?;
            }
            unknown => return Err(format!("an error has no {unknown}")),
        }
    }
    Ok(())
}
