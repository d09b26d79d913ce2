# SPDX-License-Identifier: MIT
"""The parent's ends of the pipes as text. Like the streams of bytes below them they lose nothing."""

from __future__ import annotations

import io

from . import _native
from ._streams import BufferedReadStream, Claims, ReadStream, WriteStream
from ._typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Optional

    from ._text import Encoding


class TextReadStream(io.TextIOBase):
    r"""The child's standard output or error as text. "\r\n" and "\r" become "\n"."""

    def __init__(self, buffer: ReadStream, encoding: Encoding) -> None:
        self._buffer = buffer
        self._encoding = encoding
        self._decoder = encoding.decoder()
        self._state = self._decoder.getstate()
        self._text = ""  # decoded, from _at on not yet handed out
        self._at = 0

    @property
    def buffer(self) -> ReadStream:
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
        self._decoder.setstate(self._state)
        try:
            return self._text[self._at:] + self._decoder.decode(data, final)
        except UnicodeDecodeError:
            if final:
                raise
            return self._text[self._at:] + self._encoding.decode_for_error(data)

    def _more(self) -> bool:
        ahead = self._buffer.ahead
        more = self._buffer.fill()
        self._decoder.setstate(self._state)
        text = self._text[self._at:] + self._decoder.decode(bytes(ahead), not more)
        state = self._decoder.getstate()
        # Nothing is called from here on: no signal handler can raise in between.
        self._text = text
        self._at = 0
        self._state = state
        del ahead[:]
        return more

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
    def buffer(self) -> WriteStream:
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


def stream_of(process: Any, claims: Claims, stream: int, cmd: Any, encoding: Optional[Encoding], bufsize: int) -> Any:
    """The Python stream for one of the child's pipes; None if it is no pipe."""
    if _native.stream_handle(process, stream) < 0:
        return None
    if stream == 0:
        writer = WriteStream(process, claims, stream, cmd)
        return writer if encoding is None else TextWriteStream(writer, encoding)
    reader = (ReadStream if bufsize == 0 else BufferedReadStream)(process, claims, stream, cmd)
    return reader if encoding is None else TextReadStream(reader, encoding)
