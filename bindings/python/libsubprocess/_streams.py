# SPDX-License-Identifier: MIT
"""The parent's ends of the pipes, as Python streams.

What has been read but not yet handed out (the rest of a chunk, what a limit or an exception cut short) stays in the stream,
and communicate() begins with it: nothing is lost.
"""

from __future__ import annotations

import io
from _thread import allocate_lock

from . import _native
from ._options import milliseconds
from ._results import complete_error
from ._typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Optional

    from ._text import Encoding

CHUNK = 65536


def _misuse(kind: str, code: str, message: str) -> Exception:
    from . import errors
    error: errors.SubprocessError = getattr(errors, kind)(message)
    error.code, error.step, error.message = code, "io", message
    return error


def _closed_error() -> Exception:
    return _misuse("ClosedError", "SP_ECLOSED", "the stream is closed")


class _Claim:
    """One user at a time: a second thread is told, and so is a signal handler that would wait for itself."""

    __slots__ = ("_lock",)

    def __init__(self) -> None:
        self._lock = allocate_lock()

    def __enter__(self) -> None:
        if not self._lock.acquire(False):
            raise _misuse("BusyError", "SP_EBUSY", "the stream is in use")

    def __exit__(self, *_exception: object) -> None:
        self._lock.release()


class _PipeEnd(io.RawIOBase):
    """`timeout`: how many seconds a call may take, None for any time. After TimeoutExpired it can be repeated."""

    timeout: Optional[float] = None

    def __init__(self, process: Any, stream: int, cmd: Any) -> None:
        self._process = process
        self._stream = stream
        self._cmd = cmd
        self.claim = _Claim()

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

    def __init__(self, process: Any, stream: int, cmd: Any) -> None:
        super().__init__(process, stream, cmd)
        self.ahead = bytearray()

    def readable(self) -> bool:
        self._check_open()
        return True

    def write(self, data: Any) -> int:
        raise io.UnsupportedOperation("not writable")

    def readinto(self, buffer: Any) -> int:
        with self.claim:
            if not self.ahead:
                return self._read(buffer)
            with memoryview(buffer) as view, view.cast("B") as room:
                data = self._take(len(room))
                room[: len(data)] = data
                return len(data)

    def read1(self, size: int = -1) -> bytes:
        """Returns what one read gives, waiting until there is something; b"" at end of file."""
        with self.claim:
            if not self.ahead and size != 0:
                self._read_ahead(CHUNK if size < 0 else size)
            return self._take(size)

    def read(self, size: Optional[int] = -1) -> bytes:
        return self.readall() if size is None or size < 0 else self.read1(size)

    def readall(self) -> bytes:
        with self.claim:
            self._check_open()
            while self._read_ahead(CHUNK):
                pass
            return self._take(-1)

    def readline(self, size: Optional[int] = -1) -> bytes:
        limit = -1 if size is None else size
        with self.claim:
            self._check_open()
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

    def _read(self, room: Any) -> int:
        self._check_open()
        try:
            return _native.read(self._process, self._stream, room, milliseconds(self.timeout))
        except Exception as error:
            complete_error(error, self._cmd, self.timeout)
            raise

    def _read_ahead(self, size: int) -> bool:
        chunk = bytearray(min(size, CHUNK))
        count = self._read(chunk)
        del chunk[count:]
        self.ahead += chunk
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
        if size is None or size < 0:
            return self.readall()
        with self.claim:
            self._check_open()
            while len(self.ahead) < size and self._read_ahead(CHUNK):
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
        written = 0
        with self.claim, memoryview(data) as view, view.cast("B") as rest:
            self._check_open()
            try:
                while written < len(rest):
                    written += _native.write(self._process, rest[written:], milliseconds(self.timeout))
            except BaseException as error:
                error.characters_written = written + getattr(error, "characters_written", 0)  # type: ignore[attr-defined]
                complete_error(error, self._cmd, self.timeout)
                raise
        return written


class TextReadStream(io.TextIOBase):
    r"""The child's standard output or error as text. "\r\n" and "\r" become "\n"."""

    def __init__(self, buffer: ReadStream, encoding: Encoding) -> None:
        self._buffer = buffer
        self._encoding = encoding
        self._decoder = encoding.decoder()
        self._text = ""  # decoded, from _at on not yet handed out
        self._at = 0

    @property
    def buffer(self) -> ReadStream:  # type: ignore[override]
        return self._buffer

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._encoding.name

    @property
    def errors(self) -> str:  # type: ignore[override]
        return self._encoding.errors

    @property
    def timeout(self) -> Optional[float]:
        return self._buffer.timeout

    @timeout.setter
    def timeout(self, seconds: Optional[float]) -> None:
        self._buffer.timeout = seconds

    @property
    def closed(self) -> bool:
        return self._buffer.closed

    def readable(self) -> bool:
        return self._buffer.readable()

    def fileno(self) -> int:
        return self._buffer.fileno()

    def close(self) -> None:
        self._buffer.close()

    def read(self, size: Optional[int] = -1) -> str:
        wanted = -1 if size is None else size
        while (wanted < 0 or len(self._text) - self._at < wanted) and self._more():
            pass
        return self._take(wanted)

    def readline(self, size: Optional[int] = -1) -> str:  # type: ignore[override]
        limit = -1 if size is None else size
        searched = 0
        while True:
            end = self._text.find("\n", self._at + searched) + 1 - self._at
            waiting = len(self._text) - self._at
            if end <= 0 and 0 <= limit <= waiting:
                end = limit
            if end > 0 or limit == 0:
                return self._take(min(end, limit) if limit >= 0 else end)
            searched = waiting
            if not self._more():
                return self._take(-1)

    def rest(self, data: bytes, *, final: bool) -> str:
        """What has been read but not handed out, and `data`. Changes nothing."""
        data = bytes(self._buffer.ahead) + data
        state = self._decoder.getstate()
        try:
            return self._text[self._at:] + self._decoder.decode(data, final)
        except UnicodeDecodeError:
            if final:
                raise
            return self._text[self._at:] + self._encoding.decode_for_error(data)
        finally:
            self._decoder.setstate(state)

    def _more(self) -> bool:
        chunk = self._buffer.read1(CHUNK)
        text = self._decoder.decode(chunk, not chunk)
        self._text, self._at = self._text[self._at:] + text, 0
        return bool(chunk)

    def _take(self, size: int) -> str:
        end = len(self._text) if size < 0 else self._at + size
        text = self._text[self._at:end]
        self._at += len(text)
        return text


class TextWriteStream(io.TextIOBase):
    """The child's standard input for text. Each write() goes out at once."""

    def __init__(self, buffer: WriteStream, encoding: Encoding) -> None:
        self._buffer = buffer
        self._encoding = encoding
        self._encoder = encoding.encoder()

    @property
    def buffer(self) -> WriteStream:  # type: ignore[override]
        return self._buffer

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._encoding.name

    @property
    def errors(self) -> str:  # type: ignore[override]
        return self._encoding.errors

    @property
    def timeout(self) -> Optional[float]:
        return self._buffer.timeout

    @timeout.setter
    def timeout(self, seconds: Optional[float]) -> None:
        self._buffer.timeout = seconds

    @property
    def closed(self) -> bool:
        return self._buffer.closed

    def writable(self) -> bool:
        return self._buffer.writable()

    def fileno(self) -> int:
        return self._buffer.fileno()

    def close(self) -> None:
        self._buffer.close()

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"a str is required, not {type(text).__name__}")
        self._buffer.write(self._encoder.encode(text))
        return len(text)


def stream_of(process: Any, stream: int, cmd: Any, encoding: Optional[Encoding], bufsize: int) -> Any:
    """The Python stream for one of the child's pipes; None if it is no pipe."""
    if _native.stream_handle(process, stream) < 0:
        return None
    if stream == 0:
        writer = WriteStream(process, stream, cmd)
        return writer if encoding is None else TextWriteStream(writer, encoding)
    reader = (ReadStream if bufsize == 0 else BufferedReadStream)(process, stream, cmd)
    return reader if encoding is None else TextReadStream(reader, encoding)
