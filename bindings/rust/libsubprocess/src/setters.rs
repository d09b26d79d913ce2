// SPDX-License-Identifier: MIT
//! The methods that a `Command` and a `Pipeline` share. Both fill `Settings`.

/// Setters that turn one flag on or off.
macro_rules! flag_setters {
    ($($(#[$doc:meta])* $name:ident: $flag:ident,)*) => {$(
        $(#[$doc])*
        pub fn $name(&mut self, on: bool) -> &mut Self {
            self.settings.set_flag($crate::sys::$flag, on);
            self
        }
    )*};
}

/// The setters of a `Command` and of a `Pipeline`.
macro_rules! setters {
    () => {
        /// What standard input is connected to. The default is the host's own.
        pub fn stdin(&mut self, stdio: impl Into<Stdio>) -> &mut Self {
            self.settings.set_stdio(0, stdio.into());
            self
        }

        /// What standard output is connected to. The default is the host's own; calls that return output capture it.
        pub fn stdout(&mut self, stdio: impl Into<Stdio>) -> &mut Self {
            self.settings.set_stdio(1, stdio.into());
            self
        }

        /// What standard error is connected to; see [`stdout`](Self::stdout).
        pub fn stderr(&mut self, stdio: impl Into<Stdio>) -> &mut Self {
            self.settings.set_stdio(2, stdio.into());
            self
        }

        /// Sets a variable of the child's environment.
        pub fn env(&mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> &mut Self {
            self.settings.set_env(name.as_ref(), Some(value.as_ref()));
            self
        }

        /// Sets several.
        pub fn envs<N, V>(&mut self, variables: impl IntoIterator<Item = (N, V)>) -> &mut Self
        where
            N: AsRef<OsStr>,
            V: AsRef<OsStr>,
        {
            for (name, value) in variables {
                self.env(name, value);
            }
            self
        }

        /// Removes a variable from the child's environment.
        pub fn env_remove(&mut self, name: impl AsRef<OsStr>) -> &mut Self {
            self.settings.set_env(name.as_ref(), None);
            self
        }

        /// Starts from an empty environment instead of the host's.
        pub fn env_clear(&mut self) -> &mut Self {
            self.settings.any = true;
            self.settings.environment.clear();
            self
        }

        /// The directory that the child enters first; a relative program is looked up from there.
        #[doc(alias = "cwd")]
        pub fn current_dir(&mut self, directory: impl AsRef<Path>) -> &mut Self {
            self.settings.cwd = Some(self.settings.text("cwd", directory.as_ref().as_os_str()));
            self
        }

        /// A descriptor that the child gets under its own number. It stays open as long as this object.
        pub fn pass_fd(&mut self, fd: impl Into<OwnedFd>) -> &mut Self {
            self.settings.any = true;
            self.settings.pass_fds.push(Passed::Owned(Arc::new(fd.into())));
            self
        }

        /// The same by its number alone: one that is not open when the child is started is refused.
        ///
        /// # Safety
        ///
        /// Until then the number must belong to the caller, or be closed.
        pub unsafe fn pass_raw_fd(&mut self, fd: RawFd) -> &mut Self {
            self.settings.any = true;
            self.settings.pass_fds.push(Passed::Borrowed(fd));
            self
        }

        /// A descriptor that the child gets under another number, 3 or above. It stays open as long as this object.
        pub fn fd_map(&mut self, child_fd: RawFd, fd: impl Into<OwnedFd>) -> &mut Self {
            self.settings.any = true;
            self.settings.fd_map.push((child_fd, Passed::Owned(Arc::new(fd.into()))));
            self
        }

        /// The same by its number alone: one that is not open when the child is started is refused.
        ///
        /// # Safety
        ///
        /// Until then the number must belong to the caller, or be closed.
        pub unsafe fn fd_map_raw(&mut self, child_fd: RawFd, fd: RawFd) -> &mut Self {
            self.settings.any = true;
            self.settings.fd_map.push((child_fd, Passed::Borrowed(fd)));
            self
        }

        /// What the calls that run to the end feed to standard input, which must be unset.
        pub fn input(&mut self, bytes: impl Into<Vec<u8>>) -> &mut Self {
            self.settings.any = true;
            self.settings.input = Some(bytes.into().into());
            self
        }

        /// Limits the calls that run to the end: what still runs then is killed and reaped, and the call fails with
        /// [`Code::TimedOut`](crate::Code::TimedOut), even if grandchildren hold the pipes open. Zero counts as one
        /// millisecond.
        pub fn timeout(&mut self, limit: Duration) -> &mut Self {
            self.settings.any = true;
            self.settings.timeout_ms = $crate::limit::of_option(limit);
            self
        }

        /// When [`timeout`](Self::timeout) has passed, SIGTERM first, and SIGKILL only after this.
        pub fn kill_grace(&mut self, span: Duration) -> &mut Self {
            self.settings.any = true;
            self.settings.kill_grace_ms = $crate::limit::milliseconds(span);
            self
        }

        /// The capacity of new pipes in bytes.
        pub fn pipe_size(&mut self, bytes: i32) -> &mut Self {
            self.settings.any = true;
            self.settings.pipe_size = bytes;
            self
        }

        /// After the child's exit its output is read at most so long; the default reads until end of file, which a
        /// grandchild that holds the pipe open can delay for ever. Zero counts as one millisecond.
        pub fn drain(&mut self, limit: Duration) -> &mut Self {
            self.settings.any = true;
            self.settings.drain_ms = $crate::limit::of_option(limit);
            self
        }

        /// Captured bytes per stream; more is read, dropped and counted. 0, the default: no cap.
        pub fn max_output(&mut self, bytes: usize) -> &mut Self {
            self.settings.any = true;
            self.settings.max_output = bytes;
            self
        }

        /// The token that ends every blocking call on the child. May be dropped before it.
        pub fn cancel(&mut self, token: &CancelToken) -> &mut Self {
            self.settings.any = true;
            self.settings.cancel = Some(token.clone());
            self
        }

        /// Sees each chunk of output as it is read, on the thread that called; it is captured too. `Break` ends the call
        /// with [`Code::Canceled`](crate::Code::Canceled). A panic ends it too, and comes out of it.
        ///
        /// All children that are started from here share the callback. It may signal the child, but must not read, write or
        /// communicate with it, nor with another one that has the same callback.
        pub fn on_output<F>(&mut self, callback: F) -> &mut Self
        where
            F: FnMut(Stream, &[u8]) -> ControlFlow<()> + Send + 'static,
        {
            self.settings.any = true;
            self.settings.on_output = Some(OutputCallback::new(callback));
            self
        }

        /// Runs in the forked child just before it executes the program, on a slower way to start it. May be called for
        /// several. An error fails the start with its errno, at [`Step::PreExec`](crate::Step::PreExec).
        ///
        /// # Safety
        ///
        /// It runs in a copy of this process that has one thread: it must do nothing that is not async-signal-safe, so
        /// that it must not allocate memory, take a lock or panic.
        pub unsafe fn pre_exec<F>(&mut self, callback: F) -> &mut Self
        where
            F: Fn() -> io::Result<()> + Send + Sync + 'static,
        {
            self.settings.any = true;
            self.settings.pre_exec.push(callback);
            self
        }

        /// The user to run as, by name. The supplementary groups stay unless [`groups`](Self::groups) is set too.
        pub fn user(&mut self, name: impl AsRef<OsStr>) -> &mut Self {
            self.settings.user = Some(self.settings.text("user", name.as_ref()));
            self
        }

        /// The user to run as, by number.
        pub fn uid(&mut self, id: u32) -> &mut Self {
            self.settings.set_flag($crate::sys::SP_SET_UID, true);
            self.settings.uid = id;
            self
        }

        /// The group to run as, by name.
        pub fn group(&mut self, name: impl AsRef<OsStr>) -> &mut Self {
            self.settings.group = Some(self.settings.text("group", name.as_ref()));
            self
        }

        /// The group to run as, by number.
        pub fn gid(&mut self, id: u32) -> &mut Self {
            self.settings.set_flag($crate::sys::SP_SET_GID, true);
            self.settings.gid = id;
            self
        }

        /// The supplementary groups; an empty list drops all.
        pub fn groups(&mut self, ids: &[u32]) -> &mut Self {
            self.settings.set_flag($crate::sys::SP_SET_GROUPS, true);
            self.settings.groups = ids.to_vec();
            self
        }

        /// The file mode creation mask, 0 to 0o777.
        pub fn umask(&mut self, mask: u32) -> &mut Self {
            self.settings.set_flag($crate::sys::SP_SET_UMASK, true);
            self.settings.umask = mask;
            self
        }

        /// The process group to enter; 0 makes a new one, as [`new_group`](Self::new_group) does.
        pub fn process_group(&mut self, group: i32) -> &mut Self {
            self.settings.any = true;
            self.settings.process_group = Some(group);
            self
        }

        /// The signal that the child gets when the thread that started it ends.
        pub fn death_signal(&mut self, signal: i32) -> &mut Self {
            self.settings.any = true;
            self.settings.death_signal = signal;
            self
        }

        flag_setters! {
            /// A return code other than 0 is an error, [`Code::Failed`](crate::Code::Failed), where output is returned.
            check: SP_CHECK,
            /// Pipes for standard output and standard error, which must be unset.
            capture: SP_CAPTURE,
            /// The child leads a new process group, as [`Child::kill_group`] needs.
            new_group: SP_NEW_GROUP,
            /// An end by timeout, cancel or signal kills the whole process group; needs [`new_group`](Self::new_group) or a
            /// new session.
            kill_group_on_timeout: SP_KILL_GROUP_ON_TIMEOUT,
            /// Dropping the [`Child`] kills it if it still runs, and waits at most 100 ms for its end.
            kill_on_drop: SP_KILL_ON_FREE,
            /// A signal that the host handles during a blocking call ends it with
            /// [`Code::Interrupted`](crate::Code::Interrupted). The default is to go on, as the standard library does.
            return_on_signal: SP_RETURN_ON_SIGNAL,
            /// `"\r\n"` and `"\r"` become `"\n"` in captured output.
            universal_newlines: SP_UNIVERSAL_NEWLINES,
            /// Do not close the host's other descriptors in the child; close-on-exec ones still close.
            keep_fds: SP_KEEP_FDS,
            /// Leave SIGPIPE, SIGXFSZ and SIGCHLD ignored if the host ignores them.
            keep_signals: SP_KEEP_SIGNALS,
            /// Start the child with the calling thread's signal mask instead of an empty one.
            keep_sigmask: SP_KEEP_SIGMASK,
        }
    };
}
