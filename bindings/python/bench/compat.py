# SPDX-License-Identifier: MIT
"""compat.py: what the drop-in module costs beside the standard one, in one run.

    PYTHONPATH=BUILD/bindings/python/package python3 compat.py [ROUNDS]

Both are measured in turns, so that a busy machine is busy for both. Prints microseconds and the ratio: of the best round,
which other work has disturbed least, and of the median.
"""

import importlib
import os
import statistics
import sys
import time

MODULES = {"standard": "subprocess", "drop-in": "libsubprocess.compat"}


def whole_process(name):
    """A new Python that imports the module and runs a child. Without what the installation imports at each start."""
    script = f"import {name} as subprocess; subprocess.run(['true'])"
    began = time.perf_counter()
    _pid, status = os.waitpid(os.posix_spawn(sys.executable, [sys.executable, "-S", "-c", script], os.environ), 0)
    if status != 0:
        sys.exit(f"cannot measure {name}")
    return time.perf_counter() - began


def one_call(call):
    def measure(name):
        module = importlib.import_module(name)
        began = time.perf_counter()
        call(module)
        return time.perf_counter() - began
    return measure


def talk(module):
    with module.Popen(["cat"], stdin=module.PIPE, stdout=module.PIPE) as process:
        process.stdin.write(b"x\n")
        process.stdin.flush()
        process.stdout.readline()


CALLS = {
    "run(['true'])": lambda module: module.run(["true"]),
    "check_output(['echo', 'hello'])": lambda module: module.check_output(["echo", "hello"]),
    "run(['cat'], input=1 MiB, capture_output)": lambda module: module.run(["cat"], input=b"x" * 2**20, capture_output=True),
    "Popen(['cat']), a line to and fro": talk,
}


def compare(title, measure, rounds):
    times = {label: [] for label in MODULES}
    for _ in range(rounds):
        for label, name in MODULES.items():
            times[label].append(measure(name) * 1e6)
    for word, pick in (("best", min), ("median", statistics.median)):
        standard, ours = map(pick, times.values())
        print(f"{title:<42} {word:<7} {standard:>9.0f} {ours:>9.0f} {ours / standard:>7.2f}", flush=True)


def main(rounds=100):
    os.chdir("/")
    print(f"Python {sys.version.split()[0]}, microseconds {'':<21} {'standard':>9} {'drop-in':>9} {'ratio':>7}")
    compare("import and run(['true']), a new Python", whole_process, rounds // 3)
    for title, call in CALLS.items():
        compare(title, one_call(call), rounds)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
