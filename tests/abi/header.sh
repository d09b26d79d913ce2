#!/bin/sh
# SPDX-License-Identifier: MIT
# Compiles the public header without a warning by every supported standard: header.sh CC CXX INCLUDE_DIR...
set -eu
cc=$1
cxx=$2
shift 2
includes=""
for directory; do includes="$includes -I$directory"; done
source=$(dirname "$0")/header.c
warnings="-pedantic -Wall -Wextra -Wconversion -Wshadow -Werror"
failed=0

# compile COMPILER LANGUAGE STANDARD
compile() {
  # shellcheck disable=SC2086 # lists of options
  if $1 -x "$2" -std="$3" $warnings $includes -fsyntax-only "$source"; then
    echo "$3: good"
  else
    echo "$3: FAILED"
    failed=1
  fi
}

for standard in c99 gnu99 c11 c17; do compile "$cc -Wstrict-prototypes -Wmissing-prototypes" c "$standard"; done
for standard in c++11 c++14 c++17 c++20; do compile "$cxx" c++ "$standard"; done
exit "$failed"
