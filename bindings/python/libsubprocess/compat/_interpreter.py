# SPDX-License-Identifier: MIT
"""Private functions of the standard module that other parts of the standard library call."""

import sys

_LETTERS = {
    "debug": "d", "dont_write_bytecode": "B", "no_site": "S", "verbose": "v", "bytes_warning": "b", "quiet": "q",
}
_X_OPTIONS = ("faulthandler", "tracemalloc", "importtime", "frozen_modules", "showrefcount", "utf8", "gil")


def optim_args_from_interpreter_flags():
    """The arguments that start Python with this one's optimization."""
    level = sys.flags.optimize
    return ["-" + "O" * level] if level > 0 else []


def _isolation(flags):
    if flags.isolated:
        return ["-I"]
    letters = {"-E": flags.ignore_environment, "-s": flags.no_user_site, "-P": getattr(flags, "safe_path", False)}
    return [letter for letter, is_set in letters.items() if is_set]


def _warning_options(flags):
    """-W arguments, but for those that -b and -X dev bring by themselves."""
    implied = []
    if flags.bytes_warning:
        implied.append("error::BytesWarning" if flags.bytes_warning > 1 else "default::BytesWarning")
    if flags.dev_mode:
        implied.append("default")
    options = list(sys.warnoptions)
    for option in implied:
        if option in options:
            options.remove(option)
    return [f"-W{option}" for option in options]


def _x_options(flags):
    given = getattr(sys, "_xoptions", {})
    options = ["dev"] if flags.dev_mode else []
    options += [name if given[name] is True else f"{name}={given[name]}" for name in _X_OPTIONS if name in given]
    return [part for option in options for part in ("-X", option)]


def args_from_interpreter_flags():
    """The arguments that start Python with this one's settings."""
    flags = sys.flags
    letters = ["-" + letter * getattr(flags, name) for name, letter in _LETTERS.items() if getattr(flags, name) > 0]
    return (optim_args_from_interpreter_flags() + letters + _isolation(flags) + _warning_options(flags)
            + _x_options(flags))
