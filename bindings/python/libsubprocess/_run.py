# SPDX-License-Identifier: MIT
"""One call does it all."""

from __future__ import annotations

from . import _native, _options
from ._pipeline import Pipeline, stages_of
from ._process import Popen
from ._results import complete_error, completed, decoder_of, error_decoder_of
from ._typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Literal, Optional, overload

    from typing_extensions import Unpack

    from ._results import CompletedProcess
    from ._text import Encoding
    from ._types import Args, RunOptions, RunPipelineOptions, Stage

_RUN_ONLY = ("input", "timeout", "kill_grace", "kill_group_on_timeout")


def _run(request: dict[str, Any], encoding: Optional[Encoding], args: Any, stages: int,
         options: dict[str, Any]) -> CompletedProcess[Any]:
    try:
        handle = _native.run(request)
    except Exception as error:
        complete_error(error, args, options.get("timeout"), stages, error_decoder_of(encoding))
        raise
    return completed(handle, args, stages, decoder_of(encoding))


def _run_with_preexec(process: Popen[Any], options: dict[str, Any]) -> CompletedProcess[Any]:
    """preexec_fn needs the interpreter's lock while the child is started, but not while it runs."""
    with process:
        try:
            process.communicate(options.get("input"), options.get("timeout"))
        except BaseException:
            process.finish(options.get("kill_grace") or 0, whole_group=options.get("kill_group_on_timeout", False))
            raise
    assert process.result is not None
    return process.result


def _without_run_only(options: dict[str, Any]) -> dict[str, Any]:
    rest = {name: value for name, value in options.items() if name not in _RUN_ONLY}
    if options.get("input") is not None:
        rest.setdefault("stdin", _native.PIPE)
    return rest


if TYPE_CHECKING:
    @overload
    def run(args: Args, *, text: Literal[True], **options: Unpack[RunOptions]) -> CompletedProcess[str]: ...  # type: ignore[misc]
    @overload
    def run(args: Args, *, encoding: str, **options: Unpack[RunOptions]) -> CompletedProcess[str]: ...  # type: ignore[misc]
    @overload
    def run(args: Args, **options: Unpack[RunOptions]) -> CompletedProcess[bytes]: ...


def run(args: Any, **options: Any) -> CompletedProcess[Any]:
    """Runs a command to its end.

    `timeout`, `cancel`, an exception from `on_output` or from a signal handler kill the child before the call ends, and the
    call ends even if grandchildren hold the pipes. TimeoutExpired, Canceled and CalledProcessError carry what came, in
    their `result`.
    """
    if options.get("preexec_fn") is not None:
        return _run_with_preexec(Popen(args, **_without_run_only(options)), options)
    request, encoding = _options.request_of({"argv": args}, options, _options.RUN, "run")
    return _run(request, encoding, args, 1, options)


if TYPE_CHECKING:
    @overload
    def run_pipeline(*commands: Stage, text: Literal[True], **options: Unpack[RunPipelineOptions]) -> CompletedProcess[str]: ...  # type: ignore[misc]
    @overload
    def run_pipeline(*commands: Stage, encoding: str, **options: Unpack[RunPipelineOptions]) -> CompletedProcess[str]: ...  # type: ignore[misc]
    @overload
    def run_pipeline(*commands: Stage, **options: Unpack[RunPipelineOptions]) -> CompletedProcess[bytes]: ...


def run_pipeline(*commands: Any, **options: Any) -> CompletedProcess[Any]:
    """Runs a pipeline to its end, like run(): `run_pipeline(["printf", "b\\na\\n"], ["sort"], capture_output=True)`."""
    if options.get("preexec_fn") is not None:
        return _run_with_preexec(Pipeline(*commands, **_without_run_only(options)), options)
    request, encoding = _options.request_of({"stages": stages_of(commands)}, options, _options.RUN_PIPELINE,
                                            "run_pipeline")
    return _run(request, encoding, list(commands), len(commands), options)


def call(args: Args, **options: Unpack[RunOptions]) -> int:
    """Runs a command and returns its return code."""
    return run(args, **options).returncode


def check_call(args: Args, **options: Unpack[RunOptions]) -> int:
    """Runs a command; a return code other than 0 is CalledProcessError."""
    options["check"] = True
    return run(args, **options).returncode


if TYPE_CHECKING:
    @overload
    def check_output(args: Args, *, text: Literal[True], **options: Unpack[RunOptions]) -> str: ...  # type: ignore[misc]
    @overload
    def check_output(args: Args, *, encoding: str, **options: Unpack[RunOptions]) -> str: ...  # type: ignore[misc]
    @overload
    def check_output(args: Args, **options: Unpack[RunOptions]) -> bytes: ...


def check_output(args: Any, **options: Any) -> Any:
    """Runs a command and returns its standard output; a return code other than 0 is CalledProcessError."""
    for name in ("stdout", "check"):
        if name in options:
            raise ValueError(f"{name} is check_output()'s own")
    return run(args, stdout=_native.PIPE, check=True, **options).stdout
