#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs every test: natively, with sanitizers, under valgrind, built by clang, and the checks of format and code.
#
#   scripts/test.sh [quick]     quick: the dev preset only
#
# Prints 'N passed, N failed' last, over all of it; fails if anything failed.
set -eu
cd "$(dirname "$0")/.."
. scripts/toolchains.sh

passed=0
failed=0
failures=""
jobs=$(nproc)
export CMAKE_BUILD_PARALLEL_LEVEL="$jobs"
logs=build/logs
mkdir -p "$logs"

count() {
  if [ "$1" -eq 0 ]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    failures="$failures $2"
  fi
}

# step NAME COMMAND...: one check that passes or fails as a whole; its output matters only if it fails.
step() {
  name=$1
  shift
  echo "== $name"
  status=0
  "$@" >"$logs/$name.log" 2>&1 || status=$?
  [ "$status" -eq 0 ] || tail -n 200 "$logs/$name.log"
  count "$status" "$name"
  return "$status"
}

attribute() {
  sed -n "s/^[[:space:]]*$1=\"\([0-9]*\)\".*/\1/p" "$2" | head -n 1
}

# run_tests PRESET: all its tests, counted one by one.
run_tests() {
  echo "== tests: $1"
  report="$PWD/$logs/$1.xml"
  rm -f "$report"
  status=0
  ctest --preset "$1" -j "$jobs" --output-junit "$report" || status=$?
  if [ ! -s "$report" ]; then
    count 1 "ctest-$1"
    return
  fi
  ran=$(attribute tests "$report")
  bad=$(attribute failures "$report")
  skipped=$(($(attribute skipped "$report") + $(attribute disabled "$report")))
  passed=$((passed + ran - bad - skipped))
  failed=$((failed + bad))
  [ "$bad" -eq 0 ] || failures="$failures $1($bad)"
  # Not a test's failure, but not well either: nothing to run, a fixture that broke.
  if [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then count 1 "ctest-$1"; fi
}

# Valgrind writes to files, to keep out of what the tests print; here is what it found.
run_tests_under_valgrind() {
  rm -f "$logs"/valgrind-*.log
  run_tests valgrind
  grep -h '^==' "$logs"/valgrind-*.log | head -n 200 || true
}

build_and_test() {
  if step "build-$1" sh scripts/build.sh "$1"; then run_tests "$1"; fi
}

step setup sh scripts/setup.sh || true
build_and_test dev
if [ "${1:-}" != quick ]; then
  run_tests_under_valgrind
  build_and_test asan
  build_and_test tsan
  build_and_test clang
  step clang-format sh scripts/check.sh format || true
  step clang-tidy sh scripts/check.sh tidy || true
fi

[ -z "$failures" ] || echo "failed:$failures"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
