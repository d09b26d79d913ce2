# SPDX-License-Identifier: MIT
"""The conformance cases (../../conformance/README.md), one unittest each.

Environment: SP_CONFORMANCE_CASES, the path of cases.json; SP_CONFORMANCE_RESULTS, where to write what passed.
"""

import json
import os
import platform
import shutil
import signal
import tempfile
import unittest

from interpreter import Interpreter, demand

CASES = os.environ.get("SP_CONFORMANCE_CASES") or os.path.join(
    os.path.dirname(__file__), "..", "..", "conformance", "cases.json")
RESULTS = {}


def reason_to_skip(case):
    if "python" in case.get("not_in", {}):
        return case["not_in"]["python"]
    if "needs" in case:
        demand("needs", "root", case["needs"])
        return "needs root" if os.geteuid() != 0 else None
    return None


def run_case(case):
    demand("unknown keys", set(), set(case) - {"group", "name", "steps", "not_in", "needs"})
    directory = os.path.realpath(tempfile.mkdtemp())
    interpreter = Interpreter(directory)
    try:
        interpreter.run_steps(case["steps"])
    finally:
        interpreter.close()
        shutil.rmtree(directory)


class Conformance(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)

    @classmethod
    def tearDownClass(cls):
        path = os.environ.get("SP_CONFORMANCE_RESULTS")
        if path:
            with open(path, "w", encoding="utf-8") as file:
                json.dump({"language": "python", "version": f"Python {platform.python_version()}", "results": RESULTS},
                          file, indent=1)

    def check(self, case):
        name = case["name"]
        reason = reason_to_skip(case)
        RESULTS[name] = f"skip: {reason}" if reason else "pass"
        if reason:
            self.skipTest(reason)
        try:
            run_case(case)
        except Exception as failure:
            RESULTS[name] = f"fail: {failure}"
            raise


def add_tests():
    with open(CASES, encoding="utf-8") as file:
        cases = json.load(file)["cases"]
    for case in cases:
        def test(self, case=case):
            self.check(case)
        setattr(Conformance, "test_" + case["name"], test)


add_tests()
if __name__ == "__main__":
    unittest.main(verbosity=2)
