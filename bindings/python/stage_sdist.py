# SPDX-License-Identifier: MIT
"""stage_sdist.py DIRECTORY: puts the sources of the Python package together, so that pip can build them without SWIG.

DIRECTORY (made anew) then has what the sdist ships: the Python files, the C of native/ with the wrapper that SWIG makes,
and a copy of the facade. `python3 setup.py sdist` or `pip install DIRECTORY` go on from there.
"""

import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
BINDINGS = HERE.parent
FACADE = ["arena", "call", "functions", "option_table", "record", "spec"]


def copy(directory, *paths):
    directory.mkdir(parents=True, exist_ok=True)
    for path in paths:
        shutil.copy(path, directory)


def stage(target):
    shutil.rmtree(target, ignore_errors=True)
    copy(target, *(HERE / name for name in ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md")),
         BINDINGS.parent / "LICENSE")
    shutil.copytree(HERE / "libsubprocess", target / "libsubprocess", ignore=shutil.ignore_patterns("__pycache__"))
    copy(target / "native", *(HERE / "native").glob("*.[ch]"))
    copy(target / "facade", *(BINDINGS / "facade" / f"{name}.{suffix}" for name in FACADE for suffix in "ch"
                              if (BINDINGS / "facade" / f"{name}.{suffix}").exists()))
    subprocess.run([os.environ.get("SWIG", "swig"), "-python", "-noproxy", "-O", "-Wall", f"-I{HERE}", f"-I{BINDINGS}",
                    "-o", target / "native" / "native_wrap.c", HERE / "native.i"], check=True)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    stage(pathlib.Path(sys.argv[1]).resolve())
