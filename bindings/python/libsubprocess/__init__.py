# SPDX-License-Identifier: MIT
"""Start and control child processes: the shape of the standard subprocess module, on the C library libsubprocess.

    import libsubprocess as sp

    sp.run(["git", "status", "--short"], capture_output=True, text=True, check=True, timeout=5).stdout

Functions: run, call, check_call, check_output, run_pipeline; quote, split, which. Classes: Popen, pipeline, Command,
CancelToken, CompletedProcess; the exceptions are in libsubprocess.errors. libsubprocess.aio is the asyncio face.
"""

from __future__ import annotations

from ._cancel import CancelToken
from ._command import Append, Command, quote, split, which
from ._native import DEVNULL, PIPE, STDOUT, sp_version_number
from ._native import sp_release_caches as release_caches
from ._pipeline import Pipeline, pipeline
from ._process import Popen, Stage
from ._results import CompletedProcess
from ._run import call, check_call, check_output, run, run_pipeline
from ._typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .errors import (BusyError, CalledProcessError, Canceled, ClosedError, StatusLost, SubprocessError,
                         TimeoutExpired)

_ERRORS = ("BusyError", "CalledProcessError", "Canceled", "ClosedError", "StatusLost", "SubprocessError",
           "TimeoutExpired")

__all__ = [
    "Append", "BusyError", "CalledProcessError", "CancelToken", "Canceled", "ClosedError", "Command", "CompletedProcess",
    "DEVNULL", "PIPE", "Pipeline", "Popen", "STDOUT", "Stage", "StatusLost", "SubprocessError", "TimeoutExpired", "call",
    "check_call", "check_output", "library_version", "pipeline", "quote", "release_caches", "run", "run_pipeline",
    "split", "which",
]


def library_version() -> tuple[int, int, int]:
    """The version of the C library that runs."""
    number = sp_version_number()
    return number >> 16 & 0xFF, number >> 8 & 0xFF, number & 0xFF


def __getattr__(name: str) -> object:
    """The exceptions come with the standard module, whose exceptions they are too: it is imported when one is needed."""
    if name in _ERRORS:
        from . import errors
        return getattr(errors, name)
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
