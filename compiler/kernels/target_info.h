#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace halcyon {

/// What plans and kernels need to know of the machine that the code is for. Nothing is read off the machine that compiles,
/// except by the names `host` and `host-native`, so that equal input gives equal output anywhere.
struct TargetInfo {
    std::string name;  ///< "x86-64-v4", or the Halide target string it was given as
    /// Full Halide target: architecture, operating system, features; without our own no_runtime etc.
    std::string halide;
    std::string triple;        ///< LLVM's, "x86_64-unknown-linux-gnu"
    std::string cpu_features;  ///< LLVM's feature string for the driver, "+avx2,+fma"; may be empty
    int vector_lanes = 4;      ///< float32 numbers in one vector register
    int vector_registers = 16;
    std::int64_t l1_bytes = 32 << 10;
    std::int64_t l2_bytes = 512 << 10;
    /// For costs, per core and cycle: fused multiply-adds of one vector, and bytes from L2, L3 and beyond, on a usual machine.
    double fma_per_cycle = 1.0;
    double l2_bytes_per_cycle = 32.0;
    double l3_bytes_per_cycle = 6.0;
    double memory_bytes_per_cycle = 6.0;
    bool fetches_ahead = false;  ///< whether kernels gain by instructions that fetch weights into the caches
    int unrolled_steps = 1;      ///< of a register tile's sum, beside which the loop's own instructions cost little
    bool wasm = false;

    friend bool operator==(const TargetInfo&, const TargetInfo&) = default;
};

/// A row of `halcyon targets`.
struct NamedTarget {
    std::string_view name;
    std::string_view doc;
};
[[nodiscard]] const std::vector<NamedTarget>& named_targets();

/// By short name ("host": the highest named level of this CPU, "host-native": all it has) or as a full Halide target string.
/// Nothing when there is no such target or Halide's back end for it is missing; `why` says which.
[[nodiscard]] std::optional<TargetInfo> find_target(std::string_view name, std::string& why);

/// The targets of one library, which chooses among them when it runs, best first: one of any kind, or several levels of x86-64.
/// Nothing when they cannot be in one library; `why` says why.
[[nodiscard]] std::optional<std::vector<std::string>> targets_of_library(std::vector<std::string> names,
                                                                         std::string& why);

/// The kinds of machine that code for the target runs on: the target with the rates of each.
[[nodiscard]] std::vector<TargetInfo> machines_of(const TargetInfo& target);

/// Whether code for the target can run in this process.
[[nodiscard]] bool runs_here(const TargetInfo& target);

}  // namespace halcyon
