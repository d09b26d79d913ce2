# SPDX-License-Identifier: MIT
# Where another exception takes the place of the library's, it is raised outside of `except`: as its context the first one
# would keep the Popen and its descriptors alive, in a cycle of frames.
import builtins
import os
import sys
from _warnings import warn
from time import monotonic

from .. import _native
from ._errors import SubprocessError, TimeoutExpired, code_of, is_lost, start_failure
from ._exchange import Exchange
from ._pipes import ERR, IN, OUT, Pipe, open_file
from ._request import argv_of, gid_of, gids_of, milliseconds, request_of, stream_of, uid_of
from ._text import check_text, text_encoding

PIPE, STDOUT = _native.PIPE, _native.STDOUT

# Children whose Popen was forgotten while they ran. The next Popen looks whether they have ended.
_active = []


def _cleanup():
    for popen in _active[:] if _active else ():
        if popen._internal_poll(_deadstate=sys.maxsize) is not None:
            try:
                _active.remove(popen)
            except ValueError:
                pass  # another thread has done it


def _check(bufsize, pipesize, stdout, startupinfo, creationflags):
    if not isinstance(bufsize, int):
        raise TypeError("bufsize must be an integer")
    if not isinstance(pipesize, int):
        raise TypeError("pipesize must be an integer")
    if stdout is STDOUT:
        raise ValueError("STDOUT can only be used for stderr")
    if startupinfo is not None:
        raise ValueError("startupinfo is only supported on Windows platforms")
    if creationflags != 0:
        raise ValueError("creationflags is only supported on Windows platforms")


class Popen:
    """A child process.

    args           a sequence of the program and its arguments, or a string: the program alone, or with shell=True a command
                   line for /bin/sh
    bufsize        of the file objects for the pipes, as in open()
    executable     the program to execute instead of the first of args (or instead of /bin/sh)
    stdin, stdout, stderr
                   None (the parent's own), PIPE, DEVNULL, a descriptor or a file; stderr may also be STDOUT
    preexec_fn     called in the child just before it executes the program
    close_fds      close all other descriptors in the child, but for pass_fds
    shell, cwd, env, umask, user, group, extra_groups, start_new_session, process_group, restore_signals
                   what the child starts with
    text, universal_newlines, encoding, errors
                   the file objects are text files
    pipesize       the capacity of the pipes
    startupinfo, creationflags
                   for Windows only

    Attributes: args, stdin, stdout, stderr, pid, returncode.
    """

    _child_created = False  # for __del__, if __init__ has failed
    _handle = None
    _exchange = None

    def __init__(self, args, bufsize=-1, executable=None, stdin=None, stdout=None, stderr=None, preexec_fn=None,
                 close_fds=True, shell=False, cwd=None, env=None, universal_newlines=None, startupinfo=None,
                 creationflags=0, restore_signals=True, start_new_session=False, pass_fds=(), *, user=None, group=None,
                 extra_groups=None, encoding=None, errors=None, text=None, umask=-1, pipesize=-1, process_group=None):
        _cleanup()
        bufsize = -1 if bufsize is None else bufsize
        pipesize = -1 if pipesize is None else pipesize
        _check(bufsize, pipesize, stdout, startupinfo, creationflags)
        if pass_fds and not close_fds:
            warn("pass_fds overriding close_fds.", RuntimeWarning, 2)
            close_fds = True
        self.args = args
        self.stdin = self.stdout = self.stderr = self.pid = self.returncode = None
        self.pipesize = pipesize
        self._set_text(text, universal_newlines, encoding, errors)
        self._sigint_wait_secs = 0.25  # after a Ctrl-C, once; the child has got it too
        self._communication_started = False
        gid = None if group is None else gid_of(group)
        gids = None if extra_groups is None else gids_of(extra_groups)
        uid = None if user is None else uid_of(user)
        streams = [None if stream is None else stream_of(stream) for stream in (stdin, stdout, stderr)]
        self._execute_child(args, executable, preexec_fn, close_fds, pass_fds, cwd, env, shell, streams, restore_signals,
                            gid, gids, uid, umask, start_new_session, -1 if process_group is None else process_group)
        self._open_files(streams, bufsize)

    def _set_text(self, text, universal_newlines, encoding, errors):
        if text is not None and universal_newlines is not None and bool(text) != bool(universal_newlines):
            raise SubprocessError("Cannot disambiguate when both text and universal_newlines are supplied but different. "
                                  "Pass one or the other.")
        self.text_mode = encoding or errors or text or universal_newlines
        if self.text_mode:
            encoding = text_encoding() if encoding is None else encoding
            check_text(encoding, errors)
        self.encoding = encoding
        self.errors = errors

    def _execute_child(self, args, executable, preexec_fn, close_fds, pass_fds, cwd, env, shell, streams, restore_signals,
                       gid, gids, uid, umask, start_new_session, process_group):
        argv = argv_of(args, shell)
        if shell and executable is not None:
            argv[0] = executable
        program = argv[0] if executable is None else executable
        sys.audit("subprocess.Popen", program, argv, cwd, env)
        if preexec_fn is not None and sys.is_finalizing():
            raise getattr(builtins, "PythonFinalizationError", RuntimeError)("preexec_fn not supported at interpreter shutdown")
        request = request_of(argv, executable, preexec_fn, close_fds, pass_fds, cwd, env, streams, self.pipesize,
                             restore_signals, gid, gids, uid, umask, start_new_session, process_group)
        refusal = None
        try:
            self._handle = _native.start(request)
        except Exception as failure:
            refusal = start_failure(failure, program, cwd)
        if refusal is not None:
            try:
                raise refusal
            finally:
                del refusal
        self._child_created = True
        self.pid = _native.pid(self._handle)

    def _open_files(self, streams, bufsize):
        if self._handle is None or PIPE not in streams:
            return
        pipes = [Pipe(self._handle, index) if stream == PIPE else None for index, stream in enumerate(streams)]
        text = {"encoding": self.encoding, "errors": self.errors} if self.text_mode else None
        if pipes[IN]:
            lines = {"write_through": True, "line_buffering": bufsize == 1}
            self.stdin = open_file(pipes[IN], bufsize, text and {**text, **lines})
        if pipes[OUT]:
            self.stdout = open_file(pipes[OUT], bufsize, text)
        if pipes[ERR]:
            self.stderr = open_file(pipes[ERR], bufsize, text)
        self._exchange = Exchange(self._handle, pipes)

    def __repr__(self):
        text = f"<{type(self).__name__}: returncode: {self.returncode} args: {self.args!r}>"
        return text if len(text) <= 80 else text[:76] + "...>"

    __class_getitem__ = classmethod(type(list[int]))

    @property
    def universal_newlines(self):
        """Another name for text_mode."""
        return self.text_mode

    @universal_newlines.setter
    def universal_newlines(self, value):
        self.text_mode = bool(value)

    # -- talking ------------------------------------------------------------------------------------------------------

    def communicate(self, input=None, timeout=None):
        """Feeds `input` to the child, reads its output to the end, and waits. Returns (stdout, stderr), None for what is
        no pipe.

        After TimeoutExpired the child goes on, and so does a further call without input; nothing is lost.
        """
        if self._communication_started and input:
            raise ValueError("Cannot send input after starting communication")
        endtime = None if timeout is None else monotonic() + timeout
        try:
            outputs = self._communicate(input, endtime, timeout)
        except KeyboardInterrupt:
            self._wait_after_interrupt(endtime)
            raise
        finally:
            self._communication_started = True
        self.wait(timeout=self._remaining_time(endtime))
        return outputs

    def _communicate(self, input, endtime, orig_timeout):
        exchange = self._exchange
        if exchange is None:
            exchange = self._exchange = Exchange(self._handle, [None, None, None])
        if not self._communication_started:
            exchange.begin(self, input)
        partial = None
        try:
            returncode = exchange.run(self, milliseconds(self._remaining_time(endtime)))
        except Exception as failure:
            if code_of(failure) != "SP_ETIMEDOUT":
                raise
            partial = exchange.partial(failure.result)
        if partial is not None:
            raise TimeoutExpired(self.args, orig_timeout, *partial)
        if self.returncode is None:
            self.returncode = returncode
        return exchange.outputs(self)

    def _remaining_time(self, endtime):
        return None if endtime is None else endtime - monotonic()

    # -- waiting ------------------------------------------------------------------------------------------------------

    def poll(self):
        """Returns the return code if the child has ended, else None."""
        return self._internal_poll()

    # Called by __del__ too, when the names of modules may be gone already.
    def _internal_poll(self, _deadstate=None, _poll=_native.poll, _running=_native.NO_RETURNCODE, _is_lost=is_lost):
        if self.returncode is None:
            try:
                returncode = _poll(self._handle)
            except Exception as failure:
                if not _is_lost(failure):
                    raise
                returncode = 0 if _deadstate is None else _deadstate
            if returncode != _running and self.returncode is None:
                self.returncode = returncode
        return self.returncode

    def wait(self, timeout=None):
        """Waits for the end of the child and returns its return code; raises TimeoutExpired after `timeout` seconds."""
        endtime = None if timeout is None else monotonic() + timeout
        try:
            return self._wait(timeout=timeout)
        except KeyboardInterrupt:
            self._wait_after_interrupt(endtime)
            raise

    def _wait(self, timeout):
        if self.returncode is not None:
            return self.returncode
        returncode = None
        try:
            returncode = _native.wait(self._handle, milliseconds(timeout))
        except Exception as failure:
            if is_lost(failure):
                returncode = 0
            elif code_of(failure) != "SP_ETIMEDOUT":
                raise
        if returncode is None:
            raise TimeoutExpired(self.args, timeout)
        if self.returncode is None:
            self.returncode = returncode
        return self.returncode

    def _wait_after_interrupt(self, endtime):
        """Gives a child that has got the Ctrl-C too the time to end; once, because somebody is waiting."""
        patience = self._sigint_wait_secs
        if endtime is not None:
            patience = min(patience, self._remaining_time(endtime))
        self._sigint_wait_secs = 0
        try:
            self._wait(timeout=patience)
        except TimeoutExpired:
            pass

    # -- signals ------------------------------------------------------------------------------------------------------

    def send_signal(self, sig):
        """Sends a signal to the child, if it has not ended."""
        self.poll()
        if self.returncode is not None:
            return
        try:
            _native.send_signal(self._handle, sig)
        except ValueError as failure:
            if code_of(failure) != "SP_EINVAL":
                raise
            from errno import EINVAL
            raise OSError(EINVAL, os.strerror(EINVAL)) from None

    def terminate(self):
        """Sends SIGTERM to the child."""
        from signal import SIGTERM
        self.send_signal(SIGTERM)

    def kill(self):
        """Sends SIGKILL to the child."""
        from signal import SIGKILL
        self.send_signal(SIGKILL)

    # -- the end ------------------------------------------------------------------------------------------------------

    def __enter__(self):
        return self

    def __exit__(self, exc_type, value, traceback):
        for file in (self.stdout, self.stderr):
            if file:
                file.close()
        try:
            if self.stdin:
                self.stdin.close()  # which writes what is in its buffer, and may fail
        finally:
            if exc_type is not None and issubclass(exc_type, KeyboardInterrupt):
                if self._sigint_wait_secs > 0:
                    self._wait_after_interrupt(None)
            else:
                self.wait()

    def __del__(self, _maxsize=sys.maxsize, _warn=warn):
        if not self._child_created:
            return
        if self.returncode is None:
            _warn(f"subprocess {self.pid} is still running", ResourceWarning, source=self)
        self._internal_poll(_deadstate=_maxsize)
        if self.returncode is None and _active is not None:
            _active.append(self)
