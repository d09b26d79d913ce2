// SPDX-License-Identifier: MIT
//! The child's environment, as changes to the host's or as a list of its own.

use std::collections::BTreeMap;
use std::ffi::{CString, OsStr};
use std::os::raw::c_char;
use std::os::unix::ffi::OsStrExt;
use std::ptr;

#[derive(Clone, Debug, Default)]
pub(crate) struct Environment {
    cleared: bool,
    /// By name: "name=value", or the name alone if it is to be removed.
    entries: BTreeMap<Vec<u8>, CString>,
}

impl Environment {
    /// Sets a variable; with `None` removes it. Fails with a sentence.
    pub(crate) fn set(&mut self, name: &OsStr, value: Option<&OsStr>) -> Result<(), String> {
        let name = name.as_bytes();
        if name.is_empty() || name.contains(&b'=') {
            return Err("the name of an environment variable is empty or contains '='".to_owned());
        }
        let mut entry = name.to_vec();
        if let Some(value) = value {
            entry.push(b'=');
            entry.extend_from_slice(value.as_bytes());
        }
        let shown = String::from_utf8_lossy(name).replace('\0', "\\0");
        let entry = CString::new(entry).map_err(|_| format!("env '{shown}' contains a NUL byte"))?;
        if self.cleared && value.is_none() {
            self.entries.remove(name);
        } else {
            self.entries.insert(name.to_vec(), entry);
        }
        Ok(())
    }

    /// Starts from nothing, instead of from the host's variables.
    pub(crate) fn clear(&mut self) {
        self.cleared = true;
        self.entries.clear();
    }

    /// Whether the entries change the host's environment instead of replacing it.
    pub(crate) fn extends(&self) -> bool {
        !self.cleared && !self.entries.is_empty()
    }

    /// The list for the C API, ended by NULL; empty if the child gets what the host has.
    pub(crate) fn pointers(&self) -> Vec<*const c_char> {
        if !self.cleared && self.entries.is_empty() {
            return Vec::new();
        }
        self.entries.values().map(|entry| entry.as_ptr()).chain([ptr::null()]).collect()
    }
}
