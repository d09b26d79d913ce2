# SPDX-License-Identifier: MIT
"""Python's own ways to have children work beside ours: before, during and after."""

import asyncio
import os
import random
import signal
import subprocess
import threading
import unittest

from support import ChildTest, Worker

import libsubprocess as sp

CHILDREN = 10_000
THREADS = 6


def ours(number):
    assert sp.run(["/bin/sh", "-c", f"exit {number % 256}"]).returncode == number % 256


def ours_with_output(number):
    assert sp.check_output(["/bin/echo", str(number)]) == b"%d\n" % number


def ours_with_popen(_number):
    with sp.Popen(["/bin/true"]) as process:
        pass
    assert process.returncode == 0


def ours_forgotten(_number):
    sp.Popen(["/bin/true"]).close()


def theirs(_number):
    assert subprocess.call(["/bin/true"]) == 0


def theirs_with_output(number):
    assert subprocess.check_output(["/bin/echo", str(number)]) == b"%d\n" % number


def system(number):
    assert os.waitstatus_to_exitcode(os.system(f"exit {number % 256}")) == number % 256


def spawned(_number):
    pid = os.posix_spawn("/bin/true", ["true"], {})
    assert os.waitpid(pid, 0) == (pid, 0)


KINDS = [ours] * 6 + [ours_with_output] * 6 + [ours_with_popen] * 4 + [ours_forgotten, theirs, theirs_with_output, spawned]
if hasattr(os, "waitstatus_to_exitcode"):
    KINDS.append(system)


class Guest(ChildTest):
    def check_theirs(self):
        self.assertEqual(subprocess.check_output(["echo", "x"]), b"x\n")
        self.assertEqual(subprocess.run(["sh", "-c", "exit 3"]).returncode, 3)
        self.assertEqual(os.system("true"), 0)
        self.assertEqual(asyncio.run(self.with_asyncio(3)), [b"0\n", b"1\n", b"2\n"])

    @staticmethod
    async def with_asyncio(count):
        async def one(number):
            process = await asyncio.create_subprocess_exec("echo", str(number), stdout=subprocess.PIPE)
            output, _ = await process.communicate()
            assert process.returncode == 0
            return output

        return await asyncio.gather(*map(one, range(count)))

    def test_before_during_and_after(self):
        self.check_theirs()
        gate = self.gate()
        ours = self.popen(["sh", "-c", "read x <&3; exit 7"], stdin=sp.PIPE, stdout=sp.PIPE, fd_map=gate.map)
        theirs = subprocess.Popen(["sh", "-c", "read x; exit 8"], stdin=subprocess.PIPE)
        waiting = Worker(ours.wait)
        self.check_theirs()
        gate.open()
        self.assertEqual(waiting.result(), 7)
        theirs.stdin.close()
        self.assertEqual(theirs.wait(), 8)
        self.check_theirs()

    def test_handlers_and_masks_stay(self):
        calls = []
        self.addCleanup(signal.signal, signal.SIGCHLD, signal.getsignal(signal.SIGCHLD))
        signal.signal(signal.SIGCHLD, lambda *_: calls.append(1))
        dispositions = {number: signal.getsignal(number) for number in signal.valid_signals()}
        mask, threads = signal.pthread_sigmask(signal.SIG_BLOCK, []), threading.active_count()
        for _ in range(5):
            sp.run_pipeline(["echo"], ["cat"], capture_output=True)
        self.assertTrue(calls)
        self.assertEqual({number: signal.getsignal(number) for number in signal.valid_signals()}, dispositions)
        self.assertEqual(signal.pthread_sigmask(signal.SIG_BLOCK, []), mask)
        self.assertEqual(threading.active_count(), threads)
        self.assertEqual(len(os.listdir("/proc/self/task")), threads)

    def test_ten_thousand_mixed_children(self):
        def work(seed):
            chance = random.Random(seed)
            for number in range(CHILDREN // THREADS + 1):
                chance.choice(KINDS)(number)
            return True

        def work_with_asyncio():
            for _ in range(10):
                asyncio.run(self.with_asyncio(5))
            return True

        workers = [Worker(work, seed) for seed in range(THREADS)]
        work_with_asyncio()
        for worker in workers:
            worker.join()
            self.assertTrue(worker.result())
        self.reap_forgotten()
        self.check_theirs()

    def reap_forgotten(self):
        """Ours are reaped by later calls once they have ended."""
        while self.children():
            sp.run(["true"])

    @staticmethod
    def children():
        tasks = os.listdir("/proc/self/task")
        return [pid for task in tasks for pid in open_text(f"/proc/self/task/{task}/children").split()]


def open_text(path):
    with open(path, encoding="ascii") as file:
        return file.read()


if __name__ == "__main__":
    unittest.main()
