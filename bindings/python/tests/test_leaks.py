# SPDX-License-Identifier: MIT
"""After thousands of successes and failures there are as many objects, descriptors and bytes as before."""

import gc
import sys
import unittest

from support import ALL_BYTES, ChildTest, open_descriptors

import libsubprocess as sp

LOOPS = 300  # of each kind
WARM_UP = 100


def resident_bytes():
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmRSS"))


def ignore(_stream, _data):
    pass


def fail(_stream, _data):
    raise ZeroDivisionError


TOKEN = sp.CancelToken()
TRIGGERED = sp.CancelToken()
TRIGGERED.trigger()
ARGS = ["true"]
ENV = {"A": "value", "PATH": "/usr/bin:/bin"}
INPUT = bytearray(b"x" * 10000)


def run_all():
    sp.run(ARGS, env=ENV, input=INPUT, capture_output=True, cancel=TOKEN, on_output=ignore, pass_fds=[1], fd_map={5: 1},
           env_extend=None, timeout=60, text=False)


def run_text():
    sp.run(["echo", "käse"], stdout=sp.PIPE, encoding="utf-8", env_extend={"B": None})


def run_pipeline():
    sp.run_pipeline(ARGS, sp.Command(ARGS, env=ENV), capture_output=True)


def talk():
    with sp.Popen(["cat"], stdin=sp.PIPE, stdout=sp.PIPE, on_output=ignore, cancel=TOKEN) as process:
        process.stdin.write(b"x\n")
        process.stdout.readline()
        process.communicate(b"more")


def forget():
    sp.Popen(ARGS, stdout=sp.PIPE).wait()


def close():
    process = sp.Popen(ARGS, stdin=sp.PIPE)
    process.wait()
    process.close()


def helpers():
    sp.quote(["a b", "c"])
    sp.split("a 'b c'")
    sp.which("sh")
    sp.CancelToken()


def failure(expected, function, *args, **options):
    def call():
        try:
            function(*args, **options)
        except expected:
            return
        raise AssertionError("no failure")

    return call


def limit_of_communicate():
    process = sp.Popen(["cat"], stdin=sp.PIPE, stdout=sp.PIPE)
    try:
        process.stdout.timeout = 0
        process.stdout.readline()
    except sp.TimeoutExpired:
        pass
    process.stop(0)


SUCCESSES = [run_all, run_text, run_pipeline, talk, forget, close, helpers]
FAILURES = [
    failure(FileNotFoundError, sp.run, ["no-such-program"], input=INPUT, env=ENV, on_output=ignore, cancel=TOKEN),
    failure(FileNotFoundError, sp.run_pipeline, ["true"], ["no-such-program"], capture_output=True),
    failure(sp.CalledProcessError, sp.check_output, ["false"], input=INPUT),
    failure(sp.TimeoutExpired, sp.run, ["cat"], stdin=sp.PIPE, stdout=sp.PIPE, timeout=0),
    failure(sp.Canceled, sp.run, ["cat"], capture_output=True, cancel=TRIGGERED),
    failure(ZeroDivisionError, sp.run, ["echo"], stdout=sp.PIPE, on_output=fail),
    failure(TypeError, sp.run, ["true", 3], input=INPUT, env=ENV),
    failure(TypeError, sp.run, ["true"], cwd=3, input=INPUT),
    failure(ValueError, sp.run, ["a\0"], input=INPUT, on_output=ignore),
    failure(ValueError, sp.run, ["true"], input=INPUT, stdin=sp.DEVNULL),
    failure(LookupError, sp.Popen, ["true"], encoding="no-such-encoding"),
    limit_of_communicate,
]


class Leaks(ChildTest):
    def assert_no_leak(self, functions, loops=LOOPS):
        watched = [ARGS, ENV, INPUT, TOKEN, TOKEN._handle, ignore, fail]
        for _ in range(WARM_UP):
            for function in functions:
                function()
        gc.collect()
        gc.disable()  # nothing may need it
        self.addCleanup(gc.enable)
        sp.release_caches()
        counts = [sys.getrefcount(item) for item in watched]
        descriptors, objects, resident = open_descriptors(), len(gc.get_objects()), resident_bytes()
        for _ in range(loops):
            for function in functions:
                function()
        sp.release_caches()
        self.assertEqual([sys.getrefcount(item) for item in watched], counts)
        self.assertEqual(open_descriptors(), descriptors)
        self.assertLess(len(gc.get_objects()) - objects, 50)
        self.assertLess(resident_bytes() - resident, 3 << 20)
        self.assert_no_child()

    def test_successes(self):
        self.assert_no_leak(SUCCESSES)

    def test_failures(self):
        self.assert_no_leak(FAILURES)

    def test_big_outputs(self):
        self.assert_no_leak([lambda: sp.run(["cat"], input=ALL_BYTES, stdout=sp.PIPE)], loops=100)


if __name__ == "__main__":
    unittest.main()
