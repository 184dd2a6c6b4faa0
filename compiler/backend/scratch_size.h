#pragma once

#include <cstdint>

#include <Halide.h>

namespace halcyon {

/// What a kernel takes from the workspace's arenas at most, exactly, by its order of allocations and frees and the rules of
/// runtime/arena.c.
struct ScratchSize {
    std::int64_t calling_worker = 0;  ///< outside parallel loops, plus inside them
    std::int64_t further_worker = 0;  ///< inside parallel loops
    friend bool operator==(const ScratchSize&, const ScratchSize&) = default;
};

/// Walks the lowered functions of a module whose kernel is `name`; bodies of parallel loops are further functions in it.
/// CHECK_INTERNALs that heap allocations have constant sizes, and that of the arguments' buffers nothing is read but where
/// their elements lie.
[[nodiscard]] ScratchSize scratch_size(const Halide::Module& module, const std::string& name);

}  // namespace halcyon
