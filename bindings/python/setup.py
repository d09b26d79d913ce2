# SPDX-License-Identifier: MIT
"""The extension module, for sources that stage_sdist.py has put together: the C library is found with pkg-config."""

import glob
import os
import shlex
import subprocess

from setuptools import Extension, setup

PACKAGE = "libsubprocess >= 0.1"


def pkg_config(*options):
    command = [os.environ.get("PKG_CONFIG", "pkg-config"), *options, PACKAGE]
    try:
        return shlex.split(subprocess.check_output(command, text=True))
    except (OSError, subprocess.CalledProcessError) as error:
        raise SystemExit(f"the C library libsubprocess has to be installed first: {shlex.join(command)}: {error}")


setup(ext_modules=[Extension(
    "libsubprocess._native",
    sources=sorted(glob.glob("native/*.c") + glob.glob("facade/*.c")),
    depends=sorted(glob.glob("native/*.h") + glob.glob("facade/*.h")),
    include_dirs=["native", "facade"],
    extra_compile_args=["-std=gnu11", *pkg_config("--cflags")],
    extra_link_args=pkg_config("--libs"),
)])
