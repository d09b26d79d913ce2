# SPDX-License-Identifier: MIT
"""Builds the package for one Python into a folder of its own, with the file that takes the standard module's place."""

import os
import shutil
import subprocess
from pathlib import Path

BINDINGS = Path(__file__).resolve().parents[2]
ROOT = BINDINGS.parent

# Found by PYTHONPATH or mounted over the standard module. Python started with -I knows no PYTHONPATH, so it says itself
# where the package is.
_SHADOW = """import sys
sys.path.insert(0, {packages!r})
try:
    import libsubprocess.compat
finally:
    sys.path.remove({packages!r})
sys.modules[__name__] = sys.modules["libsubprocess.compat"]
"""


class Stage:
    """`packages` holds the package, `shadow` the module `subprocess`."""

    def __init__(self, folder):
        self.folder = folder
        self.packages = folder / "packages"
        self.shadow = folder / "shadow"
        self.module = self.shadow / "subprocess.py"
        self.module_cache = folder / "subprocess.pyc"


def _newer(target, sources):
    return target.exists() and all(source.stat().st_mtime <= target.stat().st_mtime for source in sources)


def _wrapper(build):
    """What SWIG makes of native.i: the same for every Python."""
    native = BINDINGS / "python" / "native.i"
    target = build / "native_wrap.c"
    sources = [native, BINDINGS / "python" / "typemaps.swg", BINDINGS / "subprocess.i", BINDINGS / "facade" / "functions.h"]
    if not _newer(target, sources):
        folders = [BINDINGS, BINDINGS / "facade", BINDINGS / "python", ROOT / "include"]
        subprocess.run(["swig", "-python", "-noproxy", "-interface", "_native", "-O", *[f"-I{folder}" for folder in folders], "-outdir", str(build),
                        "-o", str(target), str(native)], check=True)
    return target


def _headers(library):
    """The folder with the public headers, beside the library: of its build or of an installation."""
    for folder in library.resolve().parents:
        if (folder / "include" / "libsubprocess" / "version.h").exists():
            return folder / "include"
    raise SystemExit(f"no include/libsubprocess/version.h beside {library}")


def _build_native(python, library, build, target):
    """The extension module, beside its own copy of the library."""
    facade = [path for path in (BINDINGS / "facade").glob("*.c") if not path.name.endswith("_test.c")]
    sources = [_wrapper(build), *facade, *(BINDINGS / "python" / "native").glob("*.c")]
    headers = [*BINDINGS.glob("facade/*.h"), *BINDINGS.glob("python/native/*.h")]
    if _newer(target, [*sources, *headers]):
        return
    folders = [BINDINGS / "facade", BINDINGS / "python" / "native", ROOT / "include", _headers(library), python.include]
    subprocess.run([os.environ.get("CC", "cc"), "-shared", "-fPIC", "-O2", *[f"-I{folder}" for folder in folders],
                    "-o", str(target), *map(str, sources), str(library), "-Wl,-rpath,$ORIGIN"], check=True)


def _copy_library(library, folder):
    """Under the name that it is looked for, which is its soname."""
    library = library.resolve()
    dump = subprocess.run(["readelf", "-d", str(library)], capture_output=True, text=True, check=True).stdout
    name = dump.split("soname: [")[1].split("]")[0]
    target = folder / name
    if not _newer(target, [library]):
        shutil.copy2(library, target.with_suffix(".new"))
        target.with_suffix(".new").replace(target)


def make(python, library, build):
    """The Stage for `python` with the shared library `library`, below the folder `build`. What is up to date stays."""
    folder = build / f"{python.name.replace(' ', '')}-{python.cache_tag}"
    stage = Stage(folder)
    package = stage.packages / "libsubprocess"
    package.mkdir(parents=True, exist_ok=True)
    stage.shadow.mkdir(exist_ok=True)
    shutil.copytree(BINDINGS / "python" / "libsubprocess", package, dirs_exist_ok=True,
                    ignore=shutil.ignore_patterns("__pycache__", "*.so*"))
    _copy_library(library, package)
    _build_native(python, library, build, package / f"_native{python.suffix}")
    stage.module.write_text(_SHADOW.format(packages=str(stage.packages)))
    subprocess.run([python.executable, "-I", "-m", "compileall", "-q", str(folder)], check=True)
    subprocess.run([python.executable, "-I", "-c", "import py_compile, sys; py_compile.compile(sys.argv[1], cfile=sys.argv[2])",
                    str(stage.module), str(stage.module_cache)], check=True)
    return stage
