# SPDX-License-Identifier: MIT
"""The drop-in module has what the standard one has, under the same names."""

import inspect
import itertools
import pickle
import random
import subprocess as standard
import sys
import types
import unittest

import libsubprocess.compat as compat

FUNCTIONS = ["run", "call", "check_call", "check_output", "getoutput", "getstatusoutput", "list2cmdline"]
EXCEPTIONS = ["SubprocessError", "CalledProcessError", "TimeoutExpired"]


class Names(unittest.TestCase):
    def test_all(self):
        self.assertEqual(sorted(compat.__all__), sorted(standard.__all__))

    def test_constants(self):
        for name in ("PIPE", "STDOUT", "DEVNULL"):
            self.assertEqual(getattr(compat, name), getattr(standard, name))

    def test_signatures(self):
        for name in FUNCTIONS + ["Popen", "CompletedProcess", "CalledProcessError", "TimeoutExpired"]:
            with self.subTest(name):
                self.assertEqual(str(inspect.signature(getattr(compat, name))),
                                 str(inspect.signature(getattr(standard, name))))

    def test_methods_and_attributes_of_popen(self):
        ours, theirs = (module.Popen("true", stdin=module.PIPE, stdout=module.PIPE, text=True) for module in (compat, standard))
        with ours, theirs:
            missing = {name for name in dir(theirs) if not name.startswith("_")} - set(dir(ours))
        self.assertEqual(missing, set())
        for name, method in inspect.getmembers(standard.Popen, inspect.isfunction):
            if not name.startswith("_"):
                self.assertEqual(str(inspect.signature(getattr(compat.Popen, name))), str(inspect.signature(method)))

    def test_the_modules_that_the_standard_module_shows(self):
        for name in ("os", "sys", "signal", "threading", "time", "errno", "io", "select", "selectors"):
            self.assertIs(getattr(compat, name), sys.modules[name])
        with self.assertRaises(AttributeError):
            compat.nothing

    def test_private_names_of_other_modules(self):
        self.assertEqual(compat._args_from_interpreter_flags(), standard._args_from_interpreter_flags())
        self.assertEqual(compat._optim_args_from_interpreter_flags(), standard._optim_args_from_interpreter_flags())

    def test_documentation(self):
        for name in compat.__all__:
            if name not in ("PIPE", "STDOUT", "DEVNULL"):
                self.assertTrue(getattr(compat, name).__doc__, name)

    def test_generic_aliases(self):
        self.assertIsInstance(compat.Popen[bytes], types.GenericAlias)
        self.assertIsInstance(compat.CompletedProcess[str], types.GenericAlias)


class Flags(unittest.TestCase):
    """The flags with which the interpreter can be started again."""

    COMBINATIONS = [["-O"], ["-OO", "-B"], ["-b"], ["-bb"], ["-X", "dev"], ["-X", "dev", "-W", "error", "-s"],
                    ["-X", "utf8=1", "-q"], ["-W", "ignore::UserWarning", "-v"], ["-E", "-X", "faulthandler"]]

    def test_as_the_standard_module(self):
        script = "import sys; sys.path.append(sys.argv[1]); import libsubprocess.compat as c, subprocess as s; " \
                 "print(c._args_from_interpreter_flags() == s._args_from_interpreter_flags(), s._args_from_interpreter_flags())"
        package = compat.__path__[0].rpartition("/")[0].rpartition("/")[0]
        for flags in self.COMBINATIONS:
            with self.subTest(flags):
                said = compat.run([sys.executable, *flags, "-c", script, package], stdout=compat.PIPE, stderr=compat.DEVNULL,
                                  text=True, cwd="/").stdout
                self.assertTrue(said.startswith("True ["), said)


class Values(unittest.TestCase):
    def test_exceptions_say_the_same(self):
        for returncode in (1, 255, -9, -11, -64, -70):
            self.assertEqual(str(compat.CalledProcessError(returncode, ["a", "b"])),
                             str(standard.CalledProcessError(returncode, ["a", "b"])))
        self.assertEqual(str(compat.TimeoutExpired("x", 1.5)), str(standard.TimeoutExpired("x", 1.5)))

    def test_exceptions_and_results_can_be_pickled(self):
        error = compat.CalledProcessError(3, "x", b"out", b"err")
        copy = pickle.loads(pickle.dumps(error))
        self.assertEqual((type(copy), copy.args, copy.stdout, copy.stderr), (type(error), error.args, b"out", b"err"))
        result = pickle.loads(pickle.dumps(compat.CompletedProcess("x", 0, "out")))
        self.assertEqual(repr(result), repr(standard.CompletedProcess("x", 0, "out")))

    def test_exceptions_form_the_same_tree(self):
        for name in EXCEPTIONS:
            self.assertTrue(issubclass(getattr(compat, name), compat.SubprocessError))
            self.assertFalse(issubclass(getattr(compat, name), OSError))

    def test_stdout_of_an_exception_is_its_output(self):
        error = compat.TimeoutExpired("x", 1, output=b"a")
        error.stdout = b"b"
        self.assertEqual((error.output, error.stdout), (b"b", b"b"))

    def test_list2cmdline(self):
        pieces = ["", "a", " ", "\t", '"', "\\", "\\\\", "b"]
        for length in (1, 2, 3, 4):
            for parts in itertools.product(pieces, repeat=length):
                self.assertEqual(compat.list2cmdline(["".join(parts), "x"]), standard.list2cmdline(["".join(parts), "x"]))
        letters = random.Random(1)
        for _ in range(2000):
            words = ["".join(letters.choices('ab \t"\\', k=letters.randrange(9))) for _ in range(3)]
            self.assertEqual(compat.list2cmdline(words), standard.list2cmdline(words))

    def test_repr_of_popen(self):
        for args in ("true", ["true", "x" * 100]):
            ours, theirs = compat.Popen(args, shell=isinstance(args, str)), standard.Popen(args, shell=isinstance(args, str))
            self.assertEqual(repr(ours), repr(theirs))
            ours.wait()
            theirs.wait()
            self.assertEqual(repr(ours), repr(theirs))


if __name__ == "__main__":
    unittest.main()
