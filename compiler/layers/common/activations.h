#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "graph/scalar_expr.h"

namespace halcyon {

/// Keras 3's activations with its constants: each a function of `x`, which may stand in it more than once.
namespace activations {
[[nodiscard]] ScalarExpr sigmoid(const ScalarExpr& x);
[[nodiscard]] ScalarExpr elu(const ScalarExpr& x, double alpha);
[[nodiscard]] ScalarExpr gelu(const ScalarExpr& x, bool approximate);
/// negative_slope at least 0.
[[nodiscard]] ScalarExpr leaky_relu(const ScalarExpr& x, double negative_slope);
/// Keras's relu in full: clipped to [0, max_value], 0 below the threshold, and negative_slope * (x - threshold) there.
[[nodiscard]] ScalarExpr relu(const ScalarExpr& x, std::optional<double> max_value, double negative_slope,
                              double threshold);
}  // namespace activations

/// The activation of that name at input(0); nothing for "softmax", which is none of single elements, and unknown names.
[[nodiscard]] std::optional<ScalarExpr> scalar_activation(std::string_view name);

/// The name as Keras stores it: "swish" -> "silu"; empty when there is no such activation.
[[nodiscard]] std::string_view canonical_activation(std::string_view name);

/// All names, aliases too, "softmax" among them.
[[nodiscard]] const std::vector<std::string_view>& activation_names();

}  // namespace halcyon
