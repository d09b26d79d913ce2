#!/bin/sh
# SPDX-License-Identifier: MIT
#
# smoke.sh PROGRAM FOLDER [SEEDS]: a short, repeatable run of a fuzz target. Inputs that fail are left in FOLDER.
set -eu
program=$1
found=$2
shift 2
rm -rf "$found/corpus"
mkdir -p "$found/corpus"
exec "$program" -runs=20000 -seed=1 -max_len=1024 -timeout=30 -verbosity=0 -artifact_prefix="$found/" "$found/corpus" "$@"
