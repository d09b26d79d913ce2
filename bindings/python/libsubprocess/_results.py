# SPDX-License-Identifier: MIT
from __future__ import annotations

from . import _native
from ._typing import TYPE_CHECKING, AnyStr, Generic

if TYPE_CHECKING:
    from typing import Any, Callable, Optional

    from ._text import Encoding
    from ._usage import Dropped, Usage

OUT, ERR = 1, 2


def returncode_of(number: int) -> Optional[int]:
    return None if number == _native.NO_RETURNCODE else number


class CompletedProcess(Generic[AnyStr]):
    """What a finished child left behind: the standard module's attributes, and

    dropped             bytes of stdout and stderr that were dropped because of max_output
    pipes_held          whether somebody else (a grandchild) still held the pipes when reading stopped
    usage               what the child cost, a Usage; None if the system did not tell
    core_dumped         whether it dumped core
    stage_returncodes   the return code of each stage of a pipeline
    """

    returncode: int
    pipes_held: bool = False
    core_dumped: bool = False
    _dropped: tuple[int, int] = (0, 0)
    _usage: Optional[tuple[int, ...]] = None

    def __init__(self, args: Any, returncode: int, stdout: Optional[AnyStr] = None,
                 stderr: Optional[AnyStr] = None) -> None:
        self.args = args
        self.returncode = returncode
        self.stdout: Optional[AnyStr] = stdout
        self.stderr: Optional[AnyStr] = stderr
        self.stage_returncodes: list[Optional[int]] = [returncode]

    @property
    def usage(self) -> Optional[Usage]:
        if self._usage is None:
            return None
        from ._usage import usage_of
        return usage_of(self._usage)

    @property
    def dropped(self) -> Dropped:
        from ._usage import Dropped
        return Dropped(*self._dropped)

    def check_returncode(self) -> None:
        """Raises CalledProcessError if the return code is not 0."""
        if self.returncode != 0:
            from .errors import CalledProcessError
            error = CalledProcessError(self.returncode, self.args, self.stdout, self.stderr)
            error.code = "SP_EFAILED"
            error.result = self
            raise error

    def __repr__(self) -> str:
        parts = [f"args={self.args!r}", f"returncode={self.returncode!r}"]
        if self.stdout is not None:
            parts.append(f"stdout={self.stdout!r}")
        if self.stderr is not None:
            parts.append(f"stderr={self.stderr!r}")
        return f"{type(self).__name__}({', '.join(parts)})"


def completed(handle: Any, args: Any, stages: int, decode: Callable[[int, bytes], Any]) -> CompletedProcess[Any]:
    """`decode` makes of a stream's number and bytes what the caller is to see."""
    outputs = []
    for stream in (OUT, ERR):
        data = _native.result_output(handle, stream)
        outputs.append(None if data is None else decode(stream, data))
    code = returncode_of(_native.result_returncode(handle))
    result: CompletedProcess[Any] = CompletedProcess(args, code, *outputs)  # type: ignore[arg-type]
    result.pipes_held = _native.result_pipes_held(handle)
    result.core_dumped = _native.result_core_dumped(handle)
    result._dropped = (_native.result_dropped(handle, OUT), _native.result_dropped(handle, ERR))
    result._usage = _native.result_usage(handle)
    if stages > 1:
        codes = [_native.result_stage_returncode(handle, stage) for stage in range(stages)]
        result.stage_returncodes = [returncode_of(number) for number in codes]
    return result


def decoder_of(encoding: Optional[Encoding]) -> Callable[[int, bytes], Any]:
    if encoding is None:
        return lambda _stream, data: data
    return lambda _stream, data: encoding.decode(data)


def error_decoder_of(encoding: Optional[Encoding]) -> Callable[[int, bytes], Any]:
    if encoding is None:
        return lambda _stream, data: data
    return lambda _stream, data: encoding.decode_for_error(data)


def complete_error(error: BaseException, args: Any, timeout: Optional[float] = None, stages: int = 1,
                   decode: Optional[Callable[[int, bytes], Any]] = None) -> None:
    """Tells an exception of the C side what only the caller knows."""
    from .errors import SubprocessError
    if not isinstance(error, SubprocessError):
        return
    error.cmd = args
    if error.code == "SP_ETIMEDOUT":
        error.timeout = timeout  # type: ignore[attr-defined]
        error.args = (args, timeout)
    elif error.code == "SP_EFAILED":
        error.args = (error.returncode, args)  # type: ignore[attr-defined]
    if error.result is not None and decode is not None:
        error.result = completed(error.result, args, stages, decode)
        error.output = error.result.stdout  # type: ignore[attr-defined]
        error.stderr = error.result.stderr  # type: ignore[attr-defined]
