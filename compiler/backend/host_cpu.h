#pragma once

#include <string>

namespace halcyon {

/// This machine's CPU as LLVM calls its kind: "znver4".
[[nodiscard]] std::string cpu_kind();
/// The kind and, where the system tells it, the maker's name: "znver4, AMD EPYC 9654 96-Core Processor". Measurements of
/// machines with equal names are taken to hold for both.
[[nodiscard]] std::string cpu_name();
/// What LLVM calls the 64-bit ARM CPU whose identification register says so: "cortex-a72"; "generic" where it knows none.
[[nodiscard]] std::string arm_cpu_kind(unsigned implementer, unsigned part);

}  // namespace halcyon
