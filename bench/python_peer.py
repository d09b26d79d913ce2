# SPDX-License-Identifier: MIT
"""The driver's protocol, answered by Python's own subprocess module: "NAME COUNT" in, nanoseconds out."""

import resource
import subprocess
import sys
import time


def popen_wait(children):
    process = subprocess.Popen([children + "/true"])
    assert process.wait() == 0


def check_output(children):
    assert subprocess.check_output([children + "/hello"]) == b"hello\n"


def communicate(children):
    pipe = subprocess.PIPE
    process = subprocess.Popen([children + "/hello"], stdin=pipe, stdout=pipe, stderr=pipe)
    assert process.communicate() == (b"hello\n", b"")


MEASURES = {"python.popen_wait": popen_wait, "python.check_output": check_output, "python.communicate": communicate}


def cpu_ns():
    usages = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return int(1e9 * sum(usage.ru_utime + usage.ru_stime for usage in usages))


def main():
    children = sys.argv[1]
    print("ready", flush=True)
    for line in sys.stdin:
        name, count = line.split()
        measure = MEASURES[name]
        measure(children)
        cpu, begin = cpu_ns(), time.monotonic_ns()
        for _ in range(int(count)):
            measure(children)
        print(time.monotonic_ns() - begin, cpu_ns() - cpu, flush=True)


main()
