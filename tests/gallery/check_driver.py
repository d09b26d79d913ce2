#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks the checkers: check_gallery.py and run-gallery.sh must notice whatever goes wrong, and every example is covered.

The faults are planted: expected files with one change each, and shell scripts in the place of examples.
"""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
EXAMPLES = HERE.parent.parent / "examples"
NAME = "run_output_error"  # writes to both streams
GOOD_SCRIPT = """#!/bin/sh
echo to stderr >&2
echo "ERROR: Command 'echo to stdout; echo to stderr 1>&2; exit 1' returned non-zero exit status 1"
"""


def verdict(name, programs, expected, patience="10"):
    command = [sys.executable, HERE / "check_gallery.py", "--programs", programs, "--expected", expected]
    return subprocess.run([*command, "--patience", patience, name], stdout=subprocess.PIPE, stderr=subprocess.PIPE)


class ScriptCase(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.directory = pathlib.Path(temporary.name)

    def install(self, name, script):
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(script)
        path.chmod(0o755)


class ExpectedFiles(ScriptCase):
    """The program stays, the expected file changes."""

    def verdict_on(self, lines):
        self.install(NAME, GOOD_SCRIPT)
        (self.directory / f"{NAME}.txt").write_text("\n".join(lines) + "\n")
        done = verdict(NAME, self.directory, self.directory)
        self.assertEqual(b"", done.stderr)
        return done.returncode

    def setUp(self):
        super().setUp()
        self.lines = (HERE / "expected" / f"{NAME}.txt").read_text().splitlines()
        self.assertEqual(3, len(self.lines))

    def test_unchanged_passes(self):
        self.assertEqual(0, self.verdict_on(self.lines))

    def test_each_change_is_noticed(self):
        code, first, second = self.lines
        changes = {
            "return code": ["returncode 1", first, second],
            "text": [code, first, second + "."],
            "order": [code, second, first],
            "stream": [code, first.replace("2|", "1|"), second],
            "line missing": [code, first],
            "line added": [code, first, second, "1|"],
        }
        for what, lines in changes.items():
            with self.subTest(what):
                self.assertEqual(1, self.verdict_on(lines))


class Programs(ScriptCase):
    """The expected file stays, the program misbehaves."""

    def verdict_on(self, name, script, patience="10"):
        self.install(name, script)
        return verdict(name, self.directory, HERE / "expected", patience)

    def test_process_left_behind_is_noticed(self):
        # The read end of its own fifo keeps the leftover waiting without end; nothing of the driver's is open in it.
        script = GOOD_SCRIPT + f'mkfifo "{self.directory}/$$"\ncat <>"{self.directory}/$$" >/dev/null 2>&1 &\n'
        done = self.verdict_on(NAME, script, patience="0.5")
        self.assertEqual(1, done.returncode)
        self.assertIn(b"left behind and killed", done.stdout)

    def test_missing_newline_is_noticed(self):
        done = self.verdict_on("popen_write", "#!/bin/sh\nprintf 'write:\\nstdin: to stdin'\n")
        self.assertEqual(1, done.returncode)
        self.assertIn(b"<no newline>", done.stdout)

    def test_pids_must_agree(self):
        lines = ["Setting up signal handler", "Pausing to wait for signal", "Never received signal"]
        for pids, expected in (["  1234"] * 3, 0), (["  1234", "  1234", "  1235"], 1), (["1234"] * 3, 1):
            said = "".join(f"echo 'CHILD {pid}: {line}'\n" for pid, line in zip(pids, lines))
            with self.subTest(pids):
                self.assertEqual(expected, self.verdict_on("signal_child", "#!/bin/sh\n" + said).returncode)

    def test_gallery_tells_failure(self):
        for source in EXAMPLES.glob("*.c"):
            self.install(f"examples/bin/{source.stem}", "#!/bin/sh\nexit 0\n")
        gallery = ["sh", EXAMPLES / "run-gallery.sh", self.directory]
        done = subprocess.run(gallery, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual((0, b""), (done.returncode, done.stderr))
        self.install("examples/bin/popen3", "#!/bin/sh\nexit 1\n")
        os.unlink(self.directory / "examples/bin/cancel")
        done = subprocess.run(gallery, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual((1, b"\nfailed: popen3 cancel\n"), (done.returncode, done.stderr))


class Coverage(unittest.TestCase):
    def setUp(self):
        self.examples = sorted(source.stem for source in EXAMPLES.glob("*.c"))
        self.assertGreater(len(self.examples), 20)

    def test_every_example_is_compared(self):
        self.assertEqual(self.examples, sorted(path.stem for path in HERE.glob("expected/*.txt")))

    def test_every_example_is_in_the_readme(self):
        readme = (EXAMPLES / "README.md").read_text()
        self.assertEqual([], [name for name in self.examples if f"[{name}]({name}.c)" not in readme])


if __name__ == "__main__":
    unittest.main()
