# SPDX-License-Identifier: MIT
"""Text on byte streams."""

from __future__ import annotations

import codecs
import io

from ._typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Optional

_NAMES = ("text", "universal_newlines", "encoding", "errors")


def _locale_encoding() -> str:
    import locale
    return locale.getpreferredencoding(False)


class Encoding:
    """How text is encoded, checked before a child is started."""

    __slots__ = ("name", "errors")

    def __init__(self, name: Optional[str], errors: Optional[str]) -> None:
        self.name = name if name is not None else _locale_encoding()
        self.errors = errors if errors is not None else "strict"
        codecs.lookup(self.name)
        codecs.lookup_error(self.errors)

    def encode(self, text: str) -> bytes:
        return text.encode(self.name, self.errors)

    def decoder(self, errors: Optional[str] = None) -> io.IncrementalNewlineDecoder:
        decoder = codecs.getincrementaldecoder(self.name)(errors or self.errors)
        return io.IncrementalNewlineDecoder(decoder, translate=True)

    def encoder(self) -> codecs.IncrementalEncoder:
        return codecs.getincrementalencoder(self.name)(self.errors)

    def decode(self, data: bytes) -> str:
        text = data.decode(self.name, self.errors)
        return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text

    def decode_for_error(self, data: bytes) -> str:
        """Decodes what an exception carries, which may end within a character; never fails."""
        return self.decoder("backslashreplace").decode(data)


def encoding_of(options: dict[str, Any]) -> Optional[Encoding]:
    """The Encoding that the keyword arguments ask for, None for bytes."""
    text, newlines, name, errors = map(options.get, _NAMES)
    if text is not None and newlines is not None and bool(text) != bool(newlines):
        raise ValueError("text and universal_newlines are the same and cannot differ")
    return Encoding(name, errors) if text or newlines or name or errors else None
