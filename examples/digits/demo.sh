#!/usr/bin/env bash
# Compiles digits.hcn to a library, links main.cpp with it and with nothing else, and runs that on real scans.
# HALCYON names the compiler, CXX a C++17 compiler.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
halcyon=$(realpath "${HALCYON:-$here/../../build/release/halcyon}")
cxx=${CXX:-g++}
cd "$here"

run() { printf '$ %s\n' "$*"; "$@"; }

mkdir -p build
run "$halcyon" compile digits.hcn -o build/
run "$cxx" -std=c++17 -O2 -Ibuild main.cpp build/libdigits.a -o build/demo
printf '\n'
./build/demo build/libdigits.a
