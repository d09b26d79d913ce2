#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_gallery.py [--programs DIR] [--expected DIR] [--patience SECONDS] NAME: runs one example and compares what it does.

expected/NAME.txt holds the return code, then the lines in the order in which a console shows them: "1| " those of standard
output, "2| " those of standard error. The program runs twice: once with both streams in one pipe, for the order, and once
with two, for the streams. Process ids become PID1, PID2 ... as they appear, so that equal ids must stay equal.
A program must also leave no process behind.

Exit status: 0 as expected, 1 not, 2 wrong usage.
"""
import argparse
import collections
import ctypes
import difflib
import os
import pathlib
import re
import shlex
import signal
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
PR_SET_CHILD_SUBREAPER = 36
TIME_LIMIT = 25  # seconds a run; both stay below the test runner's limit, so that a hang is told with what was printed

Case = collections.namedtuple("Case", "arguments input environment", defaults=((), "", {}))
CASES = {
    "repeater": Case(input="first\nsecond\n"),
    "signal_child": Case(arguments=["0"]),
    "signal_parent_shell": Case(arguments=["1"]),
    "find_why": Case(environment={"PATH": "/usr/bin:/bin"}),  # a message shows it
    "cancel": Case(arguments=["sh", "-c", "echo working; kill -INT $PPID; exec sleep 600"]),
}

# What the page's directory holds, where its programs run.
PAGE_FILES = [
    "interaction.py", "repeater.py", "signal_child.py", "signal_parent.py",
    "subprocess_check_output_error_trap_output.py", "subprocess_os_system.py", "subprocess_pipes.py",
    "subprocess_popen2.py", "subprocess_popen3.py", "subprocess_popen4.py", "subprocess_popen_read.py",
    "subprocess_popen_write.py", "subprocess_run_check.py", "subprocess_run_output.py",
    "subprocess_run_output_error.py", "subprocess_run_output_error_suppress.py",
    "subprocess_run_output_error_trap.py", "subprocess_shell_variables.py",
    "subprocess_signal_parent_shell.py", "subprocess_signal_setpgrp.py",
]


def make_page_directory(directory):
    for name in PAGE_FILES:
        (directory / name).touch()
    index = HERE.parent.parent / "examples" / "data" / "index.rst"
    (directory / "index.rst").write_bytes(index.read_bytes())


def lines_of(output):
    lines = output.decode("utf-8", "backslashreplace").split("\n")
    unfinished = lines.pop()
    return lines + [unfinished + "<no newline>"] if unfinished else lines


def name_pids(lines):
    names = {}

    def name(match):
        word, padding, pid = match.groups()
        if word == "CHILD" and len(padding + pid) != max(6, len(pid)):
            return match.group(0)  # not in a column of six: left as it is, to be told as a difference
        return f"{word} {names.setdefault(pid, f'PID{len(names) + 1}')}"

    pattern = re.compile(r"\b(CHILD|process|child|signaling|group|from|now) ( *)(\d+)")
    return [pattern.sub(name, line) for line in lines]


def read_expected(path):
    first, *rest = path.read_text(encoding="utf-8").splitlines()
    returncode = int(re.fullmatch(r"returncode (-?\d+)", first).group(1))
    marked = [re.fullmatch(r"([12])\|(?: (.*))?", line).groups("") for line in rest]
    return returncode, marked


def run(name, programs, directory, stderr):
    case = CASES.get(name, Case())
    launcher = shlex.split(os.environ.get("SP_TEST_LAUNCHER", ""))
    environment = {key: value for key, value in os.environ.items() if key != "SP_TEST_LAUNCHER"}
    environment.update(LC_ALL="C", HOME="/Users/dhellmann", **case.environment)
    return subprocess.run([*launcher, str(programs / name), *case.arguments], cwd=directory, env=environment,
                          input=case.input.encode(), stdout=subprocess.PIPE, stderr=stderr, timeout=TIME_LIMIT)


def leftovers(patience):
    """Waits for what the program left to us, and returns (after killing it) what is still there when patience ends."""
    def give_up(_signum, _frame):
        raise TimeoutError

    signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, patience)
    try:
        while True:
            os.waitpid(-1, 0)
    except ChildProcessError:
        return []
    except TimeoutError:
        pids = pathlib.Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
        for pid in pids:
            os.kill(int(pid), signal.SIGKILL)
            os.waitpid(int(pid), 0)
        return pids
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def differences(what, expected, output):
    seen = name_pids(lines_of(output))
    return list(difflib.unified_diff(expected, seen, f"expected {what}", f"seen {what}", lineterm=""))


def check(name, programs, expected, patience):
    returncode, marked = read_expected(expected / f"{name}.txt")
    faults = []
    with tempfile.TemporaryDirectory() as directory:
        make_page_directory(pathlib.Path(directory))
        try:
            together = run(name, programs, directory, subprocess.STDOUT)
            apart = run(name, programs, directory, subprocess.PIPE)
        except subprocess.TimeoutExpired as expired:
            faults.append(f"no end after {TIME_LIMIT} s; printed so far: {expired.stdout}")
    if not faults:
        faults += [f"return code {done.returncode}, expected {returncode}"
                   for done in (together, apart) if done.returncode != returncode]
        faults += differences("console", [text for _, text in marked], together.stdout)
        faults += differences("stdout", [text for stream, text in marked if stream == "1"], apart.stdout)
        faults += differences("stderr", [text for stream, text in marked if stream == "2"], apart.stderr)
    left = leftovers(patience)
    if left:
        faults.append(f"left behind and killed: {' '.join(left)}")
    return faults


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--programs", type=pathlib.Path, default=os.environ.get("SP_EXAMPLES_DIR"))
    parser.add_argument("--expected", type=pathlib.Path, default=HERE / "expected")
    parser.add_argument("--patience", type=float, default=10)
    parser.add_argument("name")
    options = parser.parse_args()
    if options.programs is None:
        parser.error("--programs or SP_EXAMPLES_DIR must tell where the examples are")
    # A grandchild that outlives its program becomes our child, where it is seen.
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        sys.exit(f"prctl: {os.strerror(ctypes.get_errno())}")
    faults = check(options.name, pathlib.Path(options.programs).resolve(), options.expected, options.patience)
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
