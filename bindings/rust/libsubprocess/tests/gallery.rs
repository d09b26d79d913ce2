// SPDX-License-Identifier: MIT
//! The examples print what those in C print: tests/gallery of the project runs them and compares.

use libsubprocess::{Command, Stdio};
use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// Beside the project's C library: where the checker and the expected outputs are.
const GALLERY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../tests/gallery");
/// Examples that the project's gallery does not have.
const ONLY_HERE: [&str; 1] = ["capture_bench"];

/// Builds the examples in the target directory of this test, and says where they are.
fn build_examples() -> PathBuf {
    let test = env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).expect("TARGET/PROFILE/deps/TEST");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--offline", "--quiet", "--examples", "--target-dir"]).arg(profile.parent().unwrap());
    if profile.ends_with("release") {
        cargo.arg("--release");
    }
    cargo.current_dir(env!("CARGO_MANIFEST_DIR")).check(true).run().unwrap();
    profile.join("examples")
}

fn stems(directory: &Path) -> BTreeSet<String> {
    let stem = |entry: fs::DirEntry| entry.path().file_stem().unwrap().to_str().unwrap().to_owned();
    fs::read_dir(directory).unwrap().map(|entry| stem(entry.unwrap())).collect()
}

#[test]
fn examples_print_what_is_expected() {
    let expected = stems(&Path::new(GALLERY).join("expected"));
    let mut sources = stems(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples"));
    ONLY_HERE.iter().for_each(|name| assert!(sources.remove(*name)));
    assert_eq!(sources, expected);

    let programs = build_examples();
    let check = |name: &String| {
        let mut python = Command::new("python3");
        python.arg(format!("{GALLERY}/check_gallery.py")).arg("--programs").arg(&programs).arg(name);
        let checked = python.stderr(Stdio::to_stdout()).output().unwrap();
        let faults = String::from_utf8_lossy(&checked.stdout).into_owned();
        (!checked.status.success()).then(|| format!("{name}:\n{faults}"))
    };
    let faults: Vec<_> = expected.iter().filter_map(check).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
