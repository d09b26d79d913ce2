# SPDX-License-Identifier: MIT
"""Runs a test module of CPython, as it is, and writes down what became of each of its tests.

    python run_tests.py REPORT EXPECTED MATCH MODULE...

REPORT is a JSON file to be written. EXPECTED is the name of the module that `import subprocess` has to give:
"subprocess" or "libsubprocess.compat". MATCH is a pattern of names, "*" for all tests. It runs inside the interpreter that is tested, so it imports nothing of ours.
"""

import importlib
import json
import os
import resource
import sys
import time
import unittest

RESOURCES = ["cpu", "walltime"]


class Recorder(unittest.TextTestResult):
    """Keeps one outcome per test: a subtest that fails makes its test fail."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.outcomes = {}

    def startTest(self, test):
        self._began = time.monotonic()
        super().startTest(test)

    def stopTest(self, test):
        super().stopTest(test)
        if self._name(test) in self.outcomes:
            self.outcomes[self._name(test)]["seconds"] = time.monotonic() - self._began

    @staticmethod
    def _name(test):
        return test.id().split(".test_subprocess.", 1)[-1].removeprefix("test.")

    def _record(self, test, outcome, detail=""):
        name = self._name(test)
        if self.outcomes.get(name, {}).get("outcome") != "failed":
            self.outcomes[name] = {"outcome": outcome, "detail": detail}

    def addSuccess(self, test):
        super().addSuccess(test)
        self._record(test, "passed")

    def addError(self, test, err):
        super().addError(test, err)
        self._record(test, "failed", self._exc_info_to_string(err, test))

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._record(test, "failed", self._exc_info_to_string(err, test))

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._record(test, "failed", self._exc_info_to_string(err, test))

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._record(test, "skipped", reason)

    def addExpectedFailure(self, test, err):
        super().addExpectedFailure(test, err)
        self._record(test, "passed")

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self._record(test, "failed", "unexpected success")


def check_replacement(expected, modules):
    """Whether the tests really test what they are meant to."""
    import subprocess
    if subprocess.__name__ != expected:
        sys.exit(f"subprocess is {subprocess.__name__}, not {expected}")
    for module in modules:
        theirs = getattr(module, "subprocess", subprocess)
        if theirs is not subprocess and theirs.__name__ != "asyncio.subprocess":
            sys.exit(f"{module.__name__} has another subprocess: {theirs}")


def prepare():
    """What CPython's own runner does for a test, and what makes it notice errors that nobody sees."""
    from test import support
    from test.libregrtest import utils
    support.use_resources = RESOURCES
    for name in ("setup_unraisable_hook", "setup_threading_excepthook"):
        getattr(utils, name, lambda: None)()
    return support


def main(report, expected, match, *names):
    report = os.path.abspath(report)
    support = prepare()
    from test.support import os_helper
    with os_helper.temp_cwd():
        modules = [importlib.import_module(name) for name in names]
        check_replacement(expected, modules)
        loader = unittest.TestLoader()
        loader.testNamePatterns = [f"*.{match}"]
        suite = unittest.TestSuite(map(loader.loadTestsFromModule, modules))
        runner = unittest.TextTestRunner(resultclass=Recorder, verbosity=2, stream=sys.stdout)
        began = time.monotonic()
        result = runner.run(suite)
        seconds = time.monotonic() - began
        usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    support.reap_children()
    with open(report, "w") as file:
        json.dump({"version": sys.version.split()[0], "seconds": seconds,
                   "cpu_seconds": sum(usage.ru_utime + usage.ru_stime for usage in usages), "tests": result.outcomes,
                   "ran": result.testsRun, "environment_altered": bool(support.environment_altered)}, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
