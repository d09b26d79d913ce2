# SPDX-License-Identifier: MIT
"""The exceptions of the standard module. They are imported as names of libsubprocess.compat."""


class SubprocessError(Exception):
    """The base of the exceptions of this module."""


class _WithOutput(SubprocessError):
    @property
    def stdout(self):
        """The same as output."""
        return self.output

    @stdout.setter
    def stdout(self, value):
        self.output = value


class CalledProcessError(_WithOutput):
    """With check=True, and from check_call() and check_output(): the return code is not 0.

    Attributes: cmd, returncode, output (also called stdout), stderr.
    """

    def __init__(self, returncode, cmd, output=None, stderr=None):
        self.returncode = returncode
        self.cmd = cmd
        self.output = output
        self.stderr = stderr

    def __str__(self):
        if not self.returncode or self.returncode > 0:
            return f"Command '{self.cmd}' returned non-zero exit status {self.returncode}."
        from signal import Signals
        try:
            return f"Command '{self.cmd}' died with {Signals(-self.returncode)!r}."
        except ValueError:
            return f"Command '{self.cmd}' died with unknown signal {-self.returncode}."


class TimeoutExpired(_WithOutput):
    """The limit passed while the child was waited for.

    Attributes: cmd, timeout, output (also called stdout), stderr: what came until then, as bytes.
    """

    def __init__(self, cmd, timeout, output=None, stderr=None):
        self.cmd = cmd
        self.timeout = timeout
        self.output = output
        self.stderr = stderr

    def __str__(self):
        return f"Command '{self.cmd}' timed out after {self.timeout} seconds"


def code_of(failure):
    """The C library's name for a failure, None if the exception is not from it."""
    return getattr(failure, "code", None)


def is_lost(failure):
    """Whether nobody can tell any more how the child ended: somebody else has waited for it, it is of another process
    (before a fork), or it was closed."""
    return code_of(failure) in ("SP_ELOST", "SP_EINVAL", "SP_ECLOSED")


def start_failure(failure, executable, cwd):
    """What the standard module raises when a child cannot be started."""
    step = getattr(failure, "step", None)
    if step == "preexec":
        return SubprocessError("Exception occurred in preexec_fn.")
    if not isinstance(failure, OSError) or step is None or failure.errno is None:
        return failure
    import os
    reason = failure.errno, os.strerror(failure.errno)
    if step == "chdir":
        return OSError(*reason, cwd)
    return OSError(*reason, executable) if step == "exec" else OSError(*reason)
