# SPDX-License-Identifier: MIT
"""The streams of a Popen, awaited."""

from __future__ import annotations

import asyncio
import os

from ._typing import TYPE_CHECKING
from .errors import ClosedError, TimeoutExpired

if TYPE_CHECKING:
    from typing import Any, Callable


class Readiness:
    """Awaits descriptors, each by a copy of its own: closing the process then neither hides an event nor reuses a number."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()

    async def wait(self, fd: int, *, writable: bool = False) -> None:
        if fd < 0:
            raise ClosedError("there is no descriptor to wait for")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        copy = os.dup(fd)
        self._waiting.add(future)
        try:
            (loop.add_writer if writable else loop.add_reader)(copy, _settle, future)
            await future
        finally:
            self._waiting.discard(future)
            (loop.remove_writer if writable else loop.remove_reader)(copy)
            os.close(copy)

    def wake(self) -> None:
        """Ends all waits: the next attempt finds out why. From any thread."""
        for future in list(self._waiting):
            future.get_loop().call_soon_threadsafe(_settle, future)


def _settle(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


class _Stream:
    """Whatever the stream below could not do at once is tried again when it is ready: it has lost nothing."""

    def __init__(self, stream: Any, readiness: Readiness) -> None:
        self._stream = stream
        self._readiness = readiness
        self._busy = False
        stream.timeout = 0

    def fileno(self) -> int:
        return self._stream.fileno()  # type: ignore[no-any-return]

    @property
    def closed(self) -> bool:
        return self._stream.closed  # type: ignore[no-any-return]

    def close(self) -> None:
        self._stream.close()
        self._readiness.wake()

    async def _retry(self, attempt: Callable[[], Any], *, writable: bool = False) -> Any:
        if self._busy:
            from ._streams import Claims
            raise Claims.busy()
        self._busy = True
        try:
            while True:
                try:
                    return attempt()
                except TimeoutExpired:
                    pass
                await self._readiness.wait(self.fileno(), writable=writable)
        finally:
            self._busy = False


class ReadStream(_Stream):
    """The child's standard output or error, of bytes or text."""

    async def read(self, size: int = -1) -> Any:
        """All until end of file; or `size` bytes or characters, less only at the end."""
        return await self._retry(lambda: self._stream.read(size))

    async def readline(self) -> Any:
        return await self._retry(self._stream.readline)

    def __aiter__(self) -> ReadStream:
        return self

    async def __anext__(self) -> Any:
        line = await self.readline()
        if not line:
            raise StopAsyncIteration
        return line

    async def _fill(self) -> bool:
        return await self._retry(getattr(self._stream, "buffer", self._stream).fill)  # type: ignore[no-any-return]


class WriteStream(_Stream):
    """The child's standard input. A write is awaited until the child's pipe has all of it; there is nothing to drain."""

    async def write(self, data: Any) -> int:
        encoder = getattr(self._stream, "_encoder", None)
        await self._write_bytes(data if encoder is None else encoder.encode(data))
        return len(data)

    async def _write_bytes(self, data: Any) -> None:
        stream = getattr(self._stream, "buffer", self._stream)
        with memoryview(data) as view, view.cast("B") as rest:
            written = 0

            def attempt() -> None:
                nonlocal written
                try:
                    written += stream.write(rest[written:])
                except TimeoutExpired as late:
                    written += late.characters_written  # type: ignore[attr-defined]
                    raise

            try:
                await self._retry(attempt, writable=True)
            except BaseException as error:
                error.characters_written = written  # type: ignore[attr-defined]
                raise
