# SPDX-License-Identifier: MIT
"""Signals in every blocking call: handlers run and the call goes on; handlers that raise leave it, and nothing is lost."""

import os
import signal
import sys
import unittest

from support import ALL_BYTES, PATIENCE, ChildTest, Gate, Worker

import libsubprocess as sp

TICK = 0.02


class Call:
    """A call that blocks until a gate opens: `start` gives the process (or None), `call` blocks, `expected` is its result."""

    def __init__(self, script, call, expected, pipeline=False, **options):
        self.script, self.call, self.expected = script, call, expected
        self.pipeline, self.options = pipeline, options

    @property
    def arguments(self):
        return ["sh", "-c", self.script]

    def start(self, gate):
        if not self.options:
            return None
        options = {**self.options, "fd_map": gate.map}
        if self.pipeline:
            return sp.pipeline(self.arguments, ["cat"], **options)
        return sp.Popen(self.arguments, **options)


def run(_process, args, gate):
    return sp.run(args, fd_map=gate.map, stdout=sp.PIPE).stdout


def run_with_input(_process, args, gate):
    return len(sp.run(args, fd_map=gate.map, stdout=sp.PIPE, input=ALL_BYTES).stdout)


def run_pipeline(_process, args, gate):
    return sp.run_pipeline(args, ["cat"], fd_map=gate.map, stdout=sp.PIPE).stdout


def check_output(_process, args, gate):
    return sp.check_output(args, fd_map=gate.map)


def read_into(process, _args, _gate):
    room = bytearray(10)
    return bytes(room[:process.stdout.readinto(room)])


PIPED = {"stdin": sp.PIPE, "stdout": sp.PIPE}
WAIT_THEN_SAY = "read x <&3; echo done"
CALLS = {
    "run": Call(WAIT_THEN_SAY, run, b"done\n"),
    "run_with_input": Call("read x <&3; cat", run_with_input, len(ALL_BYTES)),
    "run_pipeline": Call(WAIT_THEN_SAY, run_pipeline, b"done\n"),
    "check_output": Call(WAIT_THEN_SAY, check_output, b"done\n"),
    "communicate": Call("read x <&3; cat", lambda p, *_: p.communicate(ALL_BYTES)[0], ALL_BYTES, **PIPED),
    "communicate_text": Call(WAIT_THEN_SAY, lambda p, *_: p.communicate()[0], "done\n", text=True, **PIPED),
    "communicate_pipeline": Call("read x <&3; cat", lambda p, *_: p.communicate(ALL_BYTES)[0], ALL_BYTES, True, **PIPED),
    "wait": Call("read x <&3; exit 3", lambda p, *_: p.wait(), 3, **PIPED),
    "wait_with_limit": Call("read x <&3; exit 3", lambda p, *_: p.wait(3600), 3, **PIPED),
    "wait_for_a_stage": Call("read x <&3; exit 3", lambda p, *_: p.stages[0].wait(), 3, True, **PIPED),
    "stop": Call("trap 'read x <&3; exit 4' TERM; echo; while :; do read x <&0; done",
                 lambda p, *_: p.stop(None), 4, **PIPED),
    "read": Call(WAIT_THEN_SAY, lambda p, *_: p.stdout.read(), b"done\n", **PIPED),
    "read_some": Call("printf do; " + WAIT_THEN_SAY, lambda p, *_: p.stdout.read(4), b"dodo", **PIPED),
    "read_unbuffered": Call(WAIT_THEN_SAY, lambda p, *_: p.stdout.read(100), b"done\n", bufsize=0, **PIPED),
    "read1": Call(WAIT_THEN_SAY, lambda p, *_: p.stdout.read1(), b"done\n", **PIPED),
    "readinto": Call(WAIT_THEN_SAY, read_into, b"done\n", **PIPED),
    "readline": Call("printf un; " + WAIT_THEN_SAY, lambda p, *_: p.stdout.readline(), b"undone\n", **PIPED),
    "readline_of_stderr": Call("printf un >&2; " + WAIT_THEN_SAY + " >&2", lambda p, *_: p.stderr.readline(), b"undone\n",
                               stderr=sp.PIPE),
    "iterate": Call(WAIT_THEN_SAY, lambda p, *_: list(p.stdout), [b"done\n"], **PIPED),
    "read_text": Call("printf un; " + WAIT_THEN_SAY, lambda p, *_: p.stdout.read(), "undone\n", text=True, **PIPED),
    "readline_text": Call("printf un; " + WAIT_THEN_SAY, lambda p, *_: p.stdout.readline(), "undone\n", text=True, **PIPED),
    "write": Call("read x <&3; exec cat >/dev/null", lambda p, *_: p.stdin.write(ALL_BYTES), len(ALL_BYTES), **PIPED),
    "leave_the_context": Call("read x <&3", lambda p, *_: p.__exit__(None, None, None), None, **PIPED),
}


class Interruption(Exception):
    pass


class Signals(ChildTest):
    def prepare(self, name):
        """The process of a call, and the call as a function."""
        call, gate = CALLS[name], self.gate()
        process = call.start(gate)
        if process is not None:
            self.addCleanup(process.close)
            self.addCleanup(process.stop, 0)
        if name == "stop":
            process.stdout.readline()  # the trap is set
        return call, gate, lambda: call.call(process, call.arguments, gate)

    def tick(self, handler):
        signal.signal(signal.SIGALRM, handler)
        signal.setitimer(signal.ITIMER_REAL, TICK, TICK)

    def stop_ticking(self):
        signal.setitimer(signal.ITIMER_REAL, 0)

    def each(self, check):
        for name in CALLS:
            with self.subTest(name):
                check(name)
                self.doCleanups()
                self.setUp()

    def test_handlers_run_and_the_call_goes_on(self):
        def check(name):
            def handler(_signal, _frame):
                ticks.append(1)
                if len(ticks) == 3:
                    gate.open()

            ticks = []
            call, gate, blocking = self.prepare(name)
            self.tick(handler)
            self.assertEqual(blocking(), call.expected)
            self.assertGreaterEqual(len(ticks), 3)

        self.each(check)

    def test_handlers_that_raise_leave_the_call(self):
        def check(name):
            def handler(_signal, _frame):
                self.stop_ticking()
                raise Interruption

            call, gate, blocking = self.prepare(name)
            self.tick(handler)
            with self.assertRaises(Interruption) as caught:
                blocking()
            if name.startswith("run") or name == "check_output":
                self.assert_no_child()
                return
            gate.open()
            if name == "write":
                self.assertGreater(caught.exception.characters_written, 0)
            else:
                self.assertEqual(blocking(), call.expected)

        self.each(check)

    def test_keyboard_interrupt(self):
        def check(name):
            gate = self.gate()
            with sp.Popen([sys.executable, "-W", "ignore", __file__, name, str(gate.fd)], pass_fds=[gate.fd],
                          stdout=sp.PIPE, new_group=True) as process:
                self.assertEqual(process.stdout.readline(), b"blocking\n")
                process.send_signal(signal.SIGINT)
                process.stdout.timeout = PATIENCE
                self.assertEqual(process.stdout.readline(), b"KeyboardInterrupt\n", process.wait())
            self.assertEqual(process.returncode, 0)

        for name in CALLS:
            with self.subTest(name):
                check(name)

    def test_delivered_to_another_thread(self):
        def handler(_signal, _frame):
            raise Interruption

        signal.signal(signal.SIGALRM, handler)
        gate = self.gate()
        other = Worker(os.read, gate.fd, 1)
        process = self.popen(["sleep", "600"], stdin=sp.PIPE, stdout=sp.PIPE)
        for blocking in (process.wait, process.stdout.read, lambda: process.stdin.write(ALL_BYTES), process.communicate,
                         lambda: sp.run(["sleep", "600"])):
            with self.assertRaises(Interruption):
                Worker(signal.pthread_kill, other.ident, signal.SIGALRM)
                blocking()
        gate.open()
        other.result()

    def test_while_the_child_is_started(self):
        def handler(_signal, _frame):
            raise Interruption

        signal.signal(signal.SIGALRM, handler)
        for microseconds in range(50, 2000, 50):
            with self.assertRaises(Interruption):
                signal.setitimer(signal.ITIMER_REAL, microseconds / 1e6)
                sp.run_pipeline(["sleep", "600"], ["sleep", "600"])
        self.assert_no_child()

    def test_in_a_callback(self):
        def handler(_signal, _frame):
            raise Interruption

        def callback(_stream, _data):
            signal.raise_signal(signal.SIGALRM)
            raise AssertionError("the handler did not run")

        signal.signal(signal.SIGALRM, handler)
        with self.assertRaises(Interruption):
            sp.run(["sh", "-c", "echo x; exec sleep 600"], stdout=sp.PIPE, on_output=callback)

    def test_that_came_before_the_call(self):
        def handler(_signal, _frame):
            raise Interruption

        process = self.popen(["sleep", "600"], stdout=sp.PIPE)
        signal.signal(signal.SIGALRM, handler)
        for blocking in (process.wait, process.stdout.read, process.communicate):
            with self.assertRaises(Interruption):
                os.kill(os.getpid(), signal.SIGALRM)
                blocking()

    def test_a_storm_loses_nothing(self):
        ticks = []
        signal.signal(signal.SIGALRM, lambda *_: ticks.append(1))
        signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
        for _ in range(5):
            self.assertEqual(sp.run(["cat"], input=ALL_BYTES, stdout=sp.PIPE).stdout, ALL_BYTES)
            process = self.popen(["cat"], stdin=sp.PIPE, stdout=sp.PIPE)
            process.stdin.write(b"x" * 1000 + b"\n")
            self.assertEqual(len(process.stdout.readline()), 1001)
            self.assertEqual(process.communicate(ALL_BYTES)[0], ALL_BYTES)
        self.stop_ticking()
        self.assertGreater(len(ticks), 10)

    def test_handler_that_uses_the_same_stream_is_told(self):
        def handler(_signal, _frame):
            try:
                process.stdout.readline()
            except sp.BusyError:
                busy.append(1)
            gate.open()

        busy = []
        _call, gate, _blocking = self.prepare("readline")
        process = self.popen(["sh", "-c", "read x <&3; echo done"], stdout=sp.PIPE, fd_map=gate.map)
        self.tick(handler)
        self.assertEqual(process.stdout.readline(), b"done\n")
        self.stop_ticking()
        self.assertTrue(busy)

    def test_cancel_from_a_handler(self):
        token = sp.CancelToken()
        signal.signal(signal.SIGALRM, lambda *_: token.trigger())
        signal.setitimer(signal.ITIMER_REAL, TICK)
        with self.assertRaises(sp.Canceled):
            sp.run(["sleep", "600"], cancel=token)


def main_of_child(name, fd):
    """Blocks in one call until Ctrl-C."""
    gate = Gate(fd)
    call = CALLS[name]
    process = call.start(gate)
    if name == "stop":
        process.stdout.readline()
    try:
        print("blocking", flush=True)
        call.call(process, call.arguments, gate)
    except KeyboardInterrupt:
        print("KeyboardInterrupt", flush=True)
    if process is not None:
        process.stop(0)


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] in CALLS:
        main_of_child(sys.argv[1], int(sys.argv[2]))
    else:
        unittest.main()
