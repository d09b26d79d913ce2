// SPDX-License-Identifier: MIT
//! The cases that every binding runs (bindings/conformance of the project tells what they mean), by this crate's own API.
//! The runtime of Rust has set SIGPIPE to be ignored.

mod case;
mod expectations;
mod json;
mod options;
mod verbs;

use case::{Case, Verdict};
use json::{quoted, Json};
use std::env;
use std::fs;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

const LANGUAGE: &str = "rust";
const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../conformance/cases.json");

/// Runs steps in order, until one disagrees.
pub fn run_steps(case: &Arc<Case>, steps: &Json) -> Verdict<()> {
    steps.items().iter().enumerate().try_for_each(|(index, step)| {
        let start = Instant::now();
        let done = verbs::perform(case, step);
        let checked = done.and_then(|done| expectations::check(case, step, &done, start.elapsed()));
        let verb = step.get("do").and_then(Json::text).unwrap_or_default();
        checked.map_err(|why| format!("step {} ({verb}): {why}", index + 1))
    })
}

fn is_root() -> bool {
    extern "C" {
        fn geteuid() -> u32;
    }
    // SAFETY: no arguments.
    unsafe { geteuid() == 0 }
}

/// "pass", "fail: WHY" or "skip: WHY".
fn verdict(number: usize, spec: &Json) -> String {
    if let Some(why) = spec.get("not_in").and_then(|languages| languages.get(LANGUAGE)).and_then(Json::text) {
        return format!("skip: {why}");
    }
    match spec.get("needs").and_then(Json::text) {
        Some("root") if !is_root() => return "skip: needs root".to_owned(),
        Some("root") | None => (),
        Some(other) => return format!("fail: needs {other}, which is unknown"),
    }
    let directory = env::temp_dir().canonicalize().unwrap().join(format!("sp-rust-{}-{number}", std::process::id()));
    fs::create_dir(&directory).unwrap();
    let case = Arc::new(Case::new(directory.into_os_string().into_string().unwrap()));
    let result = run_steps(&case, spec.get("steps").unwrap_or(&Json::Null));
    case.clean_up();
    result.map_or_else(|why| format!("fail: {why}"), |()| "pass".to_owned())
}

fn compiler_version() -> String {
    let compiler = env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let said = Command::new(compiler).arg("--version").output().map(|output| output.stdout).unwrap_or_default();
    String::from_utf8_lossy(&said).trim().to_owned()
}

#[test]
fn all_cases_pass() {
    let path = env::var("SP_CONFORMANCE_CASES").unwrap_or_else(|_| CASES.to_owned());
    let spec = Json::parse(&fs::read_to_string(path).unwrap());
    let cases = spec.get("cases").unwrap().items();
    let verdicts: Vec<(&str, String)> = cases
        .iter()
        .enumerate()
        .map(|(number, case)| {
            let name = case.get("name").and_then(Json::text).unwrap();
            let verdict = verdict(number, case);
            println!("{name}: {verdict}");
            (name, verdict)
        })
        .collect();

    if let Ok(path) = env::var("SP_CONFORMANCE_RESULTS") {
        let results: Vec<_> =
            verdicts.iter().map(|(name, verdict)| format!("    {}: {}", quoted(name), quoted(verdict))).collect();
        let (language, version) = (quoted(LANGUAGE), quoted(&compiler_version()));
        let text = format!(
            "{{\n  \"language\": {language},\n  \"version\": {version},\n  \"results\": {{\n{}\n  }}\n}}\n",
            results.join(",\n")
        );
        fs::write(path, text).unwrap();
    }
    assert!(verdicts.len() >= 40);
    let failed: Vec<_> = verdicts.iter().filter(|(_, verdict)| verdict.starts_with("fail")).collect();
    assert!(failed.is_empty(), "{failed:#?}");
}
