#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds the release and shows every example at work, and one of them in each of the other languages.
set -eu
cd "$(dirname "$0")/.."
. scripts/toolchains.sh
sh scripts/setup.sh

build=$PWD/build/release
prefix=$PWD/build/demo

build() {
  cmake --preset release -DSP_BUILD_BINDINGS=ON
  cmake --build --preset release --target src/all examples/all bindings/ruby/all bindings/python/all
  cmake --install "$build" --prefix "$prefix"
}

echo "Building ..."
if ! log=$(build 2>&1); then
  printf '%s\n' "$log" >&2
  exit 1
fi
sh examples/run-gallery.sh build/release

# The installed library, as Go and Rust look for it.
export PKG_CONFIG_PATH="$prefix/lib/pkgconfig" LD_LIBRARY_PATH="$prefix/lib"
export CARGO_TARGET_DIR="$build/bindings/rust/target" CARGO_NET_OFFLINE=true
printf '\n== find_why in Ruby ==\n'
ruby -I bindings/ruby/lib -I "$build/bindings/ruby/lib" bindings/ruby/examples/find_why.rb
printf '\n== find_why in Go ==\n'
(cd bindings/go && go run ./examples/find_why)
printf '\n== find_why in Rust ==\n'
cargo run --quiet --manifest-path bindings/rust/Cargo.toml --package libsubprocess --example find_why
printf '\n== find_why in Python ==\n'
PYTHONPATH="$build/bindings/python/package" python3 bindings/python/examples/find_why.py
