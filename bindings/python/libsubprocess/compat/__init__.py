# SPDX-License-Identifier: MIT
"""The standard subprocess module, on the C library libsubprocess.

    import libsubprocess.compat as subprocess

Every function, class, parameter and exception of the standard module of Python 3.13, with its behaviour, so that programs
need no other change. Starting, waiting, signalling and communicating are done by the library.
"""

from .. import _native
from . import _interpreter, _popen
from ._errors import CalledProcessError, SubprocessError, TimeoutExpired
from ._popen import Popen

__all__ = ["Popen", "PIPE", "STDOUT", "call", "check_call", "getstatusoutput", "getoutput", "check_output", "run",
           "CalledProcessError", "DEVNULL", "SubprocessError", "TimeoutExpired", "CompletedProcess"]

PIPE = _native.PIPE
STDOUT = _native.STDOUT
DEVNULL = _native.DEVNULL

# Private names that are used all over the world.
_active = _popen._active
_cleanup = _popen._cleanup
_args_from_interpreter_flags = _interpreter.args_from_interpreter_flags
_optim_args_from_interpreter_flags = _interpreter.optim_args_from_interpreter_flags
_mswindows = False
_can_fork_exec = True
# Private names of what is done otherwise here: they may be set, and change nothing.
_fork_exec = _native.start
_USE_VFORK = True
_USE_POSIX_SPAWN = True
_PopenSelector = None

_MODULES = {"builtins", "contextlib", "errno", "fcntl", "io", "locale", "os", "select", "selectors", "signal", "sys",
            "threading", "time", "types", "warnings"}


def __getattr__(name):
    """The modules that the standard module has as attributes, imported for whoever wants them."""
    if name in _MODULES:
        from importlib import import_module
        return import_module(name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


class CompletedProcess:
    """What run() returns. Attributes: args, returncode, and stdout and stderr, None for what was not captured."""

    def __init__(self, args, returncode, stdout=None, stderr=None):
        self.args = args
        self.returncode = returncode
        self.stdout = stdout
        self.stderr = stderr

    def __repr__(self):
        parts = [f"args={self.args!r}", f"returncode={self.returncode!r}"]
        parts += [f"{name}={value!r}" for name, value in (("stdout", self.stdout), ("stderr", self.stderr))
                  if value is not None]
        return f"{type(self).__name__}({', '.join(parts)})"

    __class_getitem__ = classmethod(type(list[int]))

    def check_returncode(self):
        """Raises CalledProcessError if the return code is not 0."""
        if self.returncode:
            raise CalledProcessError(self.returncode, self.args, self.stdout, self.stderr)


def run(*popenargs, input=None, capture_output=False, timeout=None, check=False, **kwargs):
    """Runs a command to its end and returns a CompletedProcess. Takes the arguments of Popen, and

    input           what the child reads from its standard input
    capture_output  stdout=PIPE and stderr=PIPE
    timeout         after so many seconds the child is killed, and TimeoutExpired raised
    check           a return code other than 0 is CalledProcessError
    """
    if input is not None:
        if kwargs.get("stdin") is not None:
            raise ValueError("stdin and input arguments may not both be used.")
        kwargs["stdin"] = PIPE
    if capture_output:
        if kwargs.get("stdout") is not None or kwargs.get("stderr") is not None:
            raise ValueError("stdout and stderr arguments may not be used with capture_output.")
        kwargs["stdout"] = kwargs["stderr"] = PIPE
    with Popen(*popenargs, **kwargs) as process:
        try:
            stdout, stderr = process.communicate(input, timeout=timeout)
        except TimeoutExpired:
            process.kill()
            process.wait()
            raise
        except:
            process.kill()
            raise  # the end of `with` waits
        returncode = process.poll()
    completed = CompletedProcess(process.args, returncode, stdout, stderr)
    if check:
        completed.check_returncode()
    return completed


def call(*popenargs, timeout=None, **kwargs):
    """Runs a command and returns its return code. Takes the arguments of Popen, and a timeout."""
    with Popen(*popenargs, **kwargs) as process:
        try:
            return process.wait(timeout=timeout)
        except:
            process.kill()
            raise


def check_call(*popenargs, **kwargs):
    """As call(), but a return code other than 0 is CalledProcessError."""
    returncode = call(*popenargs, **kwargs)
    if returncode:
        raise CalledProcessError(returncode, kwargs["args"] if kwargs.get("args") is not None else popenargs[0])
    return 0


def check_output(*popenargs, timeout=None, **kwargs):
    """Runs a command and returns its standard output. Takes the arguments of run() but stdout and check; a return code
    other than 0 is CalledProcessError."""
    for name in ("stdout", "check"):
        if name in kwargs:
            raise ValueError(f"{name} argument not allowed, it will be overridden.")
    if "input" in kwargs and kwargs["input"] is None:
        is_text = any(map(kwargs.get, ("text", "universal_newlines", "encoding", "errors")))
        kwargs["input"] = "" if is_text else b""
    return run(*popenargs, stdout=PIPE, timeout=timeout, check=True, **kwargs).stdout


def getstatusoutput(cmd, *, encoding=None, errors=None):
    """Runs a shell command. Returns its return code, and its output (stderr too) without a newline at the end."""
    try:
        status, output = 0, check_output(cmd, shell=True, text=True, stderr=STDOUT, encoding=encoding, errors=errors)
    except CalledProcessError as error:
        status, output = error.returncode, error.output
    return status, output.removesuffix("\n")


def getoutput(cmd, *, encoding=None, errors=None):
    """The output of a shell command (stderr too) without a newline at the end."""
    return getstatusoutput(cmd, encoding=encoding, errors=errors)[1]


def list2cmdline(seq):
    """Joins arguments into one line by the rules of Microsoft's C runtime."""
    import os
    import re

    def quoted(argument):
        text = re.sub(r'(\\*)"', r'\1\1\\"', argument)
        if argument and " " not in argument and "\t" not in argument:
            return text
        return '"' + re.sub(r"(\\+)$", r"\1\1", text) + '"'

    return " ".join(quoted(os.fsdecode(argument)) for argument in seq)


for _class in (CalledProcessError, Popen, SubprocessError, TimeoutExpired):
    _class.__module__ = __name__
