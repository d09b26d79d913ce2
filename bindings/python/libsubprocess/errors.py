# SPDX-License-Identifier: MIT
"""The exceptions. Where the standard module has one of the same name, ours is a subclass of it.

Every exception that the library raises, the built-in ones included, says what failed in the same attributes:

    code      the C library's name for it, to branch on, such as "SP_ETIMEDOUT"
    step      where it failed, such as "exec", "chdir" or "io"
    stage     the index of the command in a pipeline, else 0
    path      the program, directory, user or file concerned, or ""
    message   one sentence
"""

from __future__ import annotations

import os
import subprocess

from . import _native
from ._typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Optional

    from ._results import CompletedProcess


class SubprocessError(subprocess.SubprocessError):
    """The base of the exceptions that are no built-in ones."""

    code: str = ""
    step: str = ""
    stage: int = 0
    path: str = ""
    message: str = ""
    cmd: Any = None
    result: Optional[CompletedProcess[Any]] = None
    """All that is known of the child: everything with CalledProcessError and StatusLost, else what came so far."""


class CalledProcessError(SubprocessError, subprocess.CalledProcessError):
    """With check=True: the return code is not 0."""


class TimeoutExpired(SubprocessError, subprocess.TimeoutExpired):
    """The limit passed. In text mode its output is text."""


class _Stopped(SubprocessError):
    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.output: Any = None
        self.stderr: Any = None

    @property
    def stdout(self) -> Any:
        return self.output

    @property
    def returncode(self) -> Optional[int]:
        return self.result.returncode if self.result is not None else None


class Canceled(_Stopped):
    """The cancel token was triggered."""


class StatusLost(_Stopped):
    """Somebody else has reaped the child, and how it ended is not known."""


class ClosedError(SubprocessError, ValueError):
    """The process or stream was closed, maybe by another thread during the call."""


class BusyError(SubprocessError, RuntimeError):
    """Another thread, or the call that a signal handler interrupted, is using the stream or communicating."""


def _os_error(errno: int, path: str, message: str) -> Exception:
    if errno == 0:  # a user or group that does not exist: no system call has failed
        return LookupError(message)
    error = OSError(errno, os.strerror(errno), path) if path else OSError(errno, os.strerror(errno))
    if hasattr(error, "add_note"):
        error.add_note(message)
    return error


def _plain(code: str, errno: int, path: str, message: str) -> Exception:
    if code == "SP_EINVAL":
        return ValueError(message)
    if code in ("SP_ENOTFOUND", "SP_EACCESS", "SP_ESYS"):
        return _os_error(errno, path, message)
    kinds: dict[str, type[Exception]] = {
        "SP_ENOMEM": MemoryError, "SP_EUNSUPPORTED": NotImplementedError, "SP_ECLOSED": ClosedError,
        "SP_EBUSY": BusyError, "SP_ECANCELED": Canceled, "SP_ELOST": StatusLost}
    return kinds.get(code, RuntimeError)(message)


def _of_child(code: str, result: Any) -> Optional[Exception]:
    if code == "SP_ETIMEDOUT":
        return TimeoutExpired("", 0)
    if code == "SP_EFAILED":
        return CalledProcessError(_native.result_returncode(result), "")
    return None


def _child_failed_in_preexec(code: str, step: str) -> Optional[Exception]:
    if code == "SP_ESYS" and step == "preexec":
        return SubprocessError("Exception occurred in preexec_fn.")
    return None


def make(code: str, step: str, errno: int, stage: int, path: str, message: str, result: Any) -> Exception:
    """Makes the exception for a failure; called by the C side."""
    error: Any = (_of_child(code, result) or _child_failed_in_preexec(code, step) or
                  _plain(code, errno, path, message))
    error.code = code
    error.step = step
    error.stage = stage
    error.path = path
    error.message = message
    if result is not None:
        error.result = result
    return error  # type: ignore[no-any-return]
