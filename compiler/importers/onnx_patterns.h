#pragma once

#include "importers/onnx_builder.h"

namespace halcyon::importers {

/// What exporters write as several operators and a person as one activation: x * sigmoid(x), 0.5 * x * (1 + erf(x / sqrt(2))),
/// relu6(x + 3) / 6, x * hard_sigmoid(x), x * tanh(softplus(x)). Gives the activation instead of the product where `value` is
/// the end of one, else `value`.
[[nodiscard]] int recognized(OnnxBuilder& builder, int value);

/// (x - mean) / sqrt(variance + epsilon), as PyTorch's exporter wrote LayerNormalization before version 17 had it: that layer,
/// without a scale and an offset, instead of the quotient `value`, else `value`.
[[nodiscard]] int normalized(OnnxBuilder& builder, int value);

/// The activation of that name, as a layer of its own where Keras has one.
[[nodiscard]] int activation(OnnxBuilder& builder, std::string_view name, int value);

}  // namespace halcyon::importers
