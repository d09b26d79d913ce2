# SPDX-License-Identifier: MIT
"""Bad input of every kind is an ordinary exception, and leaves nothing behind."""

import itertools
import random
import unittest

from support import ChildTest

import libsubprocess as sp
from libsubprocess import _native, _options

EXPECTED = (TypeError, ValueError, OverflowError, OSError, LookupError, BufferError, UnicodeError, NotImplementedError,
            AttributeError, MemoryError, sp.SubprocessError, ZeroDivisionError, RuntimeError)


class Hostile:
    """Raises wherever Python code is called back."""

    def fail(self, *_args):
        1 / 0

    __fspath__ = __index__ = __bool__ = __iter__ = __len__ = fileno = items = keys = __getitem__ = __call__ = __eq__ = fail
    __hash__ = None


class Mutating:
    """Empties the containers it is in while they are being read."""

    def __init__(self):
        self.containers = []

    def clear(self):
        for container in self.containers:
            container.clear()

    def __fspath__(self):
        self.clear()
        return "x"

    def __index__(self):
        self.clear()
        return 1

    def fileno(self):
        self.clear()
        return 1


VALUES = [None, True, False, 0, 1, -1, -2, -3, -4, 3, 2**31, -2**31 - 1, 2**63, -2**70, 10**400, 1.5, float("nan"), float("inf"),
          -float("inf"), "", "x", "a\0b", "\udcff", b"", b"x", b"a\0b", bytearray(b"x"), memoryview(b"abcdef")[::2], [], [None],
          ["x"], [1], ["a\0"], (), (1, 2), {}, {"A": 1}, {1: 2}, {"A": "x"}, {"": ""}, {"A=": "x"}, {3: -1}, set(), object(),
          Hostile(), Mutating(), lambda *_: None, print, type, sp.CancelToken(), range(3), iter("ab"), ...]


class Refused(ChildTest):
    def refuses(self, expected, function, *args, **options):
        with self.assertRaises(expected) as caught:
            function(*args, **options)
        return caught.exception

    def test_arguments(self):
        for args in ([], (), [""], "", ["a\0b"], "a\0b", b"\0"):
            self.assertEqual(self.refuses(ValueError, sp.run, args).code, "SP_EINVAL")
        for args in (None, 3, [None], [3], ["true", 4], [["true"]], {"true": 1}.values, object()):
            self.refuses(TypeError, sp.run, args)
        for function in (sp.run, sp.Popen, sp.call, sp.check_call, sp.check_output, sp.pipeline, sp.run_pipeline):
            self.assertIn("no_such_option", str(self.refuses(TypeError, function, ["true"], no_such_option=1)))
        self.refuses(TypeError, sp.Popen, ["true"], timeout=1)
        self.refuses(TypeError, sp.Popen, ["true"], input=b"")
        self.refuses(TypeError, sp.run, ["true"], pipefail=True)
        self.refuses(TypeError, sp.run)
        self.refuses(TypeError, sp.run_pipeline, sp.Command(["true"], stdin=sp.PIPE))

    def test_options_that_contradict(self):
        for options in ({"input": b"x", "stdin": sp.PIPE}, {"capture_output": True, "stdout": sp.PIPE},
                        {"new_group": True, "process_group": 1}, {"kill_group_on_timeout": True}, {"timeout": -1},
                        {"timeout": -0.0001}, {"timeout": float("nan")}, {"timeout": 1e13}, {"umask": 0o1000},
                        {"user": -5}, {"group": -1}, {"extra_groups": [-1]}, {"max_output": -1}, {"death_signal": 65},
                        {"stdin": sp.STDOUT}, {"stdout": sp.STDOUT}, {"stdin": -7}, {"pass_fds": [-1]}, {"fd_map": {1: 1}},
                        {"controlling_tty": True}, {"drain": -1}, {"kill_grace": -1}):
            self.refuses(ValueError, sp.run, ["true"], **options)

    def test_wrong_types(self):
        for options in ({"cwd": 3}, {"env": ["A=1"]}, {"env": {"A": 1}}, {"env": {1: "x"}}, {"stdin": 1.5}, {"stdout": []},
                        {"timeout": "5"}, {"input": 5}, {"input": "text"}, {"umask": "x"}, {"pass_fds": 3},
                        {"pass_fds": ["x"]}, {"fd_map": [(3, 3)]}, {"user": 1.5}, {"extra_groups": "daemon"},
                        {"cancel": object()}, {"on_output": 3}, {"preexec_fn": 3}, {"executable": 3}, {"max_output": 1.5},
                        {"encoding": 3}, {"env_extend": 3}, {"death_signal": "TERM"}):
            self.refuses(TypeError, sp.run, ["true"], **options)

    def test_what_was_started_before_the_refusal_is_ended(self):
        self.refuses(FileNotFoundError, sp.run_pipeline, ["sleep", "600"], ["no-such-program"], capture_output=True)

    def test_methods(self):
        process = self.popen(["cat"], stdin=sp.PIPE, stdout=sp.PIPE)
        for call in (lambda: process.send_signal("TERM"), lambda: process.wait("x"), lambda: process.communicate("text"),
                     lambda: process.stdin.write(5), lambda: process.stdin.write("x"), lambda: process.stdout.readinto(b"x"),
                     lambda: process.stdout.read("x"), lambda: process.stop("x"), lambda: process.kill_group(None),
                     lambda: sp.quote([1]), lambda: sp.split(3), lambda: sp.which(None), lambda: sp.which("sh", 5)):
            self.refuses((TypeError, BufferError), call)
        for call in (lambda: process.send_signal(65), lambda: process.send_signal(-1), lambda: process.wait(-1),
                     lambda: process.stop(-1), lambda: process.finish(None), lambda: sp.split("'"), lambda: sp.split("a\0b"),
                     lambda: sp.which("a\0b"), lambda: sp.quote(["a\0b"])):
            self.refuses(ValueError, call)
        self.refuses(OverflowError, process.send_signal, 2**40)
        self.assertIsNone(process.poll())

    def test_input_of_a_process_without_a_pipe(self):
        self.refuses(ValueError, self.popen(["cat"], stdin=sp.DEVNULL).communicate, b"x")


class Fuzz(ChildTest):
    """Every option with every value; and many options with random ones. Nothing but exceptions comes out."""

    def attempt(self, function, *args, **options):
        try:
            result = function(*args, **options)
        except EXPECTED:
            return
        if isinstance(result, sp.Popen):
            result.stop(0)
            result.close()

    def options(self):
        # A group that is not ours, another user or a closed descriptor would hit the tests themselves.
        return sorted(set(_options.RUN) - {"process_group", "stdin", "stdout", "stderr", "preexec_fn"})

    def test_each_option_with_each_value(self):
        for name, value in itertools.product(self.options(), VALUES):
            mutating = Mutating()
            mutating.containers.append([])
            self.attempt(sp.run, ["true"], **{"timeout": 30, "stdin": sp.DEVNULL, "stderr": sp.DEVNULL, name: value})

    def test_streams(self):
        for name, value in itertools.product(("stdin", "stdout", "stderr"), VALUES):
            if not isinstance(value, (str, bytes)):  # these would be files
                self.attempt(sp.run, ["true"], **{name: value})

    def test_random_options(self):
        chance = random.Random(4)
        for _ in range(1500):
            names = chance.sample(self.options(), chance.randrange(1, 6))
            args = chance.choice([["true"], "true", *VALUES])
            options = {"timeout": 30, **{name: chance.choice(VALUES) for name in names}}
            self.attempt(sp.run, args, stdin=sp.DEVNULL, stdout=sp.DEVNULL, **options)

    def test_containers_that_change_while_they_are_read(self):
        for make in (lambda m: {"args": ["true", m, "x", "y"]}, lambda m: {"env": {"A": m, "B": "x", "C": "y"}},
                     lambda m: {"pass_fds": [m, 1, 2]}, lambda m: {"fd_map": {3: m, 4: 1}},
                     lambda m: {"extra_groups": [m, 1]}, lambda m: {"env_extend": {"A": m, "B": m, "C": m}}):
            mutating = Mutating()
            options = make(mutating)
            mutating.containers.extend(options.values())
            self.attempt(sp.run, options.pop("args", ["true"]), **options)


class Native(ChildTest):
    """The extension module itself, which only the package calls: no argument crashes it."""

    def test_every_function_with_every_value(self):
        process, result = self.popen(["true"]), _native.run({"argv": ["true"]})
        values = [*VALUES, process._handle, result, {"argv": ["true"]}, {"stages": [{"argv": ["true"]}]}, {"argv": [], "input": b""},
                  {"stages": 3}, {"stages": [3]}, {"stages": [{"input": b"x"}]}, {3: 4}, {"argv": ["true"], "bad": 1}]
        functions = [getattr(_native, name) for name in dir(_native)
                     if callable(getattr(_native, name)) and not name.startswith(("SWIG", "sp_release", "_"))]
        self.assertGreater(len(functions), 30)
        chance = random.Random(5)
        for function in functions:
            for count in range(5):
                for _ in range(60):
                    args = [chance.choice(values) for _ in range(count)]
                    if function is _native.wait or function is _native.communicate:
                        args[-1:] = [0]
                    self.attempt(function, *args)

    def attempt(self, function, *args):
        try:
            function(*args)
        except EXPECTED:
            pass

    def test_handles_cannot_be_forged(self):
        for forged in (None, 0, object(), sp.CancelToken()._handle):
            with self.assertRaises(TypeError):
                _native.pid(forged)
        with self.assertRaises(TypeError):
            type(_native.cancel_new())()


if __name__ == "__main__":
    unittest.main()
