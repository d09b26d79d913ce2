# SPDX-License-Identifier: MIT
"""What the tests share."""

import os
import signal
import tempfile
import threading
import unittest

import libsubprocess as sp

PATIENCE = 60  # seconds after which a thread that should have ended is a failure
ALL_BYTES = bytes(range(256)) * 4096


sp.run_pipeline("true", "true", capture_output=True)  # libuv keeps two descriptors from the first pipeline on


class Gate:
    """A pipe that a child waits for: `read x <&3` in a shell that was given `fd_map=gate.map`."""

    def __init__(self, fd=None):
        self.fd, self._writer = os.pipe() if fd is None else (fd, None)
        self.map = {3: self.fd}

    def open(self):
        if self._writer is not None:
            os.close(self._writer)
            self._writer = None

    def close(self):
        self.open()
        os.close(self.fd)

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self.close()


class Worker(threading.Thread):
    """A thread whose result, or exception, result() gives."""

    def __init__(self, function, *args, **options):
        super().__init__(daemon=True)
        self._work = function, args, options
        self._outcome = None
        self._failure = None
        self.start()

    def run(self):
        function, args, options = self._work
        try:
            self._outcome = function(*args, **options)
        except BaseException as failure:
            self._failure = failure

    def result(self):
        self.join(PATIENCE)
        if self.is_alive():
            raise AssertionError("the thread does not end")
        failure, self._failure = self._failure, None
        try:
            if failure is not None:
                raise failure
        finally:
            del failure  # its traceback has this frame
        return self._outcome


class ChildTest(unittest.TestCase):
    """Sees to it that a test leaves no child, descriptor or signal handler behind."""

    def setUp(self):
        self.directory = tempfile.mkdtemp()
        self.addCleanup(lambda: sp.run(["rm", "-r", self.directory]))
        sp.release_caches()
        before = open_descriptors()
        self.addCleanup(lambda: self.assertEqual(open_descriptors(), before, describe(before)))
        self.addCleanup(sp.release_caches)
        self.addCleanup(self.assert_no_child)
        self.addCleanup(signal.signal, signal.SIGALRM, signal.getsignal(signal.SIGALRM))
        self.addCleanup(signal.setitimer, signal.ITIMER_REAL, 0)

    def assert_no_child(self):
        with self.assertRaises(ChildProcessError, msg="a child is left"):
            os.waitpid(-1, os.WNOHANG)

    def path(self, name):
        return os.path.join(self.directory, name)

    def write(self, name, data):
        with open(self.path(name), "wb") as file:
            file.write(data)
        return self.path(name)

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def gate(self):
        gate = Gate()
        self.addCleanup(gate.close)
        return gate

    def popen(self, args, **options):
        """A Popen that is ended after the test, if it has not ended by then."""
        process = sp.Popen(args, **options)
        self.addCleanup(end, process)
        return process


def end(process):
    if not process._closed:
        process.stop(0)
        process.close()


def open_descriptors():
    return sorted(int(fd) for fd in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{fd}"))


def describe(before):
    return {fd: os.readlink(f"/proc/self/fd/{fd}") for fd in open_descriptors() if fd not in before}
