// SPDX-License-Identifier: MIT
//! Finds libsubprocess: in `LIBSUBPROCESS_LIB_DIR` if that is set, else where pkg-config says.
//!
//! Dependent build scripts find the header's directories, separated by ':', in `DEP_SUBPROCESS_INCLUDE`.

use std::env;
use std::process::{exit, Command};

const REQUIREMENT: &str = "libsubprocess >= 0.1";
const LIB_DIR: &str = "LIBSUBPROCESS_LIB_DIR";
const INCLUDE_DIR: &str = "LIBSUBPROCESS_INCLUDE_DIR";
/// What decides about pkg-config's answer.
const PKG_CONFIG_VARIABLES: [&str; 5] =
    ["PKG_CONFIG", "PKG_CONFIG_PATH", "PKG_CONFIG_LIBDIR", "PKG_CONFIG_SYSROOT_DIR", "PKG_CONFIG_ALLOW_SYSTEM_LIBS"];

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    for name in PKG_CONFIG_VARIABLES.iter().chain(&[LIB_DIR, INCLUDE_DIR]) {
        println!("cargo:rerun-if-env-changed={name}");
    }
    let include = match env::var(LIB_DIR) {
        Ok(directory) => {
            println!("cargo:rustc-link-search=native={directory}");
            println!("cargo:rustc-link-lib=dylib=subprocess");
            env::var(INCLUDE_DIR).unwrap_or_default()
        }
        Err(_) => {
            pkg_config("--libs").split_whitespace().for_each(link);
            let flags = pkg_config("--cflags-only-I");
            flags.split_whitespace().filter_map(|flag| flag.strip_prefix("-I")).collect::<Vec<_>>().join(":")
        }
    };
    println!("cargo:include={include}");
    println!("cargo:rustc-env=LIBSUBPROCESS_INCLUDE={include}");
}

/// Passes one linker flag on to rustc.
fn link(flag: &str) {
    if let Some(directory) = flag.strip_prefix("-L") {
        println!("cargo:rustc-link-search=native={directory}");
    } else if let Some(library) = flag.strip_prefix("-l") {
        println!("cargo:rustc-link-lib=dylib={library}");
    } else {
        println!("cargo:rustc-link-arg={flag}");
    }
}

fn pkg_config(what: &str) -> String {
    let program = env::var("PKG_CONFIG").unwrap_or_else(|_| "pkg-config".to_owned());
    let said = Command::new(&program)
        .args([what, REQUIREMENT])
        .output()
        .unwrap_or_else(|error| fail(&format!("cannot run {program}: {error}")));
    if !said.status.success() {
        fail(String::from_utf8_lossy(&said.stderr).trim());
    }
    String::from_utf8_lossy(&said.stdout).into_owned()
}

fn fail(reason: &str) -> ! {
    eprintln!(
        "{reason}\n\n{REQUIREMENT} was not found. Install it, let PKG_CONFIG_PATH point to its libsubprocess.pc,\n\
         or set {LIB_DIR} to the directory that holds libsubprocess.so."
    );
    exit(1);
}
