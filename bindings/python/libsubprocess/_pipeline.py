# SPDX-License-Identifier: MIT
from __future__ import annotations

from . import _options
from ._command import Command
from ._process import Popen
from ._typing import TYPE_CHECKING, AnyStr

if TYPE_CHECKING:
    from typing import Any, Literal, overload

    from typing_extensions import Unpack

    from ._types import PipelineOptions
    from ._types import Stage as StageArgs


def _stage_of(command: Any) -> dict[str, Any]:
    if not isinstance(command, Command):
        return {"argv": command}
    request: dict[str, Any] = {"argv": command.args}
    _options.convert(request, command.options, _options.COMMAND, "Command")
    return request


def stages_of(commands: tuple[Any, ...]) -> list[dict[str, Any]]:
    return [_stage_of(command) for command in commands]


class Pipeline(Popen[AnyStr]):
    """Commands that are started as one, each one's standard output piped into the next one's standard input.

    Its options are those of a Popen: stdin is the first one's, stdout the last one's, stderr everyone's; what describes
    the child (cwd, env, user ...) applies to the commands that are no Command with options of their own. The return code
    is the last one's; with pipefail=True that of the last one that failed.
    """

    if TYPE_CHECKING:
        @overload
        def __init__(self: Pipeline[str], *commands: StageArgs, text: Literal[True], **options: Unpack[PipelineOptions]) -> None: ...  # type: ignore[misc]
        @overload
        def __init__(self: Pipeline[str], *commands: StageArgs, encoding: str, **options: Unpack[PipelineOptions]) -> None: ...  # type: ignore[misc]
        @overload
        def __init__(self: Pipeline[bytes], *commands: StageArgs, **options: Unpack[PipelineOptions]) -> None: ...

    def __init__(self, *commands: Any, **options: Any) -> None:
        request, encoding = _options.request_of({"stages": stages_of(commands)}, options, _options.PIPELINE, "pipeline")
        self._start(list(commands), request, encoding, options)


pipeline = Pipeline
