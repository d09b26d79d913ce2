// SPDX-License-Identifier: MIT
//! Settings as the struct of the C API.

use crate::callback::OutputHook;
use crate::settings::{Passed, Settings};
use crate::sys;
use std::ffi::CString;
use std::marker::PhantomData;
use std::os::raw::{c_char, c_void};
use std::os::unix::io::AsRawFd;
use std::ptr;

/// The C struct and the lists that it points to. Borrows the strings.
pub(crate) struct Native<'a> {
    pub(crate) options: sys::sp_options,
    /// For the callback of `options`; a child takes it over.
    pub(crate) hook: Option<Box<OutputHook>>,
    _env: Vec<*const c_char>,
    _pass_fds: Vec<i32>,
    _fd_map: Vec<sys::sp_fd_map>,
    _settings: PhantomData<&'a Settings>,
}

fn text(text: &Option<CString>) -> *const c_char {
    text.as_ref().map_or(ptr::null(), |text| text.as_ptr())
}

/// The address of a list, NULL for an empty one.
fn list<T>(items: &[T]) -> *const T {
    if items.is_empty() {
        ptr::null()
    } else {
        items.as_ptr()
    }
}

fn number(fd: &Passed) -> i32 {
    match fd {
        Passed::Owned(fd) => fd.as_raw_fd(),
        Passed::Borrowed(fd) => *fd,
    }
}

impl<'a> Native<'a> {
    pub(crate) fn new(settings: &'a Settings) -> Native<'a> {
        let env = settings.environment.pointers();
        let pass_fds: Vec<i32> = settings.pass_fds.iter().map(number).collect();
        let mapping = |(child_fd, fd): &(i32, Passed)| sys::sp_fd_map { child_fd: *child_fd, host_fd: number(fd) };
        let fd_map: Vec<_> = settings.fd_map.iter().map(mapping).collect();
        let hook = settings.on_output.as_ref().map(OutputHook::new);

        let mut options = sys::sp_options::new();
        options.flags = settings.flags;
        if settings.environment.extends() {
            options.flags |= sys::SP_ENV_EXTEND;
        }
        for (stdio, field) in
            settings.stdio.iter().zip([&mut options.std_in, &mut options.std_out, &mut options.std_err])
        {
            if let Some(stdio) = stdio {
                *field = stdio.native();
            }
        }
        options.executable = text(&settings.executable);
        options.cwd = text(&settings.cwd);
        options.env = list(&env);
        options.pass_fds = list(&pass_fds);
        options.pass_fds_len = pass_fds.len();
        options.fd_map = list(&fd_map);
        options.fd_map_len = fd_map.len();
        if let Some(input) = &settings.input {
            options.input = input.as_ptr() as *const c_void;
            options.input_len = input.len();
        }
        options.timeout_ms = settings.timeout_ms;
        options.drain_ms = settings.drain_ms;
        options.kill_grace_ms = settings.kill_grace_ms;
        options.max_output = settings.max_output;
        options.pipe_size = settings.pipe_size;
        options.death_signal = settings.death_signal;
        match settings.process_group {
            Some(0) => options.flags |= sys::SP_NEW_GROUP,
            Some(group) => {
                options.flags |= sys::SP_JOIN_GROUP;
                options.process_group = group.into();
            }
            None => (),
        }
        options.user = text(&settings.user);
        options.group = text(&settings.group);
        options.uid = settings.uid;
        options.gid = settings.gid;
        options.umask = settings.umask;
        options.groups = list(&settings.groups);
        options.groups_len = settings.groups.len();
        options.cancel = settings.cancel.as_ref().map_or(ptr::null_mut(), |token| token.as_raw());
        settings.pre_exec.install(&mut options);
        if let Some(hook) = &hook {
            hook.install(&mut options);
        }
        Native { options, hook, _env: env, _pass_fds: pass_fds, _fd_map: fd_map, _settings: PhantomData }
    }
}
