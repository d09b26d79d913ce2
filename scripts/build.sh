#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds one preset of CMakePresets.json (default: release) into build/PRESET.
set -eu
cd "$(dirname "$0")/.."
. scripts/toolchains.sh
preset=${1:-release}
cmake --preset "$preset"
cmake --build --preset "$preset"
