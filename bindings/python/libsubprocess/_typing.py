# SPDX-License-Identifier: MIT
"""Names for annotations, without importing typing: that alone takes longer than to start a child."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import AnyStr as AnyStr
    from typing import Generic as Generic
else:
    AnyStr = None

    class Generic:
        def __class_getitem__(cls, _item):
            return cls
