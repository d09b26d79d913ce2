#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Runs every measure once with little data: no figure is judged, but each one must work and every row must be printed.
#
#     smoke.sh PYTHON DRIVER CHILDREN
set -eu

here=$(dirname "$0")
compare() {
  "$@" --rounds 1 --divide 50 --flood-mib 2 --both-ways-mib 2 --ballast-mib 16 --open-fds 200
}

names=$(compare "$1" "$here/compare.py" "$2" "$3" --list)
table=$(compare "$1" "$here/compare.py" "$2" "$3")
printf '%s\n' "$table"
printf '%s\n' "$names" | while IFS= read -r name; do
  test "$(printf '%s\n' "$table" | grep -cF "| $name | ")" -eq 2 || {
    echo "not measured in both modes: $name"
    exit 1
  }
done
case $names in
*"host of 16 MiB"*"host with 200 descriptors"*) ;;
*) echo "a host was left out" && exit 1 ;;
esac
