#pragma once

#include <string_view>

namespace halcyon {

/// The C files of runtime/ as one LLVM 19 bitcode module for an architecture: "x86_64", "aarch64" or "wasm32".
/// Empty for any other name. Compiled when Halcyon is built and embedded in it; the bytes live as long as the program.
std::string_view runtime_bitcode(std::string_view architecture);

/// runtime/halcyon/interface.h: the part that all generated headers have in common.
std::string_view interface_text();

}  // namespace halcyon
