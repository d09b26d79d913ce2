# SPDX-License-Identifier: MIT
from __future__ import annotations

from typing import NamedTuple


class Usage(NamedTuple):
    """What a child cost; of a pipeline the sum (wall, max_rss: the largest)."""

    wall: float
    """Seconds from the start to the seen end."""
    user: float
    """Seconds of processor time in user mode, waited-for descendants included."""
    system: float
    """Seconds of processor time in the kernel."""
    max_rss: int
    """Bytes of the largest resident set."""
    minor_faults: int
    major_faults: int
    voluntary_switches: int
    involuntary_switches: int
    blocks_in: int
    blocks_out: int


class Dropped(NamedTuple):
    """Bytes that were read and dropped because of max_output."""

    stdout: int
    stderr: int


def usage_of(fields: tuple[int, ...]) -> Usage:
    wall, user, system, *counts = fields
    return Usage(wall / 1e6, user / 1e6, system / 1e6, *counts)
