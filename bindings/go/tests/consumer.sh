#!/bin/sh
# SPDX-License-Identifier: MIT
# Requires the module as a stranger's does, from a module proxy made of files and without SWIG, and runs the README's
# example: consumer.sh SOURCE_DIR
set -eu
source=$1
temp=$(mktemp -d)
trap 'chmod -R u+w "$temp"; rm -rf "$temp"' EXIT
module=libsubprocess.dev/subprocess
version=v0.1.0

# Whoever needs SWIG fails.
mkdir "$temp/bin"
printf '#!/bin/sh\necho "SWIG was called" >&2\nexit 1\n' >"$temp/bin/swig"
chmod +x "$temp/bin/swig"
PATH=$temp/bin:$PATH

versions=$temp/proxy/$module/@v
mkdir -p "$versions"
echo "$version" >"$versions/list"
printf '{"Version":"%s","Time":"2026-01-01T00:00:00Z"}' "$version" >"$versions/$version.info"
cp "$source/go.mod" "$versions/$version.mod"
python3 - "$source" "$versions/$version.zip" "$module@$version" <<'END'
import pathlib, sys, zipfile
source, archive, prefix = sys.argv[1:]
with zipfile.ZipFile(archive, "w") as module:
    for path in sorted(pathlib.Path(source).rglob("*")):
        if path.is_file():
            module.write(path, f"{prefix}/{path.relative_to(source)}")
END

mkdir "$temp/user"
cd "$temp/user"
export GOPROXY="file://$temp/proxy" GOSUMDB=off GOFLAGS=-mod=mod GOMODCACHE="$temp/modules" GOWORK=off
go mod init example.com/user 2>/dev/null
awk '/^```go$/ { inside = 1; next } /^```$/ { inside = 0 } inside' "$source/README.md" >main.go
grep -q '^package main$' main.go || { echo "FAILED: the README has no example"; exit 1; }
go get "$module@$version"
said=$(go run .)
[ "$said" = "$(printf 'b\na')" ] || { echo "FAILED: the README's example said: $said"; exit 1; }

# Without cgo the compiler says what is missing.
if CGO_ENABLED=0 go build . 2>error; then
  echo "FAILED: it was built without cgo"
  exit 1
fi
grep -q 'build constraints exclude all Go files' error || { cat error; echo "FAILED: another message"; exit 1; }
