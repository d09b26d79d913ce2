# SPDX-License-Identifier: MIT
"""Proves that check_cases.py and support_table.py complain about what is wrong."""

import copy
import json
import unittest
from pathlib import Path

import check_cases
import support_table

CASES = Path(__file__).with_name("cases.json").read_text(encoding="utf-8")
RUN = {"do": "run", "argv": ["true"], "expect": {"returncode": 0}}
POPEN = {"do": "popen", "as": "p", "argv": ["true"]}
WAIT = {"do": "wait", "of": "p", "expect": {"value": 0}}


def file_of(*steps, **keys):
    return json.dumps({"version": 1, "cases": [{"group": "G", "name": "name", "steps": list(steps), **keys}]})


class CheckCases(unittest.TestCase):
    def assert_wrong(self, part, *steps, **keys):
        found = list(check_cases.complaints(file_of(*steps, **keys)))
        self.assertTrue(any(part in complaint for complaint in found), found)

    def test_the_cases_are_well_formed(self):
        self.assertEqual(list(check_cases.complaints(CASES)), [])
        self.assertEqual(list(check_cases.complaints(file_of(RUN, POPEN, WAIT))), [])

    def test_keys_and_verbs(self):
        self.assert_wrong("no verb", {"do": "runn"})
        self.assert_wrong("lacks ['argv']", {"do": "run"})
        self.assert_wrong("does not know ['input']", {**RUN, "input": "x"})
        self.assert_wrong("unknown keys", RUN, nedds="root")
        self.assert_wrong("not_in", RUN, not_in={"perl": "why"})
        self.assert_wrong("expects nothing", {"do": "run", "argv": ["true"]})
        self.assert_wrong("argv cannot be", {**RUN, "argv": "true"})
        self.assertIn("twice", "".join(check_cases.complaints('{"cases": [], "cases": []}')))

    def test_options(self):
        self.assert_wrong("no option is called 'chdir'", {**RUN, "options": {"chdir": "/"}})
        self.assert_wrong("no option is called 'timeout_ms'", {**POPEN, "options": {"timeout_ms": 1}})
        self.assert_wrong("stdout cannot be 'stdout'", {**RUN, "options": {"stdout": "stdout"}})
        self.assert_wrong("env cannot be", {**RUN, "options": {"env": {"A": None}}})
        self.assert_wrong("no token", {**RUN, "options": {"cancel": "c"}})

    def test_expectations(self):
        self.assert_wrong("cannot be expected", {**RUN, "expect": {"value": 0}})
        self.assert_wrong("error cannot be", {**RUN, "expect": {"error": {"code": "SP_ENOENT"}}})
        self.assert_wrong("stdout cannot be", {**RUN, "expect": {"stdout": {"hex": "0g"}}})

    def test_names(self):
        self.assert_wrong("no process", {**WAIT, "of": "q"})
        self.assert_wrong("made twice", POPEN, POPEN)
        self.assert_wrong("${q}", {**RUN, "argv": ["echo", "${q}"]})
        self.assert_wrong("not joined", {"do": "thread", "as": "t", "steps": [RUN]})
        twice = json.loads(CASES)["cases"][:1] * 2
        self.assertIn("the name is there twice", "".join(check_cases.complaints(json.dumps({"cases": twice}))))


class SupportTable(unittest.TestCase):
    def setUp(self):
        self.cases = json.loads(CASES)["cases"]
        self.results = {
            language: {case["name"]: support_table.expected_result(case, language) for case in self.cases}
            for language in support_table.LANGUAGES}

    def complaints(self, lenient=False):
        return list(support_table.complaints(self.cases, self.results, lenient))

    def test_all_is_well(self):
        self.assertEqual(self.complaints(), [])

    def test_missing_failing_and_unknown_cases(self):
        del self.results["go"]["cwd"]
        self.results["ruby"]["umask"] = "fail: why"
        self.results["rust"]["keep_fds"] = "skip: because"
        self.results["c"]["no_such_case"] = "pass"
        self.assertEqual(self.complaints(), [
            "C: no_such_case: there is no such case", "Ruby: umask: fail: why", "Go: cwd: no result",
            "Rust: keep_fds: skip: because"])

    def test_missing_language(self):
        results = support_table.read_results("/nonexistent")
        self.assertEqual(len(list(support_table.complaints(self.cases, results, False))), 5 * len(self.cases))

    def test_cases_that_need_root(self):
        self.results["go"]["other_user_by_name"] = support_table.NEEDS_ROOT
        self.assertEqual(len(self.complaints()), 1)
        self.assertEqual(self.complaints(lenient=True), [])

    def test_table_tells_cases(self):
        text = support_table.table(self.cases)
        fewer = copy.deepcopy(self.cases)[1:]
        self.assertNotEqual(text, support_table.table(fewer))
        readme = "before\n" + support_table.BEGIN + "old\n" + support_table.END + "after\n"
        self.assertEqual(support_table.replaced(readme, text),
                         "before\n" + support_table.BEGIN + text + support_table.END + "after\n")
        self.assertRaises(ValueError, support_table.replaced, "no markers", text)


if __name__ == "__main__":
    unittest.main()
