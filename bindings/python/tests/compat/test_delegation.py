# SPDX-License-Identifier: MIT
"""What the standard module does by system calls is done by the C library here: forbidding the calls breaks only the former."""

import _posixsubprocess
import contextlib
import os
import select
import selectors
import signal
import subprocess as standard
import sys
import time
import unittest
from unittest import mock

import libsubprocess.compat as compat

FORBIDDEN = [
    *((os, name) for name in ("fork", "forkpty", "posix_spawn", "posix_spawnp", "waitpid", "wait", "wait3", "wait4", "waitid",
                              "kill", "killpg", "pipe", "pipe2", "read", "write", "dup2", "execv", "execve", "pidfd_open")),
    (time, "sleep"),
    (signal, "pidfd_send_signal"),
    (select, "select"), (select, "poll"), (select, "epoll"),
    *((selectors, name) for name in ("SelectSelector", "PollSelector", "EpollSelector", "DefaultSelector")),
    (_posixsubprocess, "fork_exec"), (standard, "_fork_exec"),
]
STANDARD = [(standard, name) for name in ("Popen", "run", "call", "check_call", "check_output")]


class Forbidden(AssertionError):
    """A call of what only the standard module needs."""


@contextlib.contextmanager
def without(*calls):
    with contextlib.ExitStack() as stack:
        for owner, name in calls:
            if hasattr(owner, name):
                stack.enter_context(mock.patch.object(owner, name, side_effect=Forbidden(f"{owner.__name__}.{name}")))
        yield


def run_and_capture(module):
    assert module.run(["cat"], input=b"x" * 300000, capture_output=True).stdout == b"x" * 300000


def talk_line_by_line(module):
    with module.Popen(["cat"], stdin=module.PIPE, stdout=module.PIPE, text=True, bufsize=1) as process:
        process.stdin.write("one\n")
        assert process.stdout.readline() == "one\n"
        assert process.communicate("two\n") == ("two\n", None)


def wait_with_a_limit(module):
    process = module.Popen(["sleep", "1000"])
    try:
        process.wait(timeout=0.01)
    except module.TimeoutExpired:
        pass
    assert process.poll() is None
    process.terminate()
    assert process.wait(timeout=60) == -signal.SIGTERM
    process.send_signal(signal.SIGINT)


def communicate_with_a_limit(module):
    process = module.Popen("echo a; read x; echo b >&2", shell=True, stdin=module.PIPE, stdout=module.PIPE, stderr=module.PIPE)
    process.stdin.write(b"")
    try:
        with module.Popen(["sleep", "1000"], stdout=module.PIPE) as sleeper:
            try:
                sleeper.communicate(timeout=0.01)
            except module.TimeoutExpired:
                sleeper.kill()
                assert sleeper.communicate() == (b"", None)
    finally:
        assert process.communicate(b"\n") == (b"a\n", b"b\n")


def check_and_call(module):
    assert module.call(["false"]) == 1
    assert module.check_output(["echo", "a"]) == b"a\n"
    assert module.getstatusoutput("echo a; exit 3") == (3, "a")
    try:
        module.check_call("kill -KILL $$", shell=True)
    except module.CalledProcessError as error:
        assert error.returncode == -signal.SIGKILL


def fail_to_start(module):
    for arguments, options in ((["no such program"], {}), (["true"], {"cwd": "/no/such/directory"})):
        try:
            module.run(arguments, **options)
        except FileNotFoundError:
            continue
        raise AssertionError("it started")


EXERCISES = [run_and_capture, talk_line_by_line, wait_with_a_limit, communicate_with_a_limit, check_and_call, fail_to_start]


class Delegation(unittest.TestCase):
    def test_the_drop_in_needs_none_of_them(self):
        for exercise in EXERCISES:
            with self.subTest(exercise.__name__), without(*FORBIDDEN, *STANDARD):
                exercise(compat)

    def test_the_standard_module_does(self):
        for exercise in EXERCISES:
            with self.subTest(exercise.__name__), without(*FORBIDDEN), self.assertRaises(Forbidden):
                exercise(standard)

    def test_nothing_of_it_is_imported(self):
        script = "import sys, libsubprocess.compat; print({'subprocess', 'selectors', 'select', '_posixsubprocess'} & " \
                 "set(sys.modules))"
        said = compat.check_output([sys.executable, "-c", script], text=True, cwd="/")
        self.assertEqual(said, "set()\n")


if __name__ == "__main__":
    unittest.main()
