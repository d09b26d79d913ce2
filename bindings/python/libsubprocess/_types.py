# SPDX-License-Identifier: MIT
"""Types of the keyword arguments. Read by type checkers and people; nothing imports it when a program runs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Callable, Iterable, Mapping, Optional, Protocol, Sequence, TypedDict, Union

if TYPE_CHECKING:
    from ._cancel import CancelToken
    from ._command import Append, Command

StrOrBytesPath = Union[str, bytes, "os.PathLike[str]", "os.PathLike[bytes]"]
Args = Union[StrOrBytesPath, Sequence[StrOrBytesPath]]
Stage = Union[Args, "Command"]
OnOutput = Callable[[str, bytes], Any]


class HasFileno(Protocol):
    def fileno(self) -> int: ...


Stdio = Union[None, int, HasFileno, StrOrBytesPath, "Append"]


class CommandOptions(TypedDict, total=False):
    """What a child is given: for one stage of a pipeline too."""

    executable: Optional[StrOrBytesPath]
    """The program to execute instead of the first argument (or instead of /bin/sh)."""
    shell: bool
    """The first argument is a command line for /bin/sh."""
    cwd: Optional[StrOrBytesPath]
    """The directory that the child enters first."""
    env: Optional[Mapping[Any, StrOrBytesPath]]
    """The whole environment; None inherits the parent's."""
    env_extend: Optional[Mapping[Any, Optional[StrOrBytesPath]]]
    """Added to the parent's environment; None as a value removes a variable."""
    stderr: Stdio
    close_fds: bool
    pass_fds: Iterable[Union[int, HasFileno]]
    """Descriptors that the child gets under the same numbers."""
    fd_map: Mapping[int, Union[int, HasFileno]]
    """Descriptors that the child gets under other numbers: child's to parent's."""
    restore_signals: bool
    keep_signal_mask: bool
    """Start with the calling thread's signal mask instead of an empty one."""
    user: Union[str, int, None]
    group: Union[str, int, None]
    extra_groups: Optional[Iterable[Union[str, int]]]
    umask: int
    death_signal: Optional[int]
    """Sent to the child when the thread that started it ends."""


class PopenOptions(CommandOptions, total=False):
    """What Popen takes: the standard module's keywords, and those of this library."""

    stdin: Stdio
    stdout: Stdio
    """None inherits; PIPE, DEVNULL, STDOUT (stderr only), a descriptor, a file object, a path, or Append(path)."""
    capture_output: bool
    bufsize: int
    """0: read(n) returns what there is; otherwise it waits for n bytes. Writing is never held back."""
    text: Optional[bool]
    encoding: Optional[str]
    errors: Optional[str]
    universal_newlines: Optional[bool]
    pipesize: int
    preexec_fn: Optional[Callable[[], Any]]
    start_new_session: bool
    new_group: bool
    """The child leads a new process group; the same as process_group=0."""
    process_group: Optional[int]
    controlling_tty: bool
    """With start_new_session: standard input becomes the child's controlling terminal."""
    check: bool
    """A return code other than 0 is CalledProcessError (of communicate() and run())."""
    drain: Optional[float]
    """After the child's end read at most so many seconds, whoever else holds the pipes."""
    max_output: Optional[int]
    """Captured bytes per stream; more is read, dropped and counted."""
    cancel: Optional["CancelToken"]
    """Wakes every blocking call on the child when triggered."""
    on_output: Optional[OnOutput]
    """Called with "stdout" or "stderr" and each chunk as communicate() or run() reads it. Returning False stops the call
    with Canceled, and an exception stops it too."""
    kill_on_free: bool
    """Kill a child that still runs when its Popen is forgotten."""


class PipelineOptions(PopenOptions, total=False):
    pipefail: bool
    """The last stage that failed decides the return code."""


class RunOptions(PopenOptions, total=False):
    """What run() takes besides."""

    input: Any
    timeout: Optional[float]
    kill_grace: Optional[float]
    """At the limit SIGTERM first, and SIGKILL so many seconds later; 0: SIGKILL at once."""
    kill_group_on_timeout: bool
    """An end by timeout, cancel or exception kills the child's whole group."""


class RunPipelineOptions(RunOptions, total=False):
    pipefail: bool
