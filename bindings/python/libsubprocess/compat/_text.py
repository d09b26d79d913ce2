# SPDX-License-Identifier: MIT
"""Text on the pipes: the parts that are not left to io.TextIOWrapper."""

import io
import sys

_PACKAGE = __name__.rpartition(".")[0]


def _levels_to_caller():
    """How many frames there are between the function that calls this one and whoever called this package."""
    frame = sys._getframe(1)
    level = 1
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith(_PACKAGE):
        frame = frame.f_back
        level += 1
    return level


def text_encoding():
    """The encoding of the locale, with the warning that -X warn_default_encoding asks for."""
    if sys.flags.warn_default_encoding:
        from _warnings import warn
        warn("'encoding' argument not specified.", EncodingWarning, _levels_to_caller())
    if sys.flags.utf8_mode:
        return "utf-8"
    import locale
    return locale.getencoding() if hasattr(locale, "getencoding") else locale.getpreferredencoding(False)


def check_text(encoding, errors):
    """Fails as io.TextIOWrapper does, before there is a child."""
    io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors=errors)


def translate(data, encoding, errors):
    return data.decode(encoding, errors).replace("\r\n", "\n").replace("\r", "\n")
