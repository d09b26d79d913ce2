# SPDX-License-Identifier: MIT
"""libsubprocess.aio: the same children, awaited."""

import asyncio
import os
import signal
import subprocess
import threading
import unittest

from support import ALL_BYTES, ChildTest, Worker

import libsubprocess as sp
from libsubprocess import aio


class Aio(ChildTest):
    def run_async(self, coroutine):
        asyncio.run(coroutine)
        self.assertEqual(threading.active_count(), 1)

    def test_run(self):
        async def main():
            done = await aio.run(["sh", "-c", "cat; echo err >&2; exit 3"], input=ALL_BYTES, capture_output=True)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (3, ALL_BYTES, b"err\n"))
            self.assertGreater(done.usage.wall, 0)
            done = await aio.run(["cat"], input="käse\r\n", stdout=aio.PIPE, encoding="utf-8")
            self.assertEqual(done.stdout, "käse\n")
            self.assertEqual((await aio.run(["true"], input=ALL_BYTES)).returncode, 0)
            self.assertEqual((await aio.run(["seq", "9"], stdout=aio.PIPE, max_output=4)).dropped, (14, 0))

        self.run_async(main())

    def test_failures(self):
        async def main():
            with self.assertRaises(sp.CalledProcessError) as caught:
                await aio.run("echo out; exit 4", shell=True, check=True, stdout=aio.PIPE)
            self.assertEqual((caught.exception.returncode, caught.exception.stdout), (4, b"out\n"))
            with self.assertRaises(FileNotFoundError):
                await aio.run(["no-such-program"])
            for bad in ({"cancel": sp.CancelToken()}, {"no_such_option": 1}):
                with self.assertRaises(TypeError):
                    await aio.run(["true"], **bad)
            with self.assertRaises(ValueError):
                await aio.run(["true"], input=b"", stdin=aio.PIPE)

        self.run_async(main())

    def test_limit(self):
        async def main():
            gate = self.gate()
            with self.assertRaises(sp.TimeoutExpired) as caught:
                await aio.run("echo early; sleep 600 & wait", shell=True, stdout=aio.PIPE, text=True, timeout=0.3,
                              new_group=True, kill_group_on_timeout=True)
            self.assertEqual((caught.exception.stdout, caught.exception.result.returncode), ("early\n", -9))
            with self.assertRaises(sp.TimeoutExpired) as caught:
                await aio.run("trap 'echo bye; exit 3' TERM; echo hi; while :; do read x <&0; done", shell=True,
                              stdout=aio.PIPE, stdin=gate.fd, timeout=0.3, kill_grace=60)
            self.assertEqual((caught.exception.stdout, caught.exception.result.returncode), (b"hi\nbye\n", 3))

        self.run_async(main())

    def test_cancelled_run_kills_its_child(self):
        async def main():
            task = asyncio.ensure_future(aio.run(["sh", "-c", "echo ready; exec sleep 600"], stdout=aio.PIPE,
                                                 on_output=lambda *_: task.cancel()))
            with self.assertRaises(asyncio.CancelledError):
                await task
            self.assert_no_child()

        self.run_async(main())

    def test_conversation(self):
        async def main():
            async with aio.start(["cat"], stdin=aio.PIPE, stdout=aio.PIPE, text=True) as cat:
                for word in ("one\n", "two\n"):
                    self.assertEqual(await cat.stdin.write(word), 4)
                    self.assertEqual(await cat.stdout.readline(), word)
                await cat.stdin.write("a\nb\nc")
                cat.stdin.close()
                self.assertEqual([line async for line in cat.stdout], ["a\n", "b\n", "c"])
            self.assertEqual(cat.returncode, 0)

        self.run_async(main())

    def test_big_write_and_read(self):
        async def main():
            async with aio.start(["cat"], stdin=aio.PIPE, stdout=aio.PIPE) as cat:
                writing = asyncio.ensure_future(cat.stdin.write(ALL_BYTES))
                self.assertEqual(await cat.stdout.read(len(ALL_BYTES)), ALL_BYTES)
                self.assertEqual(await writing, len(ALL_BYTES))

        self.run_async(main())

    def test_communicate_can_be_repeated(self):
        async def main():
            gate = self.gate()
            process = await aio.start(["sh", "-c", "echo one; read x <&3; echo two"], stdout=aio.PIPE, fd_map=gate.map)
            with self.assertRaises(asyncio.TimeoutError):
                await asyncio.wait_for(process.communicate(), 0.2)
            gate.open()
            self.assertEqual(await process.communicate(), (b"one\ntwo\n", None))
            self.assertEqual(await process.communicate(), (b"one\ntwo\n", None))

        self.run_async(main())

    def test_many_at_once(self):
        async def main():
            done = await asyncio.gather(*(aio.run(["sh", "-c", f"read x <&0; echo {n}; exit {n}"], input=b"go\n",
                                                  stdout=aio.PIPE) for n in range(50)))
            self.assertEqual([(d.returncode, d.stdout) for d in done], [(n, b"%d\n" % n) for n in range(50)])

        self.run_async(main())

    def test_wait_of_several_tasks(self):
        async def main():
            process = await aio.start(["sh", "-c", "read x; exit 5"], stdin=aio.PIPE)
            waiting = [asyncio.ensure_future(process.wait()) for _ in range(3)]
            await asyncio.sleep(0)
            process.stdin.close()
            self.assertEqual(await asyncio.gather(*waiting), [5, 5, 5])

        self.run_async(main())

    def test_pipeline(self):
        async def main():
            done = await aio.run_pipeline(["printf", r"b\na\n"], ["sort"], ["sh", "-c", "cat; exit 3"], stdout=aio.PIPE)
            self.assertEqual((done.stdout, done.returncode, done.stage_returncodes), (b"a\nb\n", 3, [0, 0, 3]))

        self.run_async(main())

    def test_drain(self):
        async def main():
            done = await aio.run("sleep 600 & echo $!", shell=True, stdout=aio.PIPE, drain=0.2)
            os.kill(int(done.stdout), signal.SIGKILL)

        self.run_async(main())

    def test_close_wakes(self):
        async def main():
            process = await aio.start(["sleep", "600"], stdin=aio.PIPE, stdout=aio.PIPE)
            tasks = [asyncio.ensure_future(work) for work in (process.wait(), process.stdout.readline(),
                                                              process.stdin.write(ALL_BYTES))]
            await asyncio.sleep(0)
            os.kill(process.pid, 0)
            process.close()
            for outcome in await asyncio.gather(*tasks, return_exceptions=True):
                self.assertIsInstance(outcome, sp.ClosedError)
            os.kill(process.pid, signal.SIGKILL)
            os.waitpid(process.pid, 0)

        self.run_async(main())

    def test_one_task_at_a_time(self):
        async def main():
            async with aio.start(["cat"], stdin=aio.PIPE, stdout=aio.PIPE) as cat:
                reading = asyncio.ensure_future(cat.stdout.readline())
                await asyncio.sleep(0)
                with self.assertRaises(sp.BusyError):
                    await cat.stdout.read()
                await cat.stdin.write(b"x\n")
                self.assertEqual(await reading, b"x\n")

        self.run_async(main())

    def test_any_thread_and_beside_asyncios_own(self):
        async def both():
            theirs = await asyncio.create_subprocess_exec("echo", "theirs", stdout=subprocess.PIPE)
            ours = await aio.run(["echo", "ours"], stdout=aio.PIPE)
            return ours.stdout, (await theirs.communicate())[0]

        async def ours():
            return (await aio.run(["echo", "ours"], stdout=aio.PIPE)).stdout

        self.assertEqual(asyncio.run(both()), (b"ours\n", b"theirs\n"))
        workers = [Worker(lambda: asyncio.run(ours())) for _ in range(4)]
        self.assertEqual([worker.result() for worker in workers], [b"ours\n"] * 4)


if __name__ == "__main__":
    unittest.main()
