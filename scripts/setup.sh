#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs what building and testing needs, with apt on Debian. Does nothing when all of it is there.
set -eu
cd "$(dirname "$0")/.."
. scripts/toolchains.sh

packages="build-essential cmake ninja-build pkg-config libuv1-dev libcmocka-dev python3
  clang clang-format clang-tidy valgrind strace"
# The bindings, with their conformance runner in C.
packages="$packages libjansson-dev swig ruby ruby-dev ruby-minitest
  python3-dev python3-venv python3-pip python3-setuptools python3-wheel"

# Whether there is a Go that is not older than Debian's.
has_go() {
  version=$(go env GOVERSION 2>/dev/null) || return 1
  minor=${version#go1.}
  [ "${minor%%[!0-9]*}" -ge 19 ] 2>/dev/null
}
has_go || packages="$packages golang-go"
command -v cargo >/dev/null || packages="$packages cargo rustc rust-clippy rustfmt"

installed() {
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

missing() {
  for package; do
    installed "$package" || printf ' %s' "$package"
  done
}

install_missing() {
  wanted=$(missing "$@")
  [ -n "$wanted" ] || return 0
  if [ "$(id -u)" -ne 0 ]; then
    echo "setup: not root; ask for: apt-get install$wanted" >&2
    exit 1
  fi
  echo "setup: installing$wanted"
  # The package lists are fetched only if what is there does not do.
  # shellcheck disable=SC2086 # a list of names
  apt_install $wanted || { apt-get -qq update && apt_install $wanted; }
}

apt_install() {
  DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o Dpkg::Use-Pty=0 --no-install-recommends install "$@" >/dev/null
}

if ! command -v dpkg-query >/dev/null; then
  echo "setup: no Debian packages here; install by hand what corresponds to:" $packages >&2
  exit 0
fi
# shellcheck disable=SC2086
install_missing $packages
# clang's sanitizer runtimes come in a package named after its version.
version=$(clang -dumpversion)
install_missing "libclang-rt-${version%%.*}-dev"
# CPython's own tests, which the drop-in module is tested with, in a package named after its version.
version=$(/usr/bin/python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')
install_missing "libpython$version-testsuite"
