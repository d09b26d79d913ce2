#!/bin/sh
# SPDX-License-Identifier: MIT
# `go test`, run anew: test.sh SOURCE_DIR [OPTION...]
#   -except REGEXP  leaves out the tests that match
#   -cgocheck       has every pointer checked that is stored where C could see it
set -eu
cd "$1"
shift
options=
while [ $# -gt 0 ]; do
  case $1 in
    -except)
      shift
      names=$(go test -list . . | grep -E '^(Test|Example)' | grep -vE "^($1)\$" | tr '\n' '|')
      options="$options -run ^(${names%|})\$"
      ;;
    -cgocheck)
      minor=$(go env GOVERSION)
      minor=${minor#go1.}
      if [ "${minor%%.*}" -ge 21 ]; then export GOEXPERIMENT=cgocheck2; else export GODEBUG=cgocheck=2; fi
      ;;
    *) options="$options $1" ;;
  esac
  shift
done
set -f
# shellcheck disable=SC2086 # a list of options
exec go test -count=1 -timeout 590s $options .
