# SPDX-License-Identifier: MIT
"""Where the standard module is weak, the drop-in module does as it does, and the native one does better."""

import gc
import os
import signal
import time
import unittest
from unittest import mock

import libsubprocess as native
import libsubprocess.compat as compat
from libsubprocess import _native
from libsubprocess.compat import PIPE

PATIENCE = 60


class Weaknesses(unittest.TestCase):
    def test_output_of_timeout_expired_is_bytes_even_of_text(self):
        outputs = []
        for module in (compat, native):
            with module.Popen("echo ä; exec sleep 1000", shell=True, stdout=PIPE, encoding="utf-8") as process:
                while len(outputs) < 1 + (module is native):  # until the limit passes after the output has come
                    try:
                        process.communicate(timeout=0.05)
                    except module.TimeoutExpired as error:
                        if error.output:
                            outputs.append(error.output)
                process.kill()
        self.assertEqual(outputs, ["ä\n".encode(), "ä\n"])

    def test_status_that_somebody_else_took(self):
        for module in (compat, native):
            process = module.Popen("exit 7", shell=True)
            os.waitpid(process.pid, 0)
            try:
                returncode = process.wait()
            except native.StatusLost:
                self.assertIs(module, native)
                process.close()
            else:
                self.assertIn(returncode, (7, 0) if module is compat else (7,))  # 7 where the kernel still tells

    def test_status_that_nobody_can_tell(self):
        lost = native.StatusLost("lost")
        lost.code = "SP_ELOST"
        losing = mock.Mock(side_effect=lost)
        process = compat.Popen("exit 7", shell=True)
        with mock.patch.object(_native, "wait", losing):
            self.assertEqual(process.wait(), 0)
        os.waitpid(process.pid, 0)
        process = compat.Popen("exit 7", shell=True)
        self.assertEqual(process._internal_poll(_poll=losing), 0)
        os.waitpid(process.pid, 0)

    def test_ignored_sigchld(self):
        before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        try:
            self.assertIn(compat.run("exit 7", shell=True).returncode, (0, 7))  # 7 where the kernel still tells
        finally:
            signal.signal(signal.SIGCHLD, before)

    def test_kill_and_communicate_with_a_grandchild(self):
        """It holds the pipe: communicate() waits for it after kill(), finish() does not."""
        script = "sh -c 'read x' <&3 & echo $!; wait"
        reader, writer = os.pipe()
        os.dup2(reader, 63)
        for module, option in ((compat, {"pass_fds": [63]}), (native, {"pass_fds": [63]})):
            with module.Popen(script.replace("3", "63"), shell=True, executable="/bin/bash", stdout=PIPE, **option) as process:
                with self.assertRaises(module.TimeoutExpired):
                    process.communicate(timeout=0.3)
                process.kill()
                if module is compat:
                    with self.assertRaises(module.TimeoutExpired):
                        process.communicate(timeout=0.3)
                else:
                    self.assertTrue(process.finish().pipes_held)
        os.close(writer)
        os.close(reader)
        os.close(63)

    def test_more_input_after_a_limit_is_refused(self):
        with compat.Popen("read x", shell=True, stdin=PIPE, stdout=PIPE) as process:
            process.stdin.write(b"")
            os.kill(process.pid, signal.SIGSTOP)
            with self.assertRaises(compat.TimeoutExpired):
                process.communicate(b"a", timeout=0.05)
            with self.assertRaises(ValueError):
                process.communicate(b"b")
            process.kill()


class Limits(unittest.TestCase):
    def test_odd_limits(self):
        process = compat.Popen(["cat"], stdin=PIPE)
        for limit in (0, -1, -1e300, 1e-9):
            with self.assertRaises(compat.TimeoutExpired) as caught:
                process.wait(timeout=limit)
            self.assertEqual(caught.exception.timeout, limit)
        process.stdin.close()
        for limit in (float("inf"), 1e300, 2 ** 70):
            self.assertEqual(process.wait(timeout=limit), 0)

    def test_a_limit_does_not_pass_early(self):
        with compat.Popen(["cat"], stdin=PIPE) as process:
            began = time.monotonic()
            with self.assertRaises(compat.TimeoutExpired):
                process.wait(timeout=0.0505)
            self.assertGreaterEqual(time.monotonic() - began, 0.0505)

    def test_run_kills_what_does_not_end(self):
        with self.assertRaises(compat.TimeoutExpired) as caught:
            compat.run("echo a; kill -STOP $$", shell=True, stdout=PIPE, timeout=0.5)
        self.assertEqual(caught.exception.output, b"a\n")
        with self.assertRaises(ChildProcessError):
            os.waitpid(-1, 0)

    def test_an_exception_keeps_nothing_alive(self):
        gc.collect()
        gc.disable()
        try:
            native.release_caches()
            before = os.listdir("/proc/self/fd")
            for action in (lambda: compat.run(["sleep", "1000"], stdout=PIPE, stdin=PIPE, timeout=0.01),
                           lambda: compat.call(["sleep", "1000"], stdout=PIPE, timeout=0.01),
                           lambda: compat.run(["no such program"], stdout=PIPE)):
                try:
                    action()
                except (compat.TimeoutExpired, FileNotFoundError):
                    pass
            native.release_caches()
            self.assertEqual(len(os.listdir("/proc/self/fd")), len(before))
        finally:
            gc.enable()


class Signals(unittest.TestCase):
    def setUp(self):
        self.addCleanup(signal.signal, signal.SIGALRM, signal.getsignal(signal.SIGALRM))
        self.addCleanup(signal.setitimer, signal.ITIMER_REAL, 0)

    def raising(self, *_arguments):
        raise KeyboardInterrupt

    def test_a_handler_runs_and_the_call_goes_on(self):
        seen = []
        with compat.Popen("read x; echo $x", shell=True, stdin=PIPE, stdout=PIPE) as process:
            def handler(*_arguments):
                seen.append(1)
                os.kill(process.pid, signal.SIGCONT)
            signal.signal(signal.SIGALRM, handler)
            os.kill(process.pid, signal.SIGSTOP)
            signal.setitimer(signal.ITIMER_REAL, 0.05)
            self.assertEqual(process.communicate(b"in\n"), (b"in\n", None))
        self.assertEqual(seen, [1])

    def test_ctrl_c_leaves_the_calls(self):
        signal.signal(signal.SIGALRM, self.raising)
        for call in (lambda process: process.wait(), lambda process: process.communicate(),
                     lambda process: process.communicate(timeout=PATIENCE)):
            process = compat.Popen(["sleep", "1000"], stdout=PIPE, start_new_session=True)
            signal.setitimer(signal.ITIMER_REAL, 0.05)
            began = time.monotonic()
            with self.assertRaises(KeyboardInterrupt):
                call(process)
            self.assertGreaterEqual(time.monotonic() - began, 0.25)  # for a child that has got it too
            self.assertFalse(process.stdout.closed)
            process.kill()
            self.assertEqual(process.communicate(), (b"", None))

    def test_wrong_signals(self):
        with compat.Popen(["cat"], stdin=PIPE) as process:
            for number in (-1, 65, 1000):
                with self.assertRaises(OSError):
                    process.send_signal(number)
            process.send_signal(0)


if __name__ == "__main__":
    unittest.main()
