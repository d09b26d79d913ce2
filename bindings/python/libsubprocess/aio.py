# SPDX-License-Identifier: MIT
"""The asyncio face: children without threads, signal handlers or child watchers, in any thread's loop.

    done = await aio.run(["git", "status"], capture_output=True, text=True, timeout=5)

    async with aio.start(["bc", "-q"], stdin=aio.PIPE, stdout=aio.PIPE, text=True) as bc:
        await bc.stdin.write("6 * 7\\n")
        print(await bc.stdout.readline())

Options are those of run() and Popen; tasks are cancelled instead of tokens triggered. The loop watches the library's own
descriptors: the pipes, and one that tells the child's end.
"""

from __future__ import annotations

import asyncio

from . import _native
from ._aio_streams import Readiness, ReadStream, WriteStream
from ._native import DEVNULL, PIPE, STDOUT
from ._pipeline import Pipeline
from ._process import SIGTERM, Popen
from ._typing import TYPE_CHECKING
from .errors import TimeoutExpired

if TYPE_CHECKING:
    from typing import Any, Awaitable, Callable, Generator, Optional

    from ._results import CompletedProcess

__all__ = ["DEVNULL", "PIPE", "STDOUT", "Process", "ReadStream", "WriteStream", "run", "run_pipeline", "start",
           "start_pipeline"]


class Process:
    """A child, or a pipeline, of a loop. `async with` closes its streams and waits for it."""

    def __init__(self, popen: Popen[Any], options: dict[str, Any]) -> None:
        self._popen = popen
        self._readiness = Readiness()
        self._drain: Optional[float] = options.get("drain")
        self._check = bool(options.get("check"))
        self._limit: Optional[int] = options.get("max_output")
        self._dropped = [0, 0, 0]
        self._sent: Optional[int] = 0
        self.stdin = WriteStream(popen.stdin, self._readiness) if popen.stdin is not None else None
        self.stdout = ReadStream(popen.stdout, self._readiness) if popen.stdout is not None else None
        self.stderr = ReadStream(popen.stderr, self._readiness) if popen.stderr is not None else None
        self.args, self.pid = popen.args, popen.pid
        for name in ("send_signal", "terminate", "kill", "kill_group", "poll"):
            setattr(self, name, getattr(popen, name))

    if TYPE_CHECKING:
        def send_signal(self, signal: int) -> None: ...
        def terminate(self) -> None: ...
        def kill(self) -> None: ...
        def kill_group(self, signal: int = ...) -> None: ...
        def poll(self) -> Optional[int]: ...

    @property
    def returncode(self) -> Optional[int]:
        return self._popen.returncode

    @property
    def result(self) -> Optional[CompletedProcess[Any]]:
        return self._popen.result

    async def wait(self) -> int:
        for stage in self._popen.stages:
            while stage.poll() is None:
                await self._readiness.wait(_native.exit_handle(stage._handle))
        return self._popen.wait(0)

    async def communicate(self, input: Any = None) -> tuple[Any, Any]:
        """Feeds input, collects output until end of file, and waits. After a cancellation it can be repeated."""
        if self.result is None:
            await self._exchange(input)
        result = self.result
        assert result is not None
        if self._check:
            result.check_returncode()
        return result.stdout, result.stderr

    async def finish(self, grace: float = 0, *, whole_group: bool = False) -> CompletedProcess[Any]:
        """Ends what communicate() could not: SIGTERM, `grace` seconds of reading on, SIGKILL. Returns all that came."""
        if self.result is None and grace > 0 and self.poll() is None:
            (self.kill_group if whole_group else self.send_signal)(SIGTERM)
            await _within(grace, self._exchange(None))
        return self._conclude(whole_group)

    def close(self) -> None:
        """Closes the pipes and gives the child up: waiting tasks and later calls get ClosedError."""
        self._popen.close()
        self._readiness.wake()

    async def __aenter__(self) -> Process:
        return self

    async def __aexit__(self, *_exception: object) -> None:
        for stream in (self.stdin, self.stdout, self.stderr):
            if stream is not None:
                stream.close()
        if not self._popen._closed:
            await self.wait()

    # -- the exchange -------------------------------------------------------------------------------------------------

    async def _exchange(self, input: Any) -> None:
        readers: list[asyncio.Future[Any]] = [
            asyncio.ensure_future(self._collect(number, stream))
            for number, stream in ((1, self.stdout), (2, self.stderr)) if stream is not None]
        tasks: list[asyncio.Future[Any]] = [asyncio.ensure_future(self._feed(input)), asyncio.ensure_future(self.wait()), *readers]
        try:
            if self._drain is not None:
                await tasks[1]
                await asyncio.wait(tasks, timeout=self._drain)
            else:
                await asyncio.gather(*tasks)
        finally:
            await _end(tasks)
            del tasks, readers  # a task's exception has this frame
        self._conclude(False)

    async def _feed(self, input: Any) -> None:
        if self.stdin is None:
            if input is not None:
                raise ValueError("input needs stdin=PIPE")
            return
        if self._sent is None or self.stdin.closed:
            return
        if input is not None and self._sent == 0:
            try:
                await self.stdin.write(input)
            except BrokenPipeError:
                pass  # a child that does not read its input is no error
        self._sent = None
        self.stdin.close()

    async def _collect(self, number: int, stream: ReadStream) -> None:
        below = getattr(stream._stream, "buffer", stream._stream)
        seen = len(below.ahead)
        while await stream._fill():
            if self._popen._on_output is not None and self._popen._on_output(number, bytes(below.ahead[seen:])) is False:
                raise asyncio.CancelledError
            if self._limit and len(below.ahead) > self._limit:
                self._dropped[number] += len(below.ahead) - self._limit
                del below.ahead[self._limit:]
            seen = len(below.ahead)

    def _conclude(self, whole_group: bool) -> CompletedProcess[Any]:
        """Of a child that has ended this does not wait; otherwise as long as the system needs to kill it."""
        result = self._popen.finish(0, whole_group=whole_group)
        result._dropped = (self._dropped[1], self._dropped[2])
        return result


async def _end(tasks: list[asyncio.Future[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _within(limit: Optional[float], work: Awaitable[Any]) -> bool:
    """Whether the work was done in time. Unlike asyncio.wait_for() it leaves no frames behind that wait for the collector."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait([task], timeout=limit)
        if task.done():
            task.result()
            return True
        return False
    finally:
        await _end([task])
        del task


class _Starting:
    """start() for both `async with` and `await`."""

    def __init__(self, start: Callable[[], Process]) -> None:
        self._start = start
        self._process: Optional[Process] = None

    def __await__(self) -> Generator[Any, None, Process]:
        return self._run().__await__()

    async def _run(self) -> Process:
        return self._start()

    async def __aenter__(self) -> Process:
        self._process = self._start()
        return self._process

    async def __aexit__(self, *exception: object) -> None:
        assert self._process is not None
        await self._process.__aexit__(*exception)


def _check_options(options: dict[str, Any]) -> None:
    if "cancel" in options:
        raise TypeError("cancel the task instead: a token wakes blocking calls only")


def start(args: Any, **options: Any) -> _Starting:
    """Starts a child: `await start(...)`, or `async with start(...) as process`."""
    _check_options(options)
    return _Starting(lambda: Process(Popen(args, **options), options))


def start_pipeline(*commands: Any, **options: Any) -> _Starting:
    """Starts a pipeline, like pipeline()."""
    _check_options(options)
    return _Starting(lambda: Process(Pipeline(*commands, **options), options))


def _expired(result: CompletedProcess[Any], timeout: float) -> TimeoutExpired:
    error = TimeoutExpired(result.args, timeout, result.stdout, result.stderr)
    error.code, error.result = "SP_ETIMEDOUT", result
    return error


async def _run(starting: Callable[..., Awaitable[Process]], commands: tuple[Any, ...],
               options: dict[str, Any]) -> CompletedProcess[Any]:
    input, timeout = options.pop("input", None), options.pop("timeout", None)
    grace, whole_group = options.pop("kill_grace", None) or 0, bool(options.pop("kill_group_on_timeout", False))
    if input is not None:
        if options.get("stdin") is not None:
            raise ValueError("input and stdin exclude each other")
        options["stdin"] = PIPE
    process = await starting(*commands, **options)
    try:
        if not await _within(timeout, process.communicate(input)):
            raise _expired(await process.finish(grace, whole_group=whole_group), timeout)
    except BaseException:
        if process.result is None:
            process._conclude(whole_group)
        raise
    assert process.result is not None
    return process.result


async def run(args: Any, **options: Any) -> CompletedProcess[Any]:
    """Runs a command to its end, like run(). A limit, or cancelling the task, kills the child first."""
    return await _run(start, (args,), options)


async def run_pipeline(*commands: Any, **options: Any) -> CompletedProcess[Any]:
    """Runs a pipeline to its end, like run_pipeline()."""
    return await _run(start_pipeline, commands, options)
