# SPDX-License-Identifier: MIT
"""The examples print what those in C print: tests/gallery compares them.

Environment: SP_SOURCE_DIR, the top of the source.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

EXAMPLES = pathlib.Path(__file__).resolve().parent.parent / "examples"
TOP = pathlib.Path(os.environ.get("SP_SOURCE_DIR") or EXAMPLES.parents[2])
GALLERY = TOP / "tests" / "gallery"


class Gallery(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        """Programs without a suffix, as the comparison calls them, run by this Python."""
        cls.programs = pathlib.Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.programs)
        for example in EXAMPLES.glob("*.py"):
            program = cls.programs / example.stem
            program.write_text(f"#!{sys.executable}\n{example.read_text(encoding='utf-8')}", encoding="utf-8")
            program.chmod(0o755)

    def test_there_is_one_for_each_in_c(self):
        self.assertEqual({file.stem for file in EXAMPLES.glob("*.py")},
                         {file.stem for file in (GALLERY / "expected").glob("*.txt")})


def add_tests():
    for example in sorted(EXAMPLES.glob("*.py")):
        def test(self, name=example.stem):
            done = subprocess.run([sys.executable, GALLERY / "check_gallery.py", "--programs", self.programs, name],
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            self.assertEqual(done.returncode, 0, done.stdout)
        setattr(Gallery, "test_" + example.stem, test)


add_tests()
if __name__ == "__main__":
    unittest.main()
