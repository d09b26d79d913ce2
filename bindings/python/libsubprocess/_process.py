# SPDX-License-Identifier: MIT
from __future__ import annotations

from . import _native, _options
from ._options import encoded_input, milliseconds
from ._results import complete_error, completed, returncode_of
from ._streams import Claims
from ._text_streams import TextReadStream, stream_of
from ._typing import TYPE_CHECKING, AnyStr, Generic

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, Callable, Literal, Optional, overload

    from typing_extensions import Self, Unpack

    from ._results import CompletedProcess
    from ._text import Encoding
    from ._types import Args, PopenOptions


# As in the signal module, whose import takes longer than to start a child.
SIGKILL, SIGTERM = 9, 15


class _Child:
    """What can be done with one process, be it a child or one stage of a pipeline."""

    _handle: Any = None
    args: Any
    pid: int
    returncode: Optional[int] = None

    def poll(self) -> Optional[int]:
        """Asks whether the child has ended. Returns its return code, None while it runs."""
        self.returncode = returncode_of(_native.poll(self._handle))
        return self.returncode

    def wait(self, timeout: Optional[float] = None) -> int:
        """Waits for the end of the child and returns its return code: 0 to 255, or -N for signal N.

        Beware of a child that fills a pipe which nobody reads: use communicate() then.
        """
        try:
            self.returncode = _native.wait(self._handle, milliseconds(timeout))
        except Exception as error:
            complete_error(error, self.args, timeout)
            raise
        return self.returncode

    def stop(self, grace: Optional[float] = 5) -> int:
        """Ends the child: SIGTERM, at most `grace` seconds of patience, SIGKILL. Returns the return code.

        A cancel token does not end this call; None never kills.
        """
        self.returncode = _native.stop(self._handle, milliseconds(grace))
        return self.returncode

    def send_signal(self, signal: int) -> None:
        """Sends a signal to the child; one that has ended is not signalled, and that is no error."""
        _native.send_signal(self._handle, signal)

    def terminate(self) -> None:
        self.send_signal(SIGTERM)

    def kill(self) -> None:
        self.send_signal(SIGKILL)


class Stage(_Child):
    """One command of a pipeline, to wait for or to signal."""

    def __init__(self, pipeline: Any, index: int, args: Any) -> None:
        self._handle = _native.stage_at(pipeline, index)
        self.index = index
        self.args = args
        self.pid = _native.pid(self._handle)

    def __repr__(self) -> str:
        return f"<Stage {self.index}: {self.args!r}>"


class _Relay:
    """on_output of a Popen. The C side keeps it, so that it must not keep the Popen."""

    __slots__ = ("_popen",)

    def __init__(self, popen: Popen[Any]) -> None:
        from weakref import ref
        self._popen = ref(popen)

    def __call__(self, stream: int, data: bytes) -> Any:
        popen = self._popen()
        return popen._on_output(stream, data) if popen is not None else None


class Popen(_Child, Generic[AnyStr]):
    """A child process, or a whole pipeline of them.

    stdin, stdout, stderr   streams, for PIPE; else None
    args, pid, returncode   as in the standard module
    result                  the CompletedProcess after communicate() or finish()

    A context manager: leaving it closes the streams and waits. One that is forgotten while the child runs gives a
    ResourceWarning; the child is neither killed nor waited for.
    """

    _on_output: Any = None
    _closed = False
    _kills_on_free = False

    if TYPE_CHECKING:
        @overload
        def __init__(self: Popen[str], args: Args, *, text: Literal[True], **options: Unpack[PopenOptions]) -> None: ...  # type: ignore[misc]
        @overload
        def __init__(self: Popen[str], args: Args, *, encoding: str, **options: Unpack[PopenOptions]) -> None: ...  # type: ignore[misc]
        @overload
        def __init__(self: Popen[bytes], args: Args, **options: Unpack[PopenOptions]) -> None: ...

    def __init__(self, args: Any, **options: Any) -> None:
        request, encoding = _options.request_of({"argv": args}, options, _options.POPEN, "Popen")
        self._start(args, request, encoding, options)

    def _start(self, args: Any, request: dict[str, Any], encoding: Optional[Encoding], options: dict[str, Any]) -> None:
        self.args = args
        self.result: Optional[CompletedProcess[AnyStr]] = None
        self._encoding = encoding
        self._kills_on_free = bool(options.get("kill_on_free"))
        if "on_output" in request:
            self._on_output = request["on_output"]
            request["on_output"] = _Relay(self)
        self._handle = _native.start(request)
        self.pid = _native.pid(self._handle)
        bufsize = options.get("bufsize", -1)
        self._claims = Claims()
        self.stdin, self.stdout, self.stderr = (
            stream_of(self._handle, self._claims, stream, args, encoding, bufsize) for stream in range(3))

    # -- talking ------------------------------------------------------------------------------------------------------

    def communicate(self, input: Optional[AnyStr] = None,
                    timeout: Optional[float] = None) -> tuple[Optional[AnyStr], Optional[AnyStr]]:
        """Feeds input, collects output until end of file, and waits. Returns (stdout, stderr), None for what is no pipe.

        After TimeoutExpired, Canceled or an exception from a signal handler everything is kept: call it again to go on,
        without input or with the same. finish() ends the child instead.
        """
        data = encoded_input(input, self._encoding)
        result = self._alone(_native.communicate, data, milliseconds(timeout), timeout)
        return result.stdout, result.stderr

    def finish(self, grace: float = 0, *, whole_group: bool = False) -> CompletedProcess[AnyStr]:
        """Ends what communicate() could not: SIGTERM, reading on for at most `grace` seconds, SIGKILL.

        Returns all that the child left, earlier calls included. `whole_group`: signals go to the group it leads.
        """
        return self._alone(_native.finish, milliseconds(grace), bool(whole_group), grace)

    def _alone(self, call: Callable[..., Any], first: Any, second: Any, limit: Optional[float]) -> CompletedProcess[AnyStr]:
        """Makes a call that reads all streams: see Claims."""
        taken = self._claims.taken
        if taken[0] or taken[1] or taken[2]:
            raise Claims.busy()
        taken[0] = taken[1] = taken[2] = True
        try:
            return self._conclude(call(self._handle, first, second))
        except Exception as error:
            complete_error(error, self.args, limit, self._stage_count, self._decode_partial)
            self._note_end(error)
            raise
        finally:
            taken[0] = taken[1] = taken[2] = False

    def _conclude(self, handle: Any) -> CompletedProcess[AnyStr]:
        if self.result is None:
            self.result = completed(handle, self.args, self._stage_count, self._decode)
            self.returncode = self.result.returncode
            self._close_streams()
        return self.result

    def _decode(self, stream: int, data: bytes, final: bool = True) -> Any:
        reader = self.stdout if stream == 1 else self.stderr
        if isinstance(reader, TextReadStream):
            return reader.rest(data, final=final)
        return bytes(reader.ahead) + data if reader.ahead else data

    def _decode_partial(self, stream: int, data: bytes) -> Any:
        return self._decode(stream, data, False)

    def _note_end(self, error: Any) -> None:
        if getattr(error, "code", "") == "SP_EFAILED":
            self.result = error.result
            self.returncode = error.result.returncode
            self._close_streams()

    # -- the group, the stages ----------------------------------------------------------------------------------------

    def kill_group(self, signal: int = SIGKILL) -> None:
        """Sends a signal to the process group that the child leads (new_group, start_new_session)."""
        _native.kill_group(self._handle, signal)

    @property
    def _stage_count(self) -> int:
        return _native.stage_count(self._handle)

    @property
    def stages(self) -> list[Stage]:
        """The commands of a pipeline; a plain child is one of one."""
        commands = self.args if self._stage_count > 1 else [self.args]
        return [Stage(self._handle, index, args) for index, args in enumerate(commands)]

    # -- closing ------------------------------------------------------------------------------------------------------

    def _close_streams(self) -> None:
        for stream in (self.stdin, self.stdout, self.stderr):
            if stream is not None:
                stream.close()

    def close(self) -> None:
        """Closes the pipes and gives the child up: blocked threads and later calls get ClosedError.

        The child is neither signalled nor waited for. Doing it twice is fine.
        """
        self._closed = True
        _native.close(self._handle)  # before a child that sees its input end can end other calls
        self._close_streams()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: Optional[type[BaseException]], value: Optional[BaseException],
                 traceback: Optional[TracebackType]) -> None:
        self._close_streams()
        if self._closed:
            return
        if kind is not None and issubclass(kind, KeyboardInterrupt):
            self._wait_briefly()
        else:
            self.wait()

    def _wait_briefly(self) -> None:
        """The child got the Ctrl-C too; who pressed it does not want to wait for one that goes on."""
        from .errors import TimeoutExpired
        try:
            self.wait(0.25)
        except TimeoutExpired:
            pass

    def __del__(self) -> None:
        if self._handle is None or self.returncode is not None or self._closed or self._kills_on_free:
            return
        try:
            running = self.poll() is None
        except Exception:
            return  # lost, or from before a fork
        if running:
            from warnings import warn
            warn(f"subprocess {self.pid} is still running", ResourceWarning, source=self)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: returncode: {self.returncode} args: {self.args!r}>"
