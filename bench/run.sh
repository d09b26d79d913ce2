#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Builds the library and the measurements in build/bench and prints the table.
#
#     sh bench/run.sh [--quick] [any option of compare.py]
set -eu

top=$(cd "$(dirname "$0")/.." && pwd)
build=${SP_BENCH_BUILD:-$top/build/bench}

cmake -S "$top" -B "$build" -DCMAKE_BUILD_TYPE=Release -DSP_BUILD_BENCH=ON -DSP_BUILD_TESTS=OFF \
  -DSP_BUILD_EXAMPLES=OFF >&2
cmake --build "$build" --target bench_driver --parallel "$(getconf _NPROCESSORS_ONLN)" >&2
exec python3 "$top/bench/compare.py" "$build/bench/bin/driver" "$build/bench/bin/children" "$@"
