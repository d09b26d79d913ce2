# SPDX-License-Identifier: MIT
"""From keyword arguments to the C library's options: other names, milliseconds instead of seconds."""

from __future__ import annotations

from math import ceil, inf

from . import _native
from ._cancel import CancelToken
from ._command import Append
from ._text import Encoding, encoding_of
from ._typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Callable, Optional

    Request = dict[str, Any]

STREAM_NAMES = ("stdin", "stdout", "stderr")


def milliseconds(seconds: Optional[float]) -> int:
    """Rounded up, so that a limit does not pass early. None and infinity: no limit."""
    if seconds is None or seconds == inf:
        return _native.FOREVER
    if seconds < 0:
        return -2  # refused by the library; -1 would be no limit
    return ceil(seconds * 1000)


def _rename(name: str) -> Callable[[Request, Any], None]:
    def set_option(request: Request, value: Any) -> None:
        request[name] = value
    return set_option


def _negate(name: str) -> Callable[[Request, Any], None]:
    def set_option(request: Request, value: Any) -> None:
        request[name] = not value
    return set_option


def _unless_minus_one(name: str) -> Callable[[Request, Any], None]:
    """For the standard module's numbers whose default is -1."""
    def set_option(request: Request, value: Any) -> None:
        if value != -1:
            request[name] = value
    return set_option


def _name_or_number(name: str, number: str) -> Callable[[Request, Any], None]:
    def set_option(request: Request, value: Any) -> None:
        request[number if isinstance(value, int) else name] = value
    return set_option


def _stream(name: str) -> Callable[[Request, Any], None]:
    def set_option(request: Request, value: Any) -> None:
        request[name] = (value.path,) if isinstance(value, Append) else value
    return set_option


def _set_timeout(request: Request, value: Any) -> None:
    request["timeout_ms"] = milliseconds(value)


def _set_kill_grace(request: Request, value: Any) -> None:
    request["kill_grace_ms"] = milliseconds(value)


def _set_drain(request: Request, value: Any) -> None:
    request["drain_ms"] = milliseconds(value) or 1  # to the library 0 is no limit


def _set_process_group(request: Request, value: Any) -> None:
    if value == 0:
        request["new_group"] = True
    elif value != -1:
        request["join_group"] = value


def _group_number(group: Any) -> Any:
    if not isinstance(group, str):
        return group
    import grp
    return grp.getgrnam(group).gr_gid


def _set_extra_groups(request: Request, value: Any) -> None:
    if isinstance(value, (str, bytes)):
        raise TypeError("extra_groups is a list of groups")
    request["groups"] = [_group_number(group) for group in value]


def _set_cancel(request: Request, value: Any) -> None:
    if not isinstance(value, CancelToken):
        raise TypeError(f"cancel is a CancelToken, not {type(value).__name__}")
    request["cancel"] = value._handle


def _set_on_output(request: Request, value: Any) -> None:
    if not callable(value):
        raise TypeError(f"on_output must be callable, not {type(value).__name__}")
    request["on_output"] = lambda stream, data: value(STREAM_NAMES[stream], data)


def _ignore(request: Request, value: Any) -> None:
    pass  # read elsewhere


COMMAND: dict[str, Callable[[Request, Any], None]] = {
    **{name: _rename(name) for name in (
        "executable", "shell", "cwd", "env", "env_extend", "pass_fds", "fd_map", "keep_signal_mask", "death_signal")},
    "stderr": _stream("stderr"),
    "close_fds": _negate("keep_fds"),
    "restore_signals": _negate("keep_signals"),
    "user": _name_or_number("user", "uid"),
    "group": _name_or_number("group", "gid"),
    "extra_groups": _set_extra_groups,
    "umask": _unless_minus_one("umask"),
}
POPEN: dict[str, Callable[[Request, Any], None]] = {
    **COMMAND,
    **{name: _rename(name) for name in (
        "new_group", "controlling_tty", "check", "max_output", "kill_on_free", "preexec_fn")},
    **{name: _ignore for name in ("bufsize", "text", "encoding", "errors", "universal_newlines")},
    "stdin": _stream("stdin"),
    "stdout": _stream("stdout"),
    "capture_output": _rename("capture"),
    "pipesize": _unless_minus_one("pipe_size"),
    "start_new_session": _rename("new_session"),
    "process_group": _set_process_group,
    "drain": _set_drain,
    "cancel": _set_cancel,
    "on_output": _set_on_output,
}
PIPELINE = {**POPEN, "pipefail": _rename("pipefail")}
_RUN: dict[str, Callable[[Request, Any], None]] = {
    "input": _ignore,
    "timeout": _set_timeout,
    "kill_grace": _set_kill_grace,
    "kill_group_on_timeout": _rename("kill_group_on_timeout"),
}
RUN = {**POPEN, **_RUN}
RUN_PIPELINE = {**PIPELINE, **_RUN}


def convert(request: Request, options: dict[str, Any], allowed: dict[str, Callable[[Request, Any], None]],
            function: str) -> None:
    """Adds the keyword arguments to `request`. None is the same as not given."""
    for name, value in options.items():
        set_option = allowed.get(name)
        if set_option is None:
            raise TypeError(f"{function}() got an unexpected keyword argument '{name}'")
        if value is not None:
            set_option(request, value)


def encoded_input(data: Any, encoding: Optional[Encoding]) -> Any:
    """What is fed to a child: text in text mode, else anything with the buffer protocol, which is not copied."""
    if encoding is None or data is None:
        return data
    if not isinstance(data, str):
        raise TypeError(f"input must be str in text mode, not {type(data).__name__}")
    return encoding.encode(data)


def request_of(command: Request, options: dict[str, Any], allowed: dict[str, Callable[[Request, Any], None]],
               function: str) -> tuple[Request, Optional[Encoding]]:
    # Signals end each wait inside, so that Python's handlers run; the call then goes on.
    request: Request = {**command, "return_on_signal": True}
    convert(request, options, allowed, function)
    encoding = encoding_of(options)
    if options.get("input") is not None and "input" in allowed:
        request["input"] = encoded_input(options["input"], encoding)
    return request, encoding
