# SPDX-License-Identifier: MIT
"""Several threads: the interpreter's lock is released, users of one thing are kept apart, cancelling and closing wake."""

import sys
import threading
import unittest

from support import ALL_BYTES, PATIENCE, ChildTest, Worker

import libsubprocess as sp


class Lock(ChildTest):
    def test_other_threads_run_while_a_call_blocks(self):
        """The call ends only if another thread gets to run meanwhile."""
        piped = {"stdin": sp.PIPE, "stdout": sp.PIPE}
        for script, call in (("read x <&3; cat", lambda p: p.communicate(ALL_BYTES)), ("read x <&3", lambda p: p.wait()),
                             ("read x <&3; echo x", lambda p: p.stdout.read1()),
                             ("read x <&3; cat >/dev/null", lambda p: p.stdin.write(ALL_BYTES)),
                             ("trap 'read x <&3; exit' TERM; while read x; do :; done", lambda p: p.stop(PATIENCE))):
            gate = self.gate()
            process = self.popen(["sh", "-c", script], fd_map=gate.map, **piped)
            blocked = Worker(call, process)
            gate.open()
            blocked.result()
        for call in (lambda gate: sp.run(["sh", "-c", "read x <&3"], fd_map=gate.map),
                     lambda gate: sp.run_pipeline(["sh", "-c", "read x <&3"], ["cat"], fd_map=gate.map)):
            gate = self.gate()
            blocked = Worker(call, gate)
            gate.open()
            self.assertIsInstance(blocked.result(), sp.CompletedProcess)

    def test_many_at_once(self):
        def work(number):
            for _ in range(20):
                data = b"%d" % number * 100
                assert sp.run(["cat"], input=data, stdout=sp.PIPE).stdout == data
                with sp.Popen(["cat"], stdin=sp.PIPE, stdout=sp.PIPE) as process:
                    process.stdin.write(data + b"\n")
                    assert process.stdout.readline() == data + b"\n"

        for worker in [Worker(work, number) for number in range(8)]:
            worker.result()

    def test_several_wait_for_one(self):
        process = self.popen(["sh", "-c", "read x; exit 5"], stdin=sp.PIPE)
        workers = [Worker(process.wait) for _ in range(5)]
        process.stdin.close()
        self.assertEqual([worker.result() for worker in workers], [5] * 5)

    def test_callbacks_from_several_threads(self):
        def work():
            seen = []
            sp.run(["seq", "2000"], stdout=sp.PIPE, on_output=lambda stream, data: seen.append(data))
            return b"".join(seen)

        expected = b"".join(b"%d\n" % number for number in range(1, 2001))
        self.assertEqual([worker.result() for worker in [Worker(work) for _ in range(6)]], [expected] * 6)


class OneAtATime(ChildTest):
    def test_a_second_user_is_told(self):
        def blocked_in(stream):
            return process._claims.taken[stream._stream]

        process = self.popen(["sleep", "600"], stdin=sp.PIPE, stdout=sp.PIPE)
        for call, stream in ((process.stdout.read, process.stdout), (lambda: process.stdin.write(ALL_BYTES), process.stdin)):
            worker = Worker(call)
            while not blocked_in(stream):
                pass
            for use in (call, process.communicate, process.finish):
                with self.assertRaises(sp.BusyError) as caught:
                    use()
                self.assertEqual(caught.exception.code, "SP_EBUSY")
            stream.close()
            with self.assertRaises(sp.ClosedError):
                worker.result()

    def test_communicate_twice(self):
        process = self.popen(["sleep", "600"])
        worker = Worker(process.communicate)
        with self.assertRaises((sp.BusyError, sp.TimeoutExpired)):
            while True:
                process.communicate(timeout=0.01)
        process.kill()
        try:
            self.assertEqual(worker.result(), (None, None))
        except sp.BusyError:
            pass  # the two met the other way round


class Canceling(ChildTest):
    def test_every_call(self):
        token = sp.CancelToken()
        process = self.popen(["sleep", "600"], stdin=sp.PIPE, stdout=sp.PIPE, cancel=token)
        for call in (process.wait, process.stdout.read, process.stdout.readline, lambda: process.stdin.write(ALL_BYTES),
                     lambda: sp.run(["sleep", "600"], cancel=token), process.communicate):
            worker = Worker(call)
            worker.join(0.01)
            token.trigger()
            with self.assertRaises(sp.Canceled) as caught:
                worker.result()
            self.assertEqual(caught.exception.code, "SP_ECANCELED")
            self.assertTrue(token.triggered)
            token.reset()
            self.assertFalse(token.triggered)
        self.assertIsNone(process.poll())
        token.trigger()
        self.assertEqual(process.stop(), -15)

    def test_run_carries_its_output(self):
        token = sp.CancelToken()
        with self.assertRaises(sp.Canceled) as caught:
            sp.run(["sh", "-c", "echo early; exec sleep 600"], stdout=sp.PIPE, text=True, cancel=token,
                   on_output=lambda *_: token.trigger())
        error = caught.exception
        self.assertEqual((error.output, error.stdout, error.stderr, error.returncode), ("early\n", "early\n", None, -9))

    def test_communicate_goes_on(self):
        token, gate = sp.CancelToken(), self.gate()
        process = self.popen(["sh", "-c", "read x <&3; cat"], stdin=sp.PIPE, stdout=sp.PIPE, cancel=token, fd_map=gate.map)
        token.trigger()
        with self.assertRaises(sp.Canceled):
            process.communicate(ALL_BYTES)
        token.reset()
        gate.open()
        self.assertEqual(process.communicate(ALL_BYTES)[0], ALL_BYTES)

    def test_token_may_go_before_its_process(self):
        process = self.popen(["true"], cancel=sp.CancelToken())
        self.assertEqual(process.wait(), 0)


class Exits(ChildTest):
    def test_thread_switches_in_callbacks(self):
        """Callbacks give the lock away and take it back while other threads do the same."""
        interval = sys.getswitchinterval()
        sys.setswitchinterval(1e-6)
        try:
            stop = threading.Event()
            busy = Worker(lambda: [None for _ in iter(stop.is_set, True)])
            for _ in range(20):
                sp.run(["seq", "500"], stdout=sp.PIPE, on_output=lambda *chunk: [str(i) for i in range(100)])
            stop.set()
            busy.result()
        finally:
            sys.setswitchinterval(interval)


if __name__ == "__main__":
    unittest.main()
