# SPDX-License-Identifier: MIT
"""Runs CPython's own test_subprocess.py, as it is, on libsubprocess.compat and on the standard module, and compares.

    python3 suite.py --library LIBRARY [--build FOLDER] [--ways LIST] [--users LIST] [--repeat N] [python ...]

Without a python: all CPythons of at least 3.11 with a test package that are found. Fails if any test ends otherwise than
with the standard module in the same run, but for those that classification.py excludes.
"""

import argparse
import os
import statistics
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import confine
import pythons
import report
import runs
import stage

MODULES = ["test.test_subprocess"]


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("python", nargs="*")
    parser.add_argument("--library", default=os.environ.get("SP_LIBRARY"), help="libsubprocess.so")
    parser.add_argument("--build", type=Path, default=stage.ROOT / "build" / "cpython-suite", help="where to build")
    parser.add_argument("--ways", default=",".join(runs.WAYS), help="of standard, path and mount")
    parser.add_argument("--users", default="root,ordinary" if os.getuid() == 0 else "me", help="of root, ordinary and me")
    parser.add_argument("--match", default="*", help="only tests of such names: test_preexec*")
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--parallel", action="store_true", help="all users at once")
    parser.add_argument("--first", action="store_true", help="only the first python that is found")
    parser.add_argument("--modules", default=",".join(MODULES), help="other modules of CPython's test package")
    options = parser.parse_args(arguments)
    if not options.library:
        parser.error("--library is needed, or SP_LIBRARY in the environment")
    return options


def users_of(names):
    numbers = {"root": 0, "ordinary": confine.ORDINARY_USER, "me": os.getuid()}
    return [numbers[name] for name in names.split(",")]


class Comparison:
    """All runs of one Python by one user."""

    def __init__(self, python, user, options, staged):
        self.python = python
        self.user = user
        self.options = options
        self.staged = staged
        self.problems = []
        self.excluded = {}
        self.seconds = {}

    def _run(self, way, modules):
        name = f"{self.python.name}-{self.user}-{way}".replace(" ", "")
        log = self.options.build / "logs" / f"{name}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        result = runs.run(self.python, self.staged, way, self.user, modules, self.options.match, log)
        self.seconds.setdefault(way, []).append(result.seconds)
        print(report.row(self.python, result), flush=True)
        return result

    def _judge(self, standard, ours):
        for difference in report.differences(standard, ours):
            if difference.reason:
                self.excluded[difference.name] = difference
            else:
                self.problems.append(f"{ours.way}: {difference}")
        if ours.environment_altered and not standard.environment_altered:
            self.problems.append(f"{ours.way}: an exception was ignored, or a thread or child was left; see the log")

    def run(self):
        ways = self.options.ways.split(",")
        modules = self.options.modules.split(",")
        for _ in range(self.options.repeat):
            try:
                standard = self._run("standard", modules)
                for way in ways:
                    if way != "standard":
                        self._judge(standard, self._run(way, modules))
            except runs.RunFailed as failure:
                self.problems.append(str(failure))

    def print(self):
        who = "root" if self.user == 0 else f"uid {self.user}"
        seconds = ", ".join(f"{way} {statistics.median(all_of):.1f}" for way, all_of in self.seconds.items())
        print(f"\nPython {self.python.name}, {who}: {len(self.problems)} differences, "
              f"{len(self.excluded)} excluded; median seconds: {seconds}")
        for problem in self.problems:
            print(f"  {problem}")
        for difference in self.excluded.values():
            print(f"  {difference}")


def main(arguments):
    options = parse(arguments)
    found = pythons.find(options.python)
    if not found:
        sys.exit("found no CPython with its test package; on Debian install libpythonX.Y-testsuite")
    if options.first:
        found = found[:1]
    options.build.mkdir(parents=True, exist_ok=True)
    print(report.header(), flush=True)
    comparisons = []
    for python in found:
        staged = stage.make(python, Path(options.library), options.build)
        of_users = [Comparison(python, user, options, staged) for user in users_of(options.users)]
        with ThreadPoolExecutor(len(of_users) if options.parallel else 1) as pool:
            list(pool.map(Comparison.run, of_users))
        comparisons += of_users
    for comparison in comparisons:
        comparison.print()
    return 1 if any(comparison.problems for comparison in comparisons) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
