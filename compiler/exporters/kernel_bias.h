#pragma once

#include <optional>

#include "graph/graph.h"

namespace halcyon {

/// A bias that convolutions and dense layers of other runtimes add by themselves.
struct KernelBias {
    std::optional<ConstantExpr> constant;    ///< of shape [channels]
    ScalarExpr rest = ScalarExpr::input(0);  ///< the epilogue over the sum
};

/// Of an operation with a kernel: constants[0] is that, and the epilogue adds a constant per channel before all else.
[[nodiscard]] KernelBias kernel_bias(const Node& node);

/// Whether constants[0] is a kernel: what its epilogue's constants do not count.
[[nodiscard]] bool has_kernel(Op op);

}  // namespace halcyon
