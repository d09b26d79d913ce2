#!/bin/sh
# SPDX-License-Identifier: MIT
# Compares what the shared library exports with the baseline: exports.sh LIBRARY. What a released library exported must stay;
# what is new is added to exports.txt in the commit that adds it.
set -eu
baseline=$(dirname "$0")/exports.txt
nm -D --defined-only --with-symbol-versions "$1" | awk '{ print $(NF - 1), $NF }' | LC_ALL=C sort |
  diff -u "$baseline" - && echo "as in the baseline"
