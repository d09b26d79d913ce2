# SPDX-License-Identifier: MIT
"""The file objects of Popen: as the standard module's, whoever uses them besides communicate()."""

import io
import os
import threading
import unittest
import warnings
from unittest import mock

import libsubprocess.compat as subprocess
from libsubprocess import _native
from libsubprocess.compat import PIPE, Popen, TimeoutExpired

PATIENCE = 60


def descriptors():
    return sorted(int(fd) for fd in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{fd}"))


class FileTest(unittest.TestCase):
    def setUp(self):
        _native.sp_release_caches()
        before = descriptors()
        self.addCleanup(lambda: self.assertEqual(descriptors(), before))
        self.addCleanup(_native.sp_release_caches)


class Kinds(FileTest):
    def test_bytes(self):
        with Popen(["cat"], stdin=PIPE, stdout=PIPE, stderr=PIPE) as process:
            self.assertEqual([type(file) for file in (process.stdin, process.stdout, process.stderr)],
                             [io.BufferedWriter, io.BufferedReader, io.BufferedReader])
            self.assertEqual((process.stdin.mode, process.stdout.mode), ("wb", "rb"))
            self.assertFalse(os.get_inheritable(process.stdin.fileno()))
            self.assertTrue(os.get_blocking(process.stdout.fileno()))

    def test_unbuffered(self):
        with Popen(["cat"], stdin=PIPE, stdout=PIPE, bufsize=0) as process:
            self.assertIsInstance(process.stdin, io.FileIO)
            process.stdin.write(b"abc")
            self.assertEqual(process.stdout.read(2), b"ab")

    def test_text(self):
        with Popen(["cat"], stdin=PIPE, stdout=PIPE, encoding="utf-16", errors="ignore", bufsize=1) as process:
            self.assertEqual((process.stdin.encoding, process.stdin.errors), ("utf-16", "ignore"))
            self.assertTrue(process.stdin.line_buffering and process.stdin.write_through)

    def test_no_child_if_the_encoding_is_wrong(self):
        with self.assertRaises(LookupError):
            Popen(["false"], stdout=PIPE, encoding="no such encoding")
        with self.assertRaises(ChildProcessError):
            os.waitpid(-1, 0)


class BesideCommunicate(FileTest):
    def test_what_a_buffer_has_comes_first(self):
        for options in ({}, {"text": True}, {"encoding": "utf-16-le"}, {"bufsize": 2}):
            with self.subTest(options), Popen(["cat"], stdin=PIPE, stdout=PIPE, **options) as process:
                is_text = process.text_mode
                first, rest, last = ("ä\n", "öü\r\nß", "€") if is_text else (b"a\n", b"bc\r\nd", b"e")
                process.stdin.write(first + rest)
                process.stdin.flush()
                self.assertEqual(process.stdout.readline(), first)
                expected = rest + last
                self.assertEqual(process.communicate(last)[0], expected.replace("\r\n", "\n") if is_text else expected)

    def test_what_was_written_goes_out_first(self):
        with Popen(["cat"], stdin=PIPE, stdout=PIPE) as process:
            process.stdin.write(b"first ")
            self.assertEqual(process.communicate(b"second"), (b"first second", None))

    def test_all_files_are_closed_afterwards(self):
        process = Popen("cat; echo x >&2", shell=True, stdin=PIPE, stdout=PIPE, stderr=PIPE)
        self.assertEqual(process.communicate(b"in"), (b"in", b"x\n"))
        self.assertTrue(process.stdin.closed and process.stdout.closed and process.stderr.closed)
        self.assertEqual(process.communicate(), (b"in", b"x\n"))

    def test_a_limit_loses_nothing(self):
        size = 2 ** 20
        with Popen("read go; cat", shell=True, stdin=PIPE, stdout=PIPE) as process:
            with self.assertRaises(TimeoutExpired) as caught:
                process.communicate(b"x" * size, timeout=0.05)
            self.assertEqual(caught.exception.timeout, 0.05)
            self.assertFalse(process.stdin.closed or process.stdout.closed)
            process.kill()
            self.assertEqual(process.communicate(), (b"", None))

    def test_input_goes_on_after_a_limit(self):
        reader, writer = os.pipe()
        data = bytes(range(256)) * 4096
        with Popen(f"read go <&{reader}; cat", shell=True, stdin=PIPE, stdout=PIPE, pass_fds=[reader]) as process:
            os.close(reader)
            with self.assertRaises(TimeoutExpired):
                process.communicate(data, timeout=0.05)
            os.close(writer)
            self.assertEqual(process.communicate(timeout=PATIENCE)[0], data)

    def test_the_files_are_not_to_be_used_meanwhile(self):
        def use(handle, data, timeout_ms):
            uses = [process.stdin.fileno, lambda: process.stdin.raw.write(b"x"), process.stdout.fileno, process.stdout.read]
            for action in uses:
                with self.assertRaises(ValueError):
                    action()
            return communicate(handle, data, timeout_ms)

        communicate = _native.communicate
        with Popen(["cat"], stdin=PIPE, stdout=PIPE) as process, mock.patch.object(_native, "communicate", use):
            self.assertEqual(process.communicate(b"x"), (b"x", None))


class Replaced(FileTest):
    def test_by_a_wrapper_of_the_same_pipe(self):
        with Popen(["cat"], stdin=PIPE, stdout=PIPE) as process:
            process.stdout = io.TextIOWrapper(process.stdout, "latin-1")
            self.assertEqual(process.communicate(b"\xe4"), ("ä", None))

    def test_by_another_file(self):
        reader, writer = os.pipe()
        with Popen(["sh", "-c", f"echo other >&{writer}"], pass_fds=[writer]) as process:
            os.close(writer)
            process.stdout = open(reader, "rb")
            self.assertEqual(process.communicate(), (b"other\n", None))

    def test_by_none_it_is_left_alone(self):
        with Popen("cat; echo err >&2", shell=True, stdin=PIPE, stdout=PIPE, stderr=PIPE) as process:
            mine, process.stdout = process.stdout, None
            self.assertEqual(process.communicate(b"in"), (None, b"err\n"))
            with mine:
                self.assertEqual(mine.read(), b"in")

    def test_input_that_somebody_else_writes(self):
        with Popen(["cat"], stdin=PIPE, stdout=PIPE) as process:
            mine, process.stdin = process.stdin, None

            def write():
                with mine:
                    mine.write(b"later")
            writer = threading.Thread(target=write)
            writer.start()
            self.assertEqual(process.communicate(), (b"later", None))
            writer.join(PATIENCE)

    def test_input_that_is_closed_already(self):
        with Popen(["cat"], stdin=PIPE, stdout=PIPE) as process:
            process.stdin.write(b"x")
            process.stdin.close()
            self.assertEqual(process.communicate(), (b"x", None))
        with Popen(["cat"], stdin=PIPE, stdout=PIPE) as process:
            process.stdin.close()
            with self.assertRaises(ValueError):
                process.communicate(b"x")


class Forgotten(FileTest):
    def test_a_file_gives_a_warning_and_is_closed(self):
        for bufsize in (0, -1):
            with self.subTest(bufsize), warnings.catch_warnings(record=True) as seen:
                warnings.simplefilter("always")
                process = Popen(["cat"], stdin=PIPE, bufsize=bufsize)
                process.stdin = None
                self.assertEqual(process.wait(PATIENCE), 0)
                self.assertTrue(any("unclosed file" in str(warning.message) for warning in seen), seen)

    def test_a_file_outlives_its_popen(self):
        process = Popen(["echo", "x"], stdout=PIPE)
        process.wait()
        file = process.stdout
        del process
        with file:
            self.assertEqual(file.read(), b"x\n")

    def test_a_running_child_gives_a_warning_and_is_reaped_by_the_next_one(self):
        with self.assertWarns(ResourceWarning):
            process = Popen(["cat"], stdin=PIPE)
            stdin, pid = process.stdin, process.pid
            del process
        self.assertEqual([child.pid for child in subprocess._active], [pid])
        stdin.close()
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        subprocess.run(["true"])
        self.assertEqual(subprocess._active, [])
        with self.assertRaises(ChildProcessError):
            os.waitpid(pid, 0)


class AfterFork(FileTest):
    def test_a_forked_child_closes_its_copies(self):
        with Popen(["cat"], stdin=PIPE, stdout=PIPE) as process:
            pid = os.fork()
            if pid == 0:
                status = 1
                try:
                    fds = process.stdin.fileno(), process.stdout.fileno()
                    process.stdin.close()
                    process.stdout.close()
                    left = [fd for fd in fds if os.path.exists(f"/proc/self/fd/{fd}")]
                    status = 0 if not left and process.poll() == 0 and process.wait() == 0 else 2
                finally:
                    os._exit(status)
            self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0)
            self.assertEqual(process.communicate(b"still there"), (b"still there", None))


if __name__ == "__main__":
    unittest.main()
