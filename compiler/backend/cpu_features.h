#pragma once

#include <cstdint>
#include <string_view>

namespace halcyon {

/// What a library for this Halide target must find in the CPU before it runs a kernel: bits of runtime/cpu.h. Nothing
/// on other architectures than x86-64, where kernels use the baseline only.
[[nodiscard]] std::uint32_t needed_cpu_features(std::string_view halide_target);

}  // namespace halcyon
