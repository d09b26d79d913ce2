#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs what building and testing needs, with apt on Debian. Does nothing when all of it is there.
set -eu

packages="build-essential cmake ninja-build pkg-config libuv1-dev libcmocka-dev python3
  clang clang-format clang-tidy valgrind strace"

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
