#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs the library and uses it as a stranger's project would: consumer.sh BUILD_DIR CC CXX
set -eu
build=$1
cc=$2
cxx=$3
here=$(cd "$(dirname "$0")" && pwd)
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
trap 'exit 1' HUP INT TERM
warnings="-pedantic -Wall -Wextra -Werror"

fail() {
  echo "FAILED: $1"
  exit 1
}

# expect_greeting PROGRAM: it runs and says what it should.
expect_greeting() {
  said=$(LD_LIBRARY_PATH="$temp/shared/lib" "$1") || fail "$1 returned $?"
  [ "$said" = "hello from a child" ] || fail "$1 said: $said"
}

# expect_libraries PROGRAM WANTED UNWANTED: of the libraries that the loader will bring.
expect_libraries() {
  libraries=$(LD_LIBRARY_PATH="$temp/shared/lib" ldd "$1")
  printf '%s\n' "$libraries" | grep -q "$2" || fail "$1 lacks $2: $libraries"
  if printf '%s\n' "$libraries" | grep -E "$3"; then fail "$1 needs that"; fi
}

# A static user has no shared library beside, or the linker would take that.
install_library() {
  cmake --install "$build" --prefix "$temp/shared" >"$temp/log" || { cat "$temp/log"; fail "install"; }
  [ -f "$temp/shared/lib/pkgconfig/libsubprocess.pc" ] ||
    mv "$temp/shared/lib/"*/pkgconfig "$temp/shared/lib/"*/libsubprocess* "$temp/shared/lib/" 2>/dev/null ||
    fail "nothing in lib"
  mkdir "$temp/static"
  cp -R "$temp/shared/." "$temp/static"
  rm "$temp/static/lib/"libsubprocess.so*
  sed -i "s|^prefix=.*|prefix=$temp/static|" "$temp/static/lib/pkgconfig/libsubprocess.pc"
  cp -R "$here/project" "$temp/project"
}

# flags KIND [--static]: from the pkg-config file of that prefix
flags() {
  kind=$1
  shift
  PKG_CONFIG_PATH="$temp/$kind/lib/pkgconfig" pkg-config --cflags --libs "$@" libsubprocess
}

with_pkg_config() {
  cd "$temp/project"
  # shellcheck disable=SC2046,SC2086 # lists of options
  {
    $cc -std=c99 $warnings greet.c $(flags shared) -o "$temp/c-shared"
    $cxx -std=c++17 $warnings greet.cc $(flags shared) -o "$temp/cc-shared"
    $cc -std=c99 $warnings greet.c $(flags static --static) -o "$temp/c-static"
  }
  expect_greeting "$temp/c-shared"
  expect_libraries "$temp/c-shared" 'libsubprocess\.so\.0' 'libstdc|libgcc_s|not found'
  expect_greeting "$temp/cc-shared"
  expect_greeting "$temp/c-static"
  expect_libraries "$temp/c-static" 'libuv\.so\.1' 'libsubprocess|not found'
  [ "$(flags shared | grep -c 'luv')" = 0 ] || fail "shared users are told to link libuv"
  echo "good: pkg-config"
}

# configure NAME OPTIONS...: the project, in $temp/NAME
configure() {
  name=$1
  shift
  cmake -S "$temp/project" -B "$temp/$name" -DCMAKE_PREFIX_PATH="$temp/shared" -DCMAKE_C_COMPILER="$cc" \
    -DCMAKE_CXX_COMPILER="$cxx" "$@" >"$temp/log" 2>&1
}

# build_cmake NAME OPTIONS...
build_cmake() {
  configure "$@" && cmake --build "$temp/$1" >>"$temp/log" 2>&1 || { cat "$temp/log"; fail "CMake project, $1"; }
}

with_cmake() {
  build_cmake both
  for kind in subprocess subprocess-static; do
    expect_greeting "$temp/both/$kind-c"
    expect_greeting "$temp/both/$kind-cc"
  done
  expect_libraries "$temp/both/subprocess-c" 'libsubprocess\.so\.0' 'libstdc|libgcc_s|not found'
  expect_libraries "$temp/both/subprocess-static-c" 'libuv\.so\.1' 'libsubprocess|not found'
  build_cmake c-only -DWITH_CXX=OFF
  expect_greeting "$temp/c-only/subprocess-c"
  expect_greeting "$temp/c-only/subprocess-static-c"
  echo "good: CMake"
}

# Where libuv's development files are missing the shared library is found, and the static one is missed aloud.
without_libuv() {
  export PKG_CONFIG_LIBDIR="$temp/nothing"
  build_cmake no-uv -DWITH_STATIC=OFF
  expect_greeting "$temp/no-uv/subprocess-c"
  if configure no-uv-static -DWITH_STATIC=ON; then fail "the static library was found without libuv"; fi
  grep -q 'libsubprocess' "$temp/log" || fail "no word about the static library"
  unset PKG_CONFIG_LIBDIR
  echo "good: CMake without libuv's files"
}

# A version that may differ in what programs see is not accepted.
other_versions() {
  sed -i 's/libsubprocess 0\.1 /libsubprocess 0.2 /' "$temp/project/CMakeLists.txt"
  if configure newer; then fail "version 0.2 was found"; fi
  echo "good: another version is refused"
}

install_library
with_pkg_config
with_cmake
without_libuv
other_versions
