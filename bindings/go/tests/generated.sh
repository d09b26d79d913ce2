#!/bin/sh
# SPDX-License-Identifier: MIT
# Generates the files of internal/native anew and compares: generated.sh SOURCE_DIR
set -eu
source=$1
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
sh "$source/generate.sh" "$temp"
for file in "$temp"/*; do
  name=$(basename "$file")
  diff -u "$source/internal/native/$name" "$file" || {
    echo "FAILED: $name is not what generate.sh makes; run it and commit"
    exit 1
  }
done
# Nothing of the facade may have gone, either.
for file in "$source"/internal/native/*; do
  name=$(basename "$file")
  if grep -q '^// Code generated' "$file" && [ ! -e "$temp/$name" ]; then
    echo "FAILED: $name is not generated any more; remove it"
    exit 1
  fi
done
