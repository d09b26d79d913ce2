#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds the examples and runs each one as the C gallery does, with the same expected output: gallery.sh SOURCE_DIR BINARY_DIR
set -eu
source=$1
programs=$2/examples
gallery=$source/../../tests/gallery
mkdir -p "$programs"
cd "$source"
go build -o "$programs/" ./examples/...
status=0
for expected in "$gallery"/expected/*.txt; do
  name=$(basename "$expected" .txt)
  if python3 "$gallery/check_gallery.py" --programs "$programs" "$name"; then
    echo "good: $name"
  else
    echo "FAILED: $name"
    status=1
  fi
done
exit $status
