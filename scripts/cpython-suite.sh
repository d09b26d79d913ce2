#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs CPython's own test_subprocess.py on the drop-in module libsubprocess.compat, and on the standard module beside it.
#
#   scripts/cpython-suite.sh [--repeat N] [--ways standard,path,mount] [--users root,ordinary] [python ...]
#
# Without a python: every CPython of at least 3.11 in PATH, of pyenv, and the system's, if it has its test package. As root it
# runs the tests as root and as an ordinary user. Fails on every difference that is not excluded by name.
# SP_LIBRARY: the shared library to be used; without it the release build.
set -eu
cd "$(dirname "$0")/.."
. scripts/toolchains.sh
if [ -z "${SP_LIBRARY:-}" ]; then
  cmake --preset release >/dev/null
  cmake --build --preset release --target subprocess >&2
  SP_LIBRARY=$PWD/build/release/src/libsubprocess.so
  export SP_LIBRARY
fi
exec python3 bindings/python/cpython_suite/suite.py "$@"
