# SPDX-License-Identifier: MIT
"""The parent's ends of the pipes, as Python streams.

What has been read but not yet handed out (the rest of a chunk, what a limit or an exception cut short) stays in the stream,
and communicate() begins with it: nothing is lost.
"""

from __future__ import annotations

import io
from functools import wraps

from . import _native
from ._options import milliseconds
from ._results import complete_error
from ._typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Callable, Optional, TypeVar

    Method = TypeVar("Method", bound=Callable[..., Any])

CHUNK = 65536


def _misuse(kind: str, code: str, message: str) -> Exception:
    from . import errors
    error: errors.SubprocessError = getattr(errors, kind)(message)
    error.code, error.step, error.message = code, "io", message
    return error


def _closed_error() -> Exception:
    return _misuse("ClosedError", "SP_ECLOSED", "the stream is closed")


class Claims:
    """Who uses a process: one thread at a time reads a stream, writes or communicates. A second one is told, and so is a
    signal handler that would have to wait for itself.

    Signal handlers may raise wherever something is called, but not between the test, the assignment and the `try` below:
    a claim is never left behind.
    """

    __slots__ = ("taken",)

    def __init__(self) -> None:
        self.taken = [False, False, False]

    @staticmethod
    def busy() -> Exception:
        return _misuse("BusyError", "SP_EBUSY", "another call is using the stream")


def _claimed(method: Method) -> Method:
    @wraps(method)
    def call(self: Any, *args: Any) -> Any:
        taken, stream = self.claims.taken, self._stream
        if taken[stream]:
            raise Claims.busy()
        taken[stream] = True
        try:
            return method(self, *args)
        finally:
            taken[stream] = False
    return call  # type: ignore[return-value]


class _PipeEnd(io.RawIOBase):
    """`timeout`: how many seconds a call may take, None for any time. After TimeoutExpired it can be repeated."""

    timeout: Optional[float] = None

    def __init__(self, process: Any, claims: Claims, stream: int, cmd: Any) -> None:
        self._process = process
        self.claims = claims
        self._stream = stream
        self._cmd = cmd

    @property
    def name(self) -> int:
        return self.fileno()

    def fileno(self) -> int:
        fd = _native.stream_handle(self._process, self._stream)
        if fd < 0:
            raise _closed_error()
        return fd

    def close(self) -> None:
        """Closes the pipe. A thread that is blocked on it gets ClosedError."""
        if self.closed:
            return
        super().close()
        try:
            _native.close_stream(self._process, self._stream)
        except ValueError:
            pass  # the process was closed, or is from before a fork: there is no pipe left

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {('stdin', 'stdout', 'stderr')[self._stream]}{' closed' if self.closed else ''}>"

    def _check_open(self) -> None:
        if self.closed:
            raise _closed_error()


class ReadStream(_PipeEnd):
    """The child's standard output or error. read(n) returns what there is, at most n bytes: bufsize=0."""

    def __init__(self, process: Any, claims: Claims, stream: int, cmd: Any) -> None:
        super().__init__(process, claims, stream, cmd)
        self.ahead = bytearray()

    def readable(self) -> bool:
        self._check_open()
        return True

    def write(self, data: Any) -> int:
        raise io.UnsupportedOperation("not writable")

    def fill(self, size: int = CHUNK) -> bool:
        """Reads ahead what there is, waiting until there is something; False at end of file."""
        return self._fill(size)

    @_claimed
    def _fill(self, size: int) -> bool:
        return self._read_ahead(size)

    @_claimed
    def readinto(self, buffer: Any) -> int:
        with memoryview(buffer) as view, view.cast("B") as room:
            if room.readonly:
                raise TypeError("readinto() needs a writable buffer")
            if not self.ahead and len(room):
                self._read_ahead(len(room))
            count = min(len(room), len(self.ahead))
            room[:count] = self.ahead[:count]
            del self.ahead[:count]
            return count

    @_claimed
    def read1(self, size: int = -1) -> bytes:
        """Returns what one read gives, waiting until there is something; b"" at end of file."""
        if not self.ahead and size != 0:
            self._read_ahead(CHUNK if size < 0 else size)
        return self._take(size)

    def read(self, size: Optional[int] = -1) -> bytes:
        return self.readall() if size is None or size < 0 else self.read1(size)

    @_claimed
    def readall(self) -> bytes:
        while self._read_ahead(CHUNK):
            pass
        return self._take(-1)

    @_claimed
    def readline(self, size: Optional[int] = -1) -> bytes:
        limit = -1 if size is None else size
        searched = 0
        while True:
            end = self.ahead.find(b"\n", searched) + 1
            if end == 0 and limit >= 0 and len(self.ahead) >= limit:
                end = limit
            if end or limit == 0:
                return self._take(min(end, limit) if limit >= 0 else end)
            searched = len(self.ahead)
            if not self._read_ahead(CHUNK):
                return self._take(-1)

    def _read_ahead(self, size: int) -> bool:
        self._check_open()
        try:
            count = _native.read_ahead(self._process, self._stream, self.ahead, min(size, CHUNK), milliseconds(self.timeout))
        except Exception as error:
            complete_error(error, self._cmd, self.timeout)
            raise
        return count > 0

    def _take(self, size: int) -> bytes:
        if size < 0:
            size = len(self.ahead)
        data = bytes(self.ahead[:size])
        del self.ahead[:size]
        return data


class BufferedReadStream(ReadStream):
    """The child's standard output or error. read(n) waits for n bytes or the end of file."""

    def read(self, size: Optional[int] = -1) -> bytes:
        return self.readall() if size is None or size < 0 else self._read_all_of(size)

    @_claimed
    def _read_all_of(self, size: int) -> bytes:
        while len(self.ahead) < size and self._read_ahead(size - len(self.ahead)):
            pass
        return self._take(size)


class WriteStream(_PipeEnd):
    """The child's standard input. Each write() goes out at once, all of it; there is nothing to flush.

    An exception that comes after part of it has been written has the count as `characters_written`.
    """

    def writable(self) -> bool:
        self._check_open()
        return True

    def readinto(self, buffer: Any) -> int:
        raise io.UnsupportedOperation("not readable")

    def write(self, data: Any) -> int:
        if isinstance(data, str):
            raise TypeError("a bytes-like object is required, not 'str'")
        return self._write(data)

    @_claimed
    def _write(self, data: Any) -> int:
        progress = [0]
        with memoryview(data) as view, view.cast("B") as rest:
            self._check_open()
            try:
                while progress[0] < len(rest):
                    _native.write_counted(self._process, progress, rest[progress[0]:], milliseconds(self.timeout))
            except BaseException as error:
                error.characters_written = progress[0]  # type: ignore[attr-defined]
                complete_error(error, self._cmd, self.timeout)
                raise
        return progress[0]
