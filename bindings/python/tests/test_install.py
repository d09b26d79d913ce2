# SPDX-License-Identifier: MIT
"""What users do: an sdist and a wheel, pip install into a fresh virtual environment, the example of README.md. Without network.

Environment: SP_BINARY_DIR, the build whose C library is installed for this. Other Pythons in SP_OTHER_PYTHONS (paths, ':')
build and import it too.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
BINDING = HERE.parent


def example():
    """The first Python block of README.md, and what it says that it prints."""
    text = (BINDING / "README.md").read_text(encoding="utf-8")
    code = re.search(r"```python\n(.*?)```", text, re.DOTALL).group(1)
    return code, [match.group(1) for match in re.finditer(r"# prints: (.*)", code)]


class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = pathlib.Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.directory)
        prefix = cls.directory / "prefix"
        cls.environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        cls.environment.update(PKG_CONFIG_PATH=str(prefix / "lib" / "pkgconfig"), LD_LIBRARY_PATH=str(prefix / "lib"),
                               PIP_NO_INDEX="1", PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_ROOT_USER_ACTION="ignore")
        cls.run_command("cmake", "--install", os.environ["SP_BINARY_DIR"], "--prefix", prefix, "--config", "Release")
        cls.run_command("cmake", "-E", "make_directory", prefix / "lib")
        cls.staged = cls.directory / "staged"
        cls.run_command(sys.executable, BINDING / "stage_sdist.py", cls.staged)

    @classmethod
    def run_command(cls, *command, cwd=None):
        done = subprocess.run([str(word) for word in command], cwd=cwd, env=cls.environment, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            raise AssertionError(f"{command}: {done.returncode}\n{done.stdout}")
        return done.stdout

    def virtual_environment(self, name):
        """With the setuptools of the Python that makes it, as nothing can be fetched."""
        path = self.directory / name
        self.run_command(sys.executable, "-m", "venv", "--system-site-packages", path)
        return path / "bin" / "python"

    def check_example(self, python):
        code, printed = example()
        self.assertTrue(printed)
        script = self.directory / "example.py"
        script.write_text(code, encoding="utf-8")
        self.assertEqual(self.run_command(python, "-W", "error", script, cwd=self.directory).splitlines(), printed)
        where = self.run_command(python, "-c", "import libsubprocess; print(libsubprocess.__file__)", cwd=self.directory)
        self.assertIn(str(python.parent.parent), where)

    def test_sdist(self):
        self.run_command(sys.executable, "setup.py", "-q", "sdist", "--dist-dir", self.directory / "dist", cwd=self.staged)
        archive, = (self.directory / "dist").glob("*.tar.gz")
        python = self.virtual_environment("from_sdist")
        self.run_command(python, "-m", "pip", "install", "--no-build-isolation", archive)
        self.check_example(python)
        self.run_command(python, "-m", "pip", "uninstall", "-y", "libsubprocess")

    def test_wheel(self):
        maker = self.virtual_environment("maker")
        self.run_command(maker, "-m", "pip", "wheel", "--no-build-isolation", "--no-deps", "-w", self.directory / "wheels",
                         self.staged)
        wheel, = (self.directory / "wheels").glob("*.whl")
        python = self.directory / "from_wheel" / "bin" / "python"
        self.run_command(sys.executable, "-m", "venv", python.parent.parent)
        self.run_command(python, "-m", "pip", "install", wheel)
        self.check_example(python)

    def test_missing_library_is_told(self):
        done = subprocess.run([sys.executable, "setup.py", "--version"], cwd=self.staged, text=True,
                              env={**self.environment, "PKG_CONFIG_PATH": "", "PKG_CONFIG_LIBDIR": "/none"},
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("the C library libsubprocess has to be installed first", done.stdout)

    def test_other_pythons(self):
        for python in filter(None, os.environ.get("SP_OTHER_PYTHONS", "").split(":")):
            with self.subTest(python):
                self.build_with(python)

    def build_with(self, python):
        source = self.directory / ("source" + python.replace("/", "_"))
        shutil.copytree(self.staged, source)
        name = self.run_command(python, "-c", "import sysconfig; print(sysconfig.get_config_var('EXT_SUFFIX'), "
                                "sysconfig.get_path('include'))").split()
        flags = self.run_command("pkg-config", "--cflags", "--libs", "libsubprocess").split()
        self.run_command("cc", "-shared", "-fPIC", "-O1", "-std=gnu11", f"-I{name[1]}", "-Inative", "-Ifacade",
                         *source.glob("native/*.c"), *source.glob("facade/*.c"), *flags,
                         "-o", source / "libsubprocess" / ("_native" + name[0]), cwd=source)
        code, printed = example()
        self.assertEqual(self.run_command(python, "-W", "error", "-c", code, cwd=source).splitlines(), printed)


if __name__ == "__main__":
    unittest.main()
