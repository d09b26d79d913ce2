# SPDX-License-Identifier: MIT
"""run() and its kin: what they return, raise and feed."""

import os
import pathlib
import signal
import subprocess
import unittest

from support import ALL_BYTES, ChildTest

import libsubprocess as sp


class Results(ChildTest):
    def test_returncode(self):
        self.assertEqual(sp.run(["sh", "-c", "exit 7"]).returncode, 7)
        self.assertEqual(sp.run(["sh", "-c", "kill -KILL $$"]).returncode, -signal.SIGKILL)
        self.assertEqual(sp.call(["sh", "-c", "exit 3"]), 3)
        self.assertEqual(sp.check_call(["true"]), 0)

    def test_output_not_asked_for_is_none(self):
        done = sp.run(["true"])
        self.assertIsNone(done.stdout)
        self.assertIsNone(done.stderr)

    def test_capture(self):
        done = sp.run(["sh", "-c", "echo out; echo err >&2"], capture_output=True)
        self.assertEqual((done.stdout, done.stderr), (b"out\n", b"err\n"))

    def test_check_output(self):
        self.assertEqual(sp.check_output(["echo", "hi"]), b"hi\n")
        self.assertEqual(sp.check_output("echo a; echo b >&2", shell=True, stderr=sp.STDOUT, text=True), "a\nb\n")
        for own in ({"stdout": sp.PIPE}, {"check": False}):
            with self.assertRaises(ValueError):
                sp.check_output(["echo"], **own)

    def test_repr_is_that_of_the_standard_module(self):
        for options in ({}, {"capture_output": True}):
            ours, theirs = sp.run(["echo", "x"], **options), subprocess.run(["echo", "x"], **options)
            self.assertEqual(repr(ours), repr(theirs))

    def test_made_by_hand(self):
        done = sp.CompletedProcess(["x"], 1, "out", "err")
        self.assertEqual((done.args, done.returncode, done.stdout, done.stderr), (["x"], 1, "out", "err"))
        self.assertIsNone(done.usage)
        with self.assertRaises(sp.CalledProcessError) as caught:
            done.check_returncode()
        self.assertEqual(caught.exception.stdout, "out")
        sp.CompletedProcess(["x"], 0).check_returncode()

    def test_usage(self):
        usage = sp.run(["sh", "-c", "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done"]).usage
        self.assertGreater(usage.wall, 0)
        self.assertGreater(usage.user + usage.system, 0)
        self.assertGreater(usage.max_rss, 100_000)
        self.assertLess(usage.wall, 60)

    def test_max_output(self):
        done = sp.run(["sh", "-c", "printf 123456789; printf 1 >&2"], capture_output=True, max_output=4)
        self.assertEqual((done.stdout, done.dropped, done.dropped.stdout), (b"1234", (5, 0), 5))

    def test_drain(self):
        done = sp.run("sleep 60 & echo $!", shell=True, stdout=sp.PIPE, drain=0)
        os.kill(int(done.stdout), signal.SIGKILL)
        self.assertTrue(done.pipes_held)
        self.assertFalse(sp.run(["echo"], capture_output=True).pipes_held)

    def test_core_dumped(self):
        self.assertIs(sp.run(["true"]).core_dumped, False)


class Failures(ChildTest):
    def test_called_process_error(self):
        with self.assertRaises(sp.CalledProcessError) as caught:
            sp.run(["sh", "-c", "echo out; echo err >&2; exit 3"], capture_output=True, check=True)
        error = caught.exception
        self.assertIsInstance(error, subprocess.CalledProcessError)
        self.assertEqual((error.returncode, error.stdout, error.output, error.stderr), (3, b"out\n", b"out\n", b"err\n"))
        self.assertEqual(error.cmd, ["sh", "-c", "echo out; echo err >&2; exit 3"])
        self.assertEqual(error.code, "SP_EFAILED")
        self.assertEqual(error.result.stage_returncodes, [3])
        with self.assertRaises(subprocess.CalledProcessError) as caught:
            sp.check_call(["false"])
        self.assertEqual(str(caught.exception), str(subprocess.CalledProcessError(1, ["false"])))
        self.assertEqual(caught.exception.args, (1, ["false"]))

    def test_timeout_expired(self):
        with self.assertRaises(sp.TimeoutExpired) as caught:
            sp.run(["sh", "-c", "echo early; exec sleep 60"], stdout=sp.PIPE, timeout=0.3)
        error = caught.exception
        self.assertIsInstance(error, subprocess.TimeoutExpired)
        self.assertEqual((error.timeout, error.stdout, error.stderr), (0.3, b"early\n", None))
        self.assertEqual(error.result.returncode, -signal.SIGKILL)
        self.assertIn("timed out after 0.3 seconds", str(error))

    def test_timeout_of_zero(self):
        with self.assertRaises(sp.TimeoutExpired):
            sp.run(["sleep", "60"], timeout=0)

    def test_timeout_output_is_text_in_text_mode(self):
        with self.assertRaises(sp.TimeoutExpired) as caught:
            sp.run(["sh", "-c", r"printf 'käse\303'; exec sleep 60"], stdout=sp.PIPE, timeout=0.3, encoding="utf-8")
        self.assertEqual(caught.exception.stdout, "käse")

    def test_timeout_with_a_grandchild(self):
        script = "sleep 60 & echo $!; wait"
        with self.assertRaises(sp.TimeoutExpired) as caught:
            sp.run(script, shell=True, stdout=sp.PIPE, timeout=0.3)
        os.kill(int(caught.exception.stdout), signal.SIGKILL)
        with self.assertRaises(sp.TimeoutExpired) as caught:
            sp.run(script, shell=True, stdout=sp.PIPE, timeout=0.3, new_group=True, kill_group_on_timeout=True)

    def test_kill_grace(self):
        with self.assertRaises(sp.TimeoutExpired) as caught:
            sp.run(["sh", "-c", "trap 'echo bye; exit 3' TERM; echo hi; read x <>$0", self.fifo()], stdout=sp.PIPE,
                   timeout=0.3, kill_grace=60)
        self.assertEqual((caught.exception.stdout, caught.exception.result.returncode), (b"hi\nbye\n", 3))

    def fifo(self):
        os.mkfifo(self.path("fifo"))
        return self.path("fifo")

    def test_os_errors(self):
        with self.assertRaises(FileNotFoundError) as caught:
            sp.run(["no-such-program"])
        self.assertEqual((caught.exception.filename, caught.exception.step), ("no-such-program", "exec"))
        self.assertIn("not found in PATH", caught.exception.message)
        with self.assertRaises(FileNotFoundError) as caught:
            sp.run(["true"], cwd=self.path("none"))
        self.assertEqual((caught.exception.filename, caught.exception.step), (self.path("none"), "chdir"))
        with self.assertRaises(PermissionError) as caught:
            sp.run([self.write("plain", b"")])
        self.assertEqual(caught.exception.code, "SP_EACCESS")
        with self.assertRaises(NotADirectoryError):
            sp.run(["true"], cwd=self.write("file", b""))
        with self.assertRaises(OSError) as caught:  # ENOEXEC: no shell is tried
            os.chmod(self.write("bare", b"echo hi\n"), 0o755)
            sp.run([self.path("bare")])
        self.assertEqual(caught.exception.strerror, "Exec format error")

    def test_names_that_do_not_exist(self):
        for option in ("user", "group"):
            with self.assertRaises(LookupError) as caught:
                sp.run(["true"], **{option: "no-such-name"})
            self.assertEqual(caught.exception.path, "no-such-name")
        with self.assertRaises(LookupError):
            sp.run(["true"], extra_groups=["no-such-name"])


class Input(ChildTest):
    def test_whatever_has_the_buffer_protocol(self):
        import array
        for data in (b"bytes", bytearray(b"array"), memoryview(b"view"), array.array("H", [1, 2, 3]), b""):
            self.assertEqual(sp.run(["cat"], input=data, stdout=sp.PIPE).stdout, bytes(data))

    def test_all_bytes_both_ways(self):
        self.assertEqual(sp.run(["cat"], input=ALL_BYTES, stdout=sp.PIPE).stdout, ALL_BYTES)
        done = sp.run(["tee", "/dev/stderr"], input=ALL_BYTES, capture_output=True)
        self.assertEqual((done.stdout, done.stderr), (ALL_BYTES, ALL_BYTES))

    def test_nobody_reads(self):
        self.assertEqual(sp.run(["true"], input=ALL_BYTES).returncode, 0)

    def test_is_not_copied_and_is_released(self):
        data = bytearray(b"x")
        with self.assertRaises(BufferError):  # exported during the call ...
            sp.run(["cat"], input=data, stdout=sp.PIPE, on_output=lambda stream, chunk: data.append(1))
        data.append(1)  # ... but not after it

    def test_is_released_after_failures(self):
        data = bytearray(b"x")
        for args, options in ((["no-such-program"], {}), (["true"], {"stdin": sp.DEVNULL}), (["a\0b"], {}),
                              (["sleep", "60"], {"timeout": 0}), (["true"], {"cwd": 3})):
            with self.assertRaises(Exception):
                sp.run(args, input=data, **options)
            data.append(1)

    def test_text(self):
        self.assertEqual(sp.run(["cat"], input="käse\n", stdout=sp.PIPE, encoding="utf-8").stdout, "käse\n")
        self.assertEqual(sp.run(["cat"], input="ä", stdout=sp.PIPE, encoding="utf-16").stdout, "ä")
        self.assertEqual(sp.run(["printf", r"a\r\nb\rc\r"], stdout=sp.PIPE, text=True).stdout, "a\nb\nc\n")
        self.assertEqual(sp.run(["printf", r"\377"], stdout=sp.PIPE, encoding="utf-8", errors="replace").stdout, "\ufffd")
        with self.assertRaises(UnicodeDecodeError):
            sp.run(["printf", r"\377"], stdout=sp.PIPE, encoding="utf-8")
        for bad in ({"input": b"x", "text": True}, {"input": "x"}):
            with self.assertRaises(TypeError):
                sp.run(["cat"], **bad)
        for bad in ({"encoding": "no-such-encoding"}, {"errors": "no-such-handler"}):
            with self.assertRaises(LookupError):
                sp.run(["cat"], **bad)
        with self.assertRaises(ValueError):
            sp.run(["cat"], text=True, universal_newlines=False)


class Streams(ChildTest):
    def test_files_paths_and_descriptors(self):
        source = self.write("in", b"content")
        with open(source, "rb") as file:
            for stdin in (file, file.fileno(), source, source.encode(), pathlib.Path(source)):
                file.seek(0)
                self.assertEqual(sp.run(["cat"], stdin=stdin, stdout=sp.PIPE).stdout, b"content")
        sp.run(["echo", "one"], stdout=self.path("out"))
        sp.run(["sh", "-c", "echo two >&2"], stderr=sp.Append(self.path("out")))
        self.assertEqual(self.read("out"), b"one\ntwo\n")
        sp.run(["echo", "three"], stdout=pathlib.Path(self.path("out")))
        self.assertEqual(self.read("out"), b"three\n")

    def test_devnull_and_stdout(self):
        self.assertEqual(sp.run(["cat"], stdin=sp.DEVNULL, stdout=sp.PIPE).stdout, b"")
        done = sp.run(["sh", "-c", "echo a; echo b >&2"], stdout=sp.PIPE, stderr=sp.STDOUT)
        self.assertEqual((done.stdout, done.stderr), (b"a\nb\n", None))

    def test_constants_are_those_of_the_standard_module(self):
        for name in ("PIPE", "STDOUT", "DEVNULL"):
            self.assertEqual(getattr(sp, name), getattr(subprocess, name))

    def test_on_output(self):
        seen = []
        done = sp.run(["sh", "-c", "echo out; echo err >&2"], capture_output=True,
                      on_output=lambda stream, data: seen.append((stream, data)))
        self.assertEqual(sorted(seen), [("stderr", b"err\n"), ("stdout", b"out\n")])
        self.assertEqual((done.stdout, done.stderr), (b"out\n", b"err\n"))

    def test_on_output_may_run_children(self):
        inner = []
        sp.run(["echo", "x"], stdout=sp.PIPE, on_output=lambda stream, data: inner.append(
            sp.run(["cat"], input=data, stdout=sp.PIPE, on_output=lambda *_: inner.append("innermost")).stdout))
        self.assertEqual(inner, ["innermost", b"x\n"])

    def test_on_output_raises(self):
        with self.assertRaises(ZeroDivisionError):
            sp.run(["sh", "-c", "echo out; exec sleep 60"], stdout=sp.PIPE, on_output=lambda stream, data: 1 / 0)

    def test_on_output_stops(self):
        with self.assertRaises(sp.Canceled) as caught:
            sp.run(["sh", "-c", "echo out; exec sleep 60"], stdout=sp.PIPE, on_output=lambda stream, data: False)
        self.assertEqual((caught.exception.stdout, caught.exception.returncode), (b"out\n", -signal.SIGKILL))


class Pipelines(ChildTest):
    def test_run_pipeline(self):
        done = sp.run_pipeline(["cat"], ["sort", "-u"], ["wc", "-l"], input=b"b\na\nb\n", capture_output=True)
        self.assertEqual((done.stdout.strip(), done.stage_returncodes), (b"2", [0, 0, 0]))
        self.assertEqual(done.args, [["cat"], ["sort", "-u"], ["wc", "-l"]])

    def test_commands_with_options(self):
        done = sp.run_pipeline(sp.Command(["sh", "-c", "echo $A; pwd; echo err >&2"], env_extend={"A": "stage"},
                                          cwd=self.directory, stderr=self.path("err")),
                               ["sh", "-c", "cat; echo $A"], stdout=sp.PIPE, text=True, env_extend={"A": "whole"})
        self.assertEqual(done.stdout, f"stage\n{self.directory}\nwhole\n")
        self.assertEqual(self.read("err"), b"err\n")
        self.assertEqual(sp.run_pipeline("true", sp.Command("exit 3", shell=True)).returncode, 3)

    def test_failures(self):
        commands = ["sh", "-c", "exit 3"], ["true"]
        self.assertEqual(sp.run_pipeline(*commands).returncode, 0)
        self.assertEqual(sp.run_pipeline(*commands, pipefail=True).returncode, 3)
        with self.assertRaises(sp.CalledProcessError) as caught:
            sp.run_pipeline(*commands, pipefail=True, check=True)
        self.assertEqual(caught.exception.result.stage_returncodes, [3, 0])
        with self.assertRaises(FileNotFoundError) as caught:
            sp.run_pipeline(["cat"], ["no-such-program"], stdin=sp.DEVNULL)
        self.assertEqual(caught.exception.stage, 1)
        with self.assertRaises(sp.TimeoutExpired) as caught:
            sp.run_pipeline(["echo", "x"], ["sh", "-c", "cat; exec sleep 60"], stdout=sp.PIPE, timeout=0.3)
        self.assertEqual((caught.exception.stdout, caught.exception.result.stage_returncodes), (b"x\n", [0, -9]))
        with self.assertRaises(ValueError):
            sp.run_pipeline()


if __name__ == "__main__":
    unittest.main()
