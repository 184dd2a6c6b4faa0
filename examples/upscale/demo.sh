#!/usr/bin/env bash
# Compiles upscale.hcn to a library, links main.cpp with it and with nothing else, and doubles a photograph's size.
# HALCYON names the compiler, CXX a C++17 compiler.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
halcyon=$(realpath "${HALCYON:-$here/../../build/release/halcyon}")
cxx=${CXX:-g++}
cd "$here"

run() { printf '$ %s\n' "$*"; "$@"; }

mkdir -p build
run "$halcyon" compile upscale.hcn -o build/
run "$cxx" -std=c++17 -O2 -Ibuild main.cpp build/libupscale.a -o build/upscale
printf '\n'
./build/upscale --check
