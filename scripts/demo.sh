#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds the release and shows every example at work.
set -eu
cd "$(dirname "$0")/.."
sh scripts/setup.sh
echo "Building ..."
if ! log=$(sh scripts/build.sh release 2>&1); then
  printf '%s\n' "$log" >&2
  exit 1
fi
sh examples/run-gallery.sh build/release
