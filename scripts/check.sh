#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks the sources: `format` with clang-format, `tidy` with clang-tidy (needs build/clang configured).
set -eu
cd "$(dirname "$0")/.."

sources() {
  # What SWIG has written is as it is.
  find src include tests examples bench bindings \( -name '*.c' -o -name '*.cc' -o -name '*.h' -o -name '*.hpp' \) \
    ! -path include/libsubprocess/sp.h ! -name '*_wrap.*' | sort
}

case "${1:-}" in
  format)
    sources | xargs clang-format --dry-run -Werror
    ;;
  tidy)
    find src -name '*.cc' | sort | xargs -P "$(nproc)" -n 4 clang-tidy --quiet -p build/clang
    ;;
  *)
    echo "usage: check.sh format|tidy" >&2
    exit 2
    ;;
esac
