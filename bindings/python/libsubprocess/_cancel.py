# SPDX-License-Identifier: MIT
from __future__ import annotations

from . import _native


class CancelToken:
    """Wakes the blocking calls of the children that it was given to (`cancel=token`), now and until reset().

    They raise Canceled; run() kills its child first. Any thread may trigger it, and signal handlers too.
    """

    __slots__ = ("_handle", "_triggered", "__weakref__")

    def __init__(self) -> None:
        self._handle = _native.cancel_new()
        self._triggered = False

    @property
    def triggered(self) -> bool:
        return self._triggered

    def trigger(self) -> None:
        self._triggered = True
        _native.cancel_trigger(self._handle)

    def reset(self) -> None:
        """Makes a triggered token usable again."""
        _native.cancel_reset(self._handle)
        self._triggered = False

    def __repr__(self) -> str:
        return f"<CancelToken{' triggered' if self._triggered else ''}>"
