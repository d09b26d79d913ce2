#!/bin/sh
# SPDX-License-Identifier: MIT
# What the shared library is and needs, from its own headers: linkage.sh LIBRARY
set -eu
dynamic=$(LC_ALL=C readelf -d "$1")
segments=$(LC_ALL=C readelf -lW "$1")
failed=0

# check WHAT COMMAND...
check() {
  what=$1
  shift
  if "$@"; then
    echo "good: $what"
  else
    echo "FAILED: $what"
    failed=1
  fi
}

# An unknown name here is a new burden on every user: libc, its loader and libuv are all that is needed.
needs_little() {
  strangers=$(printf '%s\n' "$dynamic" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' |
    grep -v -x -E 'libuv\.so\.1|libc\.so\.6|ld-linux.*|libm\.so\.6|libpthread\.so\.0' || true)
  [ -z "$strangers" ] || echo "needs: $strangers"
  [ -z "$strangers" ]
}
dynamic_has() { printf '%s\n' "$dynamic" | grep -q "$1"; }
dynamic_lacks() { ! dynamic_has "$1"; }
stack_is_data() { printf '%s\n' "$segments" | grep -q 'GNU_STACK.* RW '; }

check "needs neither libstdc++ nor libgcc_s" needs_little
check "needs libuv" dynamic_has '(NEEDED).*libuv\.so\.1'
check "is called libsubprocess.so.0" dynamic_has '(SONAME).*\[libsubprocess\.so\.0\]'
check "binds at load time" dynamic_has 'BIND_NOW\|FLAGS.*NOW'
check "stays when it is closed" dynamic_has 'NODELETE'
check "has no text relocations" dynamic_lacks TEXTREL
check "has no search path" dynamic_lacks 'RPATH\|RUNPATH'
check "has a stack that is not executable" stack_is_data
exit "$failed"
