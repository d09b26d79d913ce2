# SPDX-License-Identifier: MIT
"""compare.py [ROUNDS]: "start a tiny child and capture 6 bytes", ours and the standard module's in turns, in one process.

Prints microseconds a call and the ratio: of the best round, which other work on the machine has disturbed least, and of the
median. SP_BENCH_CHILDREN may tell where bench/children/hello is built.
"""

import os
import statistics
import subprocess
import sys
import time

import libsubprocess

CALLS = 5
CHILD = [os.path.join(os.environ["SP_BENCH_CHILDREN"], "hello")] if "SP_BENCH_CHILDREN" in os.environ else ["/bin/echo", "hello"]


def measure(run):
    begin = time.perf_counter()
    for _ in range(CALLS):
        assert run(CHILD, stdout=subprocess.PIPE).stdout == b"hello\n"
    return (time.perf_counter() - begin) / CALLS * 1e6


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    runs = {"libsubprocess.run": libsubprocess.run, "subprocess.run": subprocess.run}
    figures = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            figures[name].append(measure(run))
    print(f"Python {sys.version.split()[0]}, {rounds} rounds of {CALLS} calls, microseconds a call")
    for name, figure in figures.items():
        print(f"{name:18} best {min(figure):8.0f}   median {statistics.median(figure):8.0f}")
    ours, theirs = figures.values()
    print(f"ratio              best {min(theirs) / min(ours):8.2f}   "
          f"median {statistics.median(theirs) / statistics.median(ours):8.2f}")


if __name__ == "__main__":
    main()
