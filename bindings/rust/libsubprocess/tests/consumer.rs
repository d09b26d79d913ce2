// SPDX-License-Identifier: MIT
//! A stranger's project: depends on this crate by its path, finds the library with pkg-config, and builds and runs the
//! example of the README.

use libsubprocess::Command;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

const README: &str = include_str!("../../README.md");

/// The first fenced block of that language.
fn block(language: &str) -> &'static str {
    let (_, rest) = README.split_once(&format!("```{language}\n")).unwrap();
    rest.split_once("```").unwrap().0
}

/// An empty directory of that name.
fn directory(name: &str) -> PathBuf {
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&directory);
    fs::create_dir_all(directory.join("src")).unwrap();
    directory
}

fn make_project(directory: &Path, program: &str) {
    let manifest = format!(
        "[package]\nname = \"consumer\"\nversion = \"1.0.0\"\nedition = \"2021\"\n\n\
         [dependencies]\nlibsubprocess = {{ path = {:?} }}\n\n[workspace]\n",
        env!("CARGO_MANIFEST_DIR")
    );
    fs::write(directory.join("Cargo.toml"), manifest).unwrap();
    fs::write(directory.join("src/main.rs"), program).unwrap();
}

/// cargo in that project, with an environment in which only pkg-config tells where the library is.
fn cargo(directory: &Path, what: &str) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args([what, "--offline", "--quiet"]).current_dir(directory).env("CARGO_TARGET_DIR", directory.join("target"));
    if let Ok(libraries) = env::var("LIBSUBPROCESS_LIB_DIR") {
        let description = format!(
            "Name: libsubprocess\nDescription: as in the tests\nVersion: 0.1.0\nLibs: -L{libraries} -lsubprocess\nCflags:\n"
        );
        fs::write(directory.join("libsubprocess.pc"), description).unwrap();
        cargo.env_remove("LIBSUBPROCESS_LIB_DIR").env("PKG_CONFIG_PATH", directory);
    }
    cargo
}

#[test]
fn the_example_of_the_readme_runs_elsewhere() {
    let project = directory("consumer");
    make_project(&project, block("rust"));
    let output = cargo(&project, "run").output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), block("text"), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success());
}

#[test]
fn a_missing_library_is_told_by_the_build() {
    let project = directory("consumer-without-library");
    make_project(&project, "fn main() {}\n");
    let mut cargo = cargo(&project, "build");
    let output = cargo.env_remove("PKG_CONFIG_PATH").env("PKG_CONFIG_LIBDIR", "/nowhere").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("libsubprocess >= 0.1 was not found. Install it"), "{said}");
}
