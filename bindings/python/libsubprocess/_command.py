# SPDX-License-Identifier: MIT
"""Commands as values, and what a shell would do with them."""

from __future__ import annotations

from . import _native
from ._typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Optional

    from typing_extensions import Unpack

    from ._types import Args, CommandOptions, StrOrBytesPath


class Append:
    """A file to append to, for stdout or stderr: `run(args, stdout=Append("log"))`. A path alone is truncated."""

    __slots__ = ("path",)

    def __init__(self, path: StrOrBytesPath) -> None:
        self.path = path

    def __repr__(self) -> str:
        return f"Append({self.path!r})"


class Command:
    """A command with options of its own, as a stage of a pipeline: `Command(["make"], cwd="src")`."""

    __slots__ = ("args", "options")

    def __init__(self, args: Args, **options: Unpack[CommandOptions]) -> None:
        self.args = args
        self.options: dict[str, Any] = dict(options)

    def __repr__(self) -> str:
        return f"Command({', '.join([repr(self.args), *(f'{name}={value!r}' for name, value in self.options.items())])})"


def quote(args: Args) -> str:
    """Joins arguments into one line for a POSIX shell, quoting where needed: shlex.join()."""
    return _native.quote({"argv": args})


def split(line: StrOrBytesPath) -> list[str]:
    """Splits a line by the POSIX shell's quoting rules, without expansions: shlex.split()."""
    return _native.split(line)


def which(name: StrOrBytesPath, path: Optional[StrOrBytesPath] = None) -> str:
    """The executable file that Popen would start for `name`.

    `path` takes the place of $PATH. Raises FileNotFoundError; PermissionError if only files that are not executable
    were found.
    """
    return _native.which(name, path)
