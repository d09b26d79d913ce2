// SPDX-License-Identifier: MIT
//! One case while it runs: what its steps have made, and the values of its steps.

use crate::json::Json;
use libsubprocess::{CancelToken, Child, ChildStderr, ChildStdin, ChildStdout, Output, Stream};
use std::collections::HashMap;
use std::fs::{self, File};
use std::os::unix::io::AsRawFd;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// Why a case fails, or cannot be run at all.
pub type Verdict<T> = Result<T, String>;

/// A child with its streams, each for one thread at a time.
pub struct Running {
    pub child: Child,
    pub stdin: Mutex<Option<ChildStdin>>,
    pub stdout: Mutex<Option<ChildStdout>>,
    pub stderr: Mutex<Option<ChildStderr>>,
}

impl Running {
    pub fn new(mut child: Child) -> Arc<Running> {
        let stdin = Mutex::new(child.stdin.take());
        let stdout = Mutex::new(child.stdout.take());
        let stderr = Mutex::new(child.stderr.take());
        Arc::new(Running { child, stdin, stdout, stderr })
    }
}

/// What a step has made.
pub enum Thing {
    Process(Arc<Running>),
    Token(CancelToken),
    File(File),
    Thread(JoinHandle<Verdict<()>>),
}

/// What a step gives.
pub enum Value {
    Nothing,
    Null,
    Number(i64),
    Data(Vec<u8>),
    List(Vec<Vec<u8>>),
}

/// How a call failed, in the terms of the C API.
#[derive(Default)]
pub struct Failure {
    pub code: String,
    pub step: String,
    pub errno: i32,
    pub stage: usize,
    pub path: String,
    pub message: String,
    pub output: Option<Output>,
}

impl Failure {
    pub fn new(code: &str, step: &str, message: &str) -> Failure {
        Failure { code: code.into(), step: step.into(), message: message.into(), ..Failure::default() }
    }
}

impl From<libsubprocess::Error> for Failure {
    fn from(error: libsubprocess::Error) -> Failure {
        Failure {
            code: error.code().to_string(),
            step: error.step().to_string(),
            errno: error.errno().unwrap_or(0),
            stage: error.stage(),
            path: error.path().unwrap_or_default().to_string_lossy().into_owned(),
            message: error.to_string(),
            output: error.into_output(),
        }
    }
}

/// Of a stream: it holds the crate's error, or is what the system said.
impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Failure {
        let errno = error.raw_os_error();
        match error.into_inner().map(|inner| inner.downcast::<libsubprocess::Error>()) {
            Some(Ok(error)) => (*error).into(),
            _ => Failure { errno: errno.unwrap_or(0), ..Failure::new("SP_ESYS", "io", "") },
        }
    }
}

pub struct Case {
    pub directory: String,
    things: Mutex<HashMap<String, Thing>>,
}

impl Case {
    pub fn new(directory: String) -> Case {
        Case { directory, things: Mutex::new(HashMap::new()) }
    }

    pub fn add(&self, step: &Json, thing: Thing) -> Verdict<()> {
        let name = self.text_at(step, "as")?;
        self.things.lock().unwrap().insert(name, thing);
        Ok(())
    }

    fn find<T>(&self, name: &str, pick: impl Fn(&Thing) -> Option<T>) -> Verdict<T> {
        self.things.lock().unwrap().get(name).and_then(pick).ok_or_else(|| format!("there is no {name} of that kind"))
    }

    pub fn process(&self, name: &str) -> Verdict<Arc<Running>> {
        self.find(name, |thing| match thing {
            Thing::Process(running) => Some(Arc::clone(running)),
            _ => None,
        })
    }

    pub fn token(&self, name: &str) -> Verdict<CancelToken> {
        self.find(name, |thing| match thing {
            Thing::Token(token) => Some(token.clone()),
            _ => None,
        })
    }

    pub fn take_thread(&self, name: &str) -> Verdict<JoinHandle<Verdict<()>>> {
        match self.things.lock().unwrap().remove(name) {
            Some(Thing::Thread(thread)) => Ok(thread),
            _ => Err(format!("there is no thread {name}")),
        }
    }

    /// Ends and releases whatever the steps have left.
    pub fn clean_up(&self) {
        let things: Vec<_> = self.things.lock().unwrap().drain().map(|(_, thing)| thing).collect();
        for thing in &things {
            match thing {
                Thing::Token(token) => token.trigger(),
                Thing::Process(running) => {
                    let _ = running.child.kill().and_then(|()| running.child.close());
                }
                _ => (),
            }
        }
        for thing in things {
            if let Thing::Thread(thread) = thing {
                let _ = thread.join();
            }
        }
        let _ = fs::remove_dir_all(&self.directory);
    }

    // -- Values

    /// The number that `${name}` stands for.
    fn number_named(&self, name: &str) -> Verdict<String> {
        self.find(name, |thing| match thing {
            Thing::Process(running) => Some(running.child.id().to_string()),
            Thing::File(file) => Some(file.as_raw_fd().to_string()),
            _ => None,
        })
    }

    pub fn text(&self, value: &Json) -> Verdict<String> {
        let text = value.text().ok_or_else(|| format!("{value:?} is no text"))?;
        let mut parts = text.split("${");
        let mut whole = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (name, rest) = part.split_once('}').ok_or("${ without }")?;
            whole += &if name == "tmp" { self.directory.clone() } else { self.number_named(name)? };
            whole += rest;
        }
        Ok(whole)
    }

    pub fn text_at(&self, object: &Json, key: &str) -> Verdict<String> {
        self.text(object.get(key).ok_or_else(|| format!("{key} is missing"))?)
    }

    pub fn texts(&self, list: &Json) -> Verdict<Vec<String>> {
        list.items().iter().map(|item| self.text(item)).collect()
    }

    pub fn number<T: TryFrom<i64>>(&self, value: &Json) -> Verdict<T> {
        let number = match value {
            Json::Text(_) => self.text(value)?.parse().ok(),
            _ => value.number(),
        };
        number.and_then(|number| T::try_from(number).ok()).ok_or_else(|| format!("{value:?} is not such a number"))
    }

    pub fn data(&self, value: &Json) -> Verdict<Vec<u8>> {
        if value.text().is_some() {
            return Ok(self.text(value)?.into_bytes());
        }
        if let Some(hex) = value.get("hex").and_then(Json::text) {
            let byte = |index| u8::from_str_radix(&hex[index..index + 2], 16).map_err(|error| error.to_string());
            return (0..hex.len()).step_by(2).map(byte).collect();
        }
        let size = self.number(value.get("size").ok_or_else(|| format!("{value:?} is no data"))?)?;
        let unit: Vec<u8> = match value.get("repeat") {
            Some(text) => self.text(text)?.into_bytes(),
            None if value.get("pattern") == Some(&Json::Text("bytes".into())) => (0..=255).collect(),
            None => return Err(format!("{value:?} is no data")),
        };
        Ok(unit.into_iter().cycle().take(size).collect())
    }

    pub fn duration(&self, value: &Json) -> Verdict<Duration> {
        Ok(Duration::from_millis(self.number(value)?))
    }

    /// The limit of a step; none if it has none.
    pub fn limit(&self, step: &Json) -> Verdict<Option<Duration>> {
        step.get("timeout_ms").map(|value| self.duration(value)).transpose()
    }

    pub fn stream(&self, step: &Json) -> Verdict<Stream> {
        match self.text_at(step, "stream")?.as_str() {
            "stdin" => Ok(Stream::Stdin),
            "stdout" => Ok(Stream::Stdout),
            "stderr" => Ok(Stream::Stderr),
            other => Err(format!("no stream is called {other}")),
        }
    }

    pub fn signal(&self, value: &Json) -> Verdict<i32> {
        const NAMES: [(&str, i32); 9] = [
            ("HUP", 1),
            ("INT", 2),
            ("QUIT", 3),
            ("KILL", 9),
            ("USR1", 10),
            ("USR2", 12),
            ("PIPE", 13),
            ("TERM", 15),
            ("CONT", 18),
        ];
        match value.text() {
            Some(text) => {
                let known = NAMES.iter().find(|(name, _)| *name == text).map(|&(_, number)| number);
                known.ok_or_else(|| format!("no signal is called {text}"))
            }
            None => self.number(value),
        }
    }
}
