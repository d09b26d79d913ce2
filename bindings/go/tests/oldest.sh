#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds and tests with the oldest Go that is promised, Debian 12's: oldest.sh SOURCE_DIR
set -eu
PATH=/usr/lib/go-1.19/bin:$PATH
export PATH
case $(go env GOVERSION) in
  go1.19*) ;;
  *)
    echo "skipped: there is no Go 1.19 (package golang-1.19-go)"
    exit 77
    ;;
esac
cd "$1"
go vet ./...
exec go test -count=1 -short -timeout 290s .
