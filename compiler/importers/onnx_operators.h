#pragma once

#include <vector>

#include "importers/onnx_call.h"

namespace halcyon::importers {

// The operators that are known, a family a file. What a function does not find in the text of its node is the default of
// ONNX's own definition, github.com/onnx/onnx/blob/main/docs/Operators.md.

[[nodiscard]] const std::vector<OnnxOperator>& onnx_convolutions();
[[nodiscard]] const std::vector<OnnxOperator>& onnx_pools();
[[nodiscard]] const std::vector<OnnxOperator>& onnx_activations();
[[nodiscard]] const std::vector<OnnxOperator>& onnx_arithmetic();
[[nodiscard]] const std::vector<OnnxOperator>& onnx_products();
[[nodiscard]] const std::vector<OnnxOperator>& onnx_normalizations();
[[nodiscard]] const std::vector<OnnxOperator>& onnx_reductions();
[[nodiscard]] const std::vector<OnnxOperator>& onnx_moves();
[[nodiscard]] const std::vector<OnnxOperator>& onnx_resizes();

}  // namespace halcyon::importers
