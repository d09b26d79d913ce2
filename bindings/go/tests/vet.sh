#!/bin/sh
# SPDX-License-Identifier: MIT
# vet.sh SOURCE_DIR: go vet without exceptions, gofmt, and the C files with all warnings of the project, but for SWIG's own.
set -eu
cd "$1"
unformatted=$(gofmt -l .)
[ -z "$unformatted" ] || { echo "FAILED: not formatted: $unformatted"; exit 1; }
go vet ./...
flags=$(pkg-config --cflags libsubprocess)
for file in internal/native/*.c; do
  case $file in */native_wrap.c | */crossing.c) continue ;; esac # crossing.c includes what only cgo makes
  # shellcheck disable=SC2086 # a list of options
  ${CC:-cc} -std=gnu11 -Wall -Wextra -Wconversion -Werror $flags -fsyntax-only "$file"
done
