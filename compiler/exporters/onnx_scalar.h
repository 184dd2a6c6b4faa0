#pragma once

#include <string>
#include <vector>

#include "exporters/onnx_writer.h"

namespace halcyon {

/// What a scalar expression stands over: ONNX values for its inputs, constants with the same axes.
struct OnnxOperands {
    std::string layer;
    std::vector<std::string> inputs;
    std::vector<ConstantExpr> constants;
    int rank = 0;               ///< of the result, without the batch
    std::int64_t channels = 0;  ///< of input 0, where they follow the batch and it has the result's shape; else 0
};

/// Adds the nodes that compute the expression, at least one of whose inputs counts. Whole activations become the nodes
/// that ONNX has for them, which runtimes fuse; the rest is arithmetic.
[[nodiscard]] std::string write_scalar(OnnxWriter& writer, const ScalarExpr& expr, const OnnxOperands& operands);

}  // namespace halcyon
