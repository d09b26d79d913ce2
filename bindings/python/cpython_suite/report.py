# SPDX-License-Identifier: MIT
"""Compares runs by the names of their tests, and says it in a table."""

import dataclasses

import classification


@dataclasses.dataclass
class Difference:
    name: str
    standard: str
    ours: str
    detail: str
    reason: str | None  # why it may differ

    def __str__(self):
        why = f"excluded: {self.reason}" if self.reason else f"NOT EXCLUDED: {self.detail}"
        return f"{self.name}: {self.standard} -> {self.ours} ({why})"


def _last_line(detail):
    lines = [line for line in detail.splitlines() if line.strip()]
    return lines[-1].strip() if lines else ""


def differences(standard, ours):
    """What ended otherwise, by name."""
    missing = {"outcome": "not run", "detail": ""}
    for name in sorted(standard.tests.keys() | ours.tests.keys()):
        before = standard.tests.get(name, missing)
        after = ours.tests.get(name, missing)
        if before["outcome"] != after["outcome"]:
            yield Difference(name, before["outcome"], after["outcome"], _last_line(after["detail"]),
                             classification.exclusion(name))


HEADER = "| {:<16} | {:<5} | {:<8} | {:>4} | {:>6} | {:>6} | {:>7} | {:>10} | {:>7} | {:>6} |"
COLUMNS = ("Python", "user", "module", "run", "passed", "failed", "skipped", "applicable", "seconds", "cpu")


def header():
    titles = HEADER.format(*COLUMNS)
    return titles + "\n" + "".join("|" if char == "|" else "-" for char in titles)


def applicable(run):
    """How many of the tests of behaviour passed; the rest of them are those that skip themselves here."""
    passed = run.count("passed", "semantics")
    return f"{passed}+{run.count('skipped', 'semantics')}"


def row(python, run):
    return HEADER.format(python.name, "root" if run.user == 0 else run.user, run.way, len(run.tests), run.count("passed"),
                         run.count("failed"), run.count("skipped"), applicable(run), f"{run.seconds:.1f}", f"{run.cpu_seconds:.1f}")
