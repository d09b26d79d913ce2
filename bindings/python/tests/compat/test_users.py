# SPDX-License-Identifier: MIT
"""Programs that use the standard module run on the drop-in module in its place."""

import os
import sys
import tempfile
import unittest
from pathlib import Path

import libsubprocess.compat as compat

SHADOW = "import sys, libsubprocess.compat\nsys.modules[__name__] = sys.modules['libsubprocess.compat']\n"

ASYNCIO = """
import asyncio, subprocess
assert subprocess.__name__ == "libsubprocess.compat"

async def main():
    process = await asyncio.create_subprocess_exec("cat", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    print(await process.communicate(b"to and fro"), process.returncode)
    process = await asyncio.create_subprocess_shell("kill -TERM $$")
    print(await process.wait())
    process = await asyncio.create_subprocess_exec("sleep", "1000")
    process.kill()
    print(await process.wait())

asyncio.run(main())
"""

MULTIPROCESSING = """
import multiprocessing, subprocess, sys

def work(number):
    return int(subprocess.check_output(["echo", str(number)]))

if __name__ == "__main__":
    for method in ("spawn", "fork"):
        with multiprocessing.get_context(method).Pool(2) as pool:
            print(pool.map(work, range(4)))
"""


class Users(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        (cls.folder / "shadow").mkdir()
        (cls.folder / "shadow" / "subprocess.py").write_text(SHADOW)
        package = str(Path(compat.__file__).parents[2])
        cls.environment = {**os.environ, "PYTHONPATH": f"{cls.folder / 'shadow'}{os.pathsep}{package}", "PYTHONDEVMODE": ""}

    def python(self, *arguments):
        done = compat.run([sys.executable, *map(str, arguments)], env=self.environment, cwd=self.folder, text=True,
                          stdout=compat.PIPE, stderr=compat.STDOUT, timeout=100)
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout

    def script(self, text):
        (self.folder / "script.py").write_text(text)
        return self.python("-W", "error", self.folder / "script.py")

    def test_asyncio(self):
        self.assertEqual(self.script(ASYNCIO), "(b'to and fro', None) 0\n-15\n-9\n")

    def test_multiprocessing(self):
        self.assertEqual(self.script(MULTIPROCESSING), "[0, 1, 2, 3]\n" * 2)

    def test_venv_and_pip(self):
        self.python("-m", "venv", self.folder / "venv")
        done = compat.run([self.folder / "venv" / "bin" / "python", "-m", "pip", "--version"], env=self.environment,
                          capture_output=True, text=True, timeout=100)
        self.assertIn(str(self.folder), done.stdout, done.stderr)

    def test_a_helper_of_the_standard_library(self):
        said = self.python("-c", "import subprocess, platform, ctypes.util, uuid; assert subprocess.Popen.__module__ == "
                                 "'libsubprocess.compat'; print(ctypes.util.find_library('c'), bool(platform.processor() or 1))")
        self.assertTrue(said.startswith("libc.so"), said)


if __name__ == "__main__":
    unittest.main()
