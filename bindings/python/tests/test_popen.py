# SPDX-License-Identifier: MIT
"""Popen: talking, waiting, signalling, ending, closing, forgetting."""

import gc
import os
import signal
import sys
import unittest
import warnings
import weakref

from support import ALL_BYTES, PATIENCE, ChildTest, Worker

import libsubprocess as sp


class Talking(ChildTest):
    def test_communicate(self):
        process = self.popen(["cat"], stdin=sp.PIPE, stdout=sp.PIPE)
        self.assertEqual(process.communicate(ALL_BYTES), (ALL_BYTES, None))
        self.assertEqual((process.returncode, process.result.returncode), (0, 0))
        self.assertEqual(process.communicate(), (ALL_BYTES, None))
        self.assertTrue(process.stdin.closed and process.stdout.closed)
        self.assertIsNone(process.stderr)

    def test_communicate_goes_on_after_a_limit(self):
        gate = self.gate()
        process = self.popen(["sh", "-c", "echo one; read x <&3; cat"], stdin=sp.PIPE, stdout=sp.PIPE,
                             fd_map=gate.map)
        self.assertEqual(process.stdout.readline(), b"one\n")
        for _ in range(2):
            with self.assertRaises(sp.TimeoutExpired) as caught:
                process.communicate(ALL_BYTES, timeout=0.05)
            self.assertEqual((caught.exception.output, caught.exception.cmd), (b"", process.args))
            self.assertIsNone(process.returncode)
        gate.open()
        self.assertEqual(process.communicate()[0], ALL_BYTES)

    def test_what_was_read_ahead_is_not_lost(self):
        whole = "one\ntwo\nth\xe4\n"
        for text in (False, True):
            gate = self.gate()
            process = self.popen(["sh", "-c", f"printf '{whole}'; read x <&3; echo end"], stdout=sp.PIPE,
                                 encoding="utf-8" if text else None, fd_map=gate.map)
            data = whole if text else whole.encode()
            self.assertEqual(process.stdout.readline(), data[:4])
            with self.assertRaises(sp.TimeoutExpired) as caught:
                process.communicate(timeout=0.05)
            self.assertEqual(caught.exception.stdout, data[4:])
            gate.open()
            self.assertEqual(process.communicate()[0], data[4:] + ("end\n" if text else b"end\n"))

    def test_check(self):
        process = self.popen(["sh", "-c", "echo out; exit 4"], stdout=sp.PIPE, check=True)
        with self.assertRaises(sp.CalledProcessError) as caught:
            process.communicate()
        self.assertEqual((caught.exception.output, process.returncode, process.result.stdout), (b"out\n", 4, b"out\n"))

    def test_finish(self):
        process = self.popen(["sh", "-c", "trap 'echo bye; exit 3' TERM; echo hi; while :; do read x <&0; done"],
                             stdin=sp.PIPE, stdout=sp.PIPE)
        self.assertEqual(process.stdout.readline(), b"hi\n")
        done = process.finish(grace=PATIENCE)
        self.assertEqual((done.stdout, done.returncode, process.returncode), (b"bye\n", 3, 3))
        self.assertIs(process.finish(), done)

    def test_finish_whole_group(self):
        process = self.popen("sleep 60 & echo $!; wait", shell=True, stdout=sp.PIPE, new_group=True)
        sleeper = int(process.stdout.readline())
        process.finish(whole_group=True)
        with self.assertRaises(ProcessLookupError):
            wait_until_gone(sleeper)

    def test_on_output(self):
        seen = []
        process = self.popen(["sh", "-c", "echo out; echo err >&2"], stdout=sp.PIPE, stderr=sp.PIPE,
                             on_output=lambda *chunk: seen.append(chunk))
        process.communicate()
        self.assertEqual(sorted(seen), [("stderr", b"err\n"), ("stdout", b"out\n")])

    def test_on_output_raises_and_the_call_can_be_repeated(self):
        def fail_once(stream, data):
            if not failed:
                failed.append(data)
                raise ZeroDivisionError

        failed = []
        process = self.popen(["echo", "out"], stdout=sp.PIPE, on_output=fail_once)
        with self.assertRaises(ZeroDivisionError):
            process.communicate()
        self.assertEqual(process.communicate()[0], b"out\n")

    def test_pipes_between_processes(self):
        first = self.popen(["printf", r"b\na\n"], stdout=sp.PIPE)
        second = self.popen(["sort"], stdin=first.stdout, stdout=sp.PIPE)
        first.stdout.close()
        self.assertEqual(second.communicate()[0], b"a\nb\n")
        self.assertEqual(first.wait(), 0)


def wait_until_gone(pid):
    """Raises ProcessLookupError when an orphan has been reaped, which only its init can tell."""
    for _ in range(PATIENCE * 100):
        os.kill(pid, 0)
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
            if stat.read().rsplit(")", 1)[1].split()[0] == "Z":
                raise ProcessLookupError
        signal.sigtimedwait([], 0.01)


class Waiting(ChildTest):
    def test_wait_and_poll(self):
        process = self.popen(["sh", "-c", "read x; exit 6"], stdin=sp.PIPE)
        self.assertIsNone(process.poll())
        for timeout in (0, 0.02):
            with self.assertRaises(sp.TimeoutExpired) as caught:
                process.wait(timeout)
            self.assertEqual((caught.exception.cmd, caught.exception.timeout), (process.args, timeout))
        process.stdin.close()
        self.assertEqual(process.wait(PATIENCE), 6)
        self.assertEqual((process.poll(), process.wait(), process.returncode), (6, 6, 6))

    def test_status_lost(self):
        process = self.popen(["sh", "-c", "read x; exit 6"], stdin=sp.PIPE)
        process.stdin.close()
        os.waitpid(process.pid, 0)
        try:
            self.assertEqual(process.wait(), 6)  # newer kernels tell
        except sp.StatusLost as lost:
            self.assertEqual(lost.code, "SP_ELOST")
        process.close()

    def test_signals(self):
        for send, code in ((lambda p: p.terminate(), -15), (lambda p: p.kill(), -9),
                           (lambda p: p.send_signal(signal.SIGUSR1), -10), (lambda p: p.kill_group(), -9),
                           (lambda p: p.kill_group(signal.SIGTERM), -15)):
            process = self.popen(["cat"], stdin=sp.PIPE, new_group=True)
            send(process)
            self.assertEqual(process.wait(), code)
            send(process)  # a finished child is not signalled
            self.assertEqual(process.wait(), code)

    def test_stop(self):
        process = self.popen(["cat"], stdin=sp.PIPE)
        self.assertEqual(process.stop(), -15)
        self.assertEqual(process.stop(), -15)
        process = self.popen(["sh", "-c", "trap '' TERM; echo; while :; do read x <&0; done"], stdin=sp.PIPE, stdout=sp.PIPE)
        process.stdout.readline()
        self.assertEqual(process.stop(grace=0.1), -9)

    def test_kill_group_without_a_group(self):
        process = self.popen(["cat"], stdin=sp.PIPE)
        with self.assertRaises(ValueError):
            process.kill_group()
        self.assertIsNone(process.poll())

    def test_pipeline(self):
        process = sp.pipeline(["cat"], ["sh", "-c", "cat; exit 3"], stdin=sp.PIPE, stdout=sp.PIPE)
        self.addCleanup(process.stop, 0)
        first, second = process.stages
        self.assertEqual((first.args, second.index, first.pid), (["cat"], 1, process.pid))
        self.assertIsNone(second.poll())
        self.assertEqual(process.communicate(b"x")[0], b"x")
        self.assertEqual((process.returncode, first.wait(), second.wait(), second.poll()), (3, 0, 3, 3))
        self.assertEqual(process.result.stage_returncodes, [0, 3])

    def test_stage_outlives_its_pipeline(self):
        process = sp.pipeline(["true"], ["true"])
        stage = process.stages[0]
        process.wait()
        del process
        gc.collect()
        self.assertEqual(stage.wait(), 0)

    def test_stage_signals(self):
        process = sp.pipeline(["cat"], ["cat"], stdin=sp.PIPE, stdout=sp.PIPE, new_group=True)
        self.addCleanup(process.stop, 0)
        process.stages[1].terminate()
        self.assertEqual(process.stages[1].wait(), -15)
        process.kill_group()
        self.assertEqual([stage.wait() for stage in process.stages], [-9, -15])
        self.assertEqual(self.popen(["true"]).stages[0].wait(), 0)


class Closing(ChildTest):
    def test_context_manager(self):
        with sp.Popen(["sh", "-c", "read x"], stdin=sp.PIPE, stdout=sp.PIPE) as process:
            process.stdin.write(b"x\n")
        self.assertEqual(process.returncode, 0)
        self.assertTrue(process.stdin.closed and process.stdout.closed)

    def test_context_manager_and_an_exception(self):
        with self.assertRaises(ZeroDivisionError):
            with sp.Popen(["cat"], stdin=sp.PIPE) as process:
                raise ZeroDivisionError
        self.assertEqual(process.returncode, 0)

    def test_context_manager_and_keyboard_interrupt(self):
        with self.assertRaises(KeyboardInterrupt):
            with sp.Popen(["sleep", "60"]) as process:
                raise KeyboardInterrupt
        self.assertIsNone(process.returncode)
        process.stop(0)

    def test_close(self):
        process = sp.Popen(["cat"], stdin=sp.PIPE, stdout=sp.PIPE, new_group=True)
        pid, stdout = process.pid, process.stdout
        for _ in range(2):
            process.close()
        for use in (process.wait, process.poll, process.communicate, process.stop, process.finish, process.kill,
                    process.terminate, process.kill_group, stdout.read, stdout.readline, stdout.fileno,
                    lambda: process.stdin.write(b"x"), lambda: stdout.readinto(bytearray(1)), lambda: stdout.read1(1)):
            with self.assertRaises(sp.ClosedError) as caught:
                use()
            self.assertIsInstance(caught.exception, ValueError)
            self.assertEqual(caught.exception.code, "SP_ECLOSED")
        self.assertEqual(os.waitpid(pid, 0), (pid, 0))  # end of file ended cat; close() itself kills nobody

    def test_closing_streams(self):
        process = self.popen(["cat"], stdin=sp.PIPE, stdout=sp.PIPE)
        for _ in range(2):
            process.stdin.close()
        with self.assertRaises(sp.ClosedError):
            process.stdin.write(b"x")
        self.assertEqual(process.wait(), 0)
        process.stdout.close()
        with self.assertRaises(ValueError):
            process.stdout.read()

    def test_close_wakes(self):
        for call in (lambda p: p.wait(), lambda p: p.communicate(ALL_BYTES), lambda p: p.stdout.read(),
                     lambda p: p.stdout.readline(), lambda p: p.stdout.readinto(bytearray(5)),
                     lambda p: p.stdin.write(ALL_BYTES), lambda p: p.stages[0].wait()):
            process = sp.Popen(["sleep", "600"], stdin=sp.PIPE, stdout=sp.PIPE)
            worker = Worker(call, process)
            worker.join(0.02)
            process.close()
            with self.assertRaises(sp.ClosedError):
                worker.result()
            os.kill(process.pid, signal.SIGKILL)
            os.waitpid(process.pid, 0)

    def test_closing_a_stream_wakes_its_user(self):
        process = self.popen(["sleep", "600"], stdin=sp.PIPE, stdout=sp.PIPE)
        reader, writer = Worker(process.stdout.read), Worker(process.stdin.write, ALL_BYTES)
        writer.join(0.02)
        process.stdout.close()
        process.stdin.close()
        for worker in (reader, writer):
            with self.assertRaises(sp.ClosedError):
                worker.result()
        self.assertIsNone(process.poll())

    def test_streams_live_without_their_popen(self):
        stdout = sp.Popen(["sh", "-c", "echo hi"], stdout=sp.PIPE, kill_on_free=True).stdout
        self.assertEqual(stdout.read(), b"hi\n")
        stdout.close()
        self.assertEqual(sp.call(["true"]), 0)


class Forgetting(ChildTest):
    def forget(self, **options):
        process = sp.Popen(["sleep", "600"], **options)
        pid = process.pid
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            del process
            gc.collect()
        return pid, [(str(warning.message), warning.category) for warning in caught]  # they keep the Popen

    def test_a_running_child_gives_a_warning(self):
        pid, caught = self.forget()
        self.assertEqual(caught, [(f"subprocess {pid} is still running", ResourceWarning)])
        os.kill(pid, 0)  # it runs
        os.kill(pid, signal.SIGKILL)
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        sp.run(["true"])  # reaps it
        with self.assertRaises(ProcessLookupError):
            os.kill(pid, 0)

    def test_kill_on_free(self):
        pid, caught = self.forget(kill_on_free=True)
        self.assertEqual(caught, [])
        with self.assertRaises(ProcessLookupError):
            os.kill(pid, 0)

    def test_an_ended_child_gives_none(self):
        process = sp.Popen(["true"])
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            del process
            gc.collect()

    def test_a_callback_does_not_keep_its_popen(self):
        class Owner:
            def __init__(self):
                self.process = sp.Popen(["true"], on_output=self.see, stdout=sp.PIPE)

            def see(self, stream, data):
                pass

        owner = Owner()
        owner.process.communicate()
        gone = weakref.ref(owner), weakref.ref(owner.process)
        del owner
        gc.collect()
        self.assertEqual([ref() for ref in gone], [None, None])

    def test_interpreter_exit(self):
        script = "import libsubprocess as sp\np = sp.Popen(['sleep', '0'], stdin=sp.PIPE)\nq = sp.Popen(['cat'], stdin=sp.PIPE)"
        done = sp.run([sys.executable, "-W", "ignore", "-c", script], capture_output=True, timeout=PATIENCE)
        self.assertEqual((done.returncode, done.stderr), (0, b""))

    def test_exit_while_daemon_threads_are_blocked(self):
        script = ("import libsubprocess as sp, threading\n"
                  "def work(): sp.run(['sh', '-c', 'while :; do echo; done'], stdout=sp.PIPE, on_output=lambda *x: None, "
                  "max_output=1, new_group=True)\n"
                  "for _ in range(3): threading.Thread(target=work, daemon=True).start()\n"
                  "threading.Thread(target=lambda: sp.run(['cat'], stdin=sp.PIPE), daemon=True).start()\n"
                  "sp.run(['sleep', '0.1'])")
        for _ in range(3):
            done = sp.run([sys.executable, "-W", "ignore", "-c", script], capture_output=True, timeout=PATIENCE)
            self.assertEqual((done.returncode, done.stderr), (0, b""))

    def test_after_fork(self):
        process = self.popen(["cat"], stdin=sp.PIPE)
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                process.wait(0)
            except ValueError:
                code = 0 if sp.run(["true"]).returncode == 0 else 2
            finally:
                os._exit(code)
        self.assertEqual(os.waitpid(pid, 0)[1], 0)
        self.assertIsNone(process.poll())


if __name__ == "__main__":
    unittest.main()
