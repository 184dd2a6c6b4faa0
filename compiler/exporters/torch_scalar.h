#pragma once

#include <optional>
#include <string>
#include <vector>

#include "exporters/torch_network.h"
#include "graph/scalar_expr.h"

namespace halcyon {

/// A number as Python has it: 0.5, 1 / 255, float("inf").
[[nodiscard]] std::string torch_number(double number);

/// The module that computes this function of one tensor, nn.ReLU() for max(x, 0), if PyTorch has one.
[[nodiscard]] std::optional<TorchModule> activation_module(const ScalarExpr& expr);

/// An expression of PyTorch's: of tensors "{0}", "{1}", ... for input(0), input(1), ..., and of what `constants` says
/// for constant(0), constant(1), ....
[[nodiscard]] std::string torch_expression(const ScalarExpr& expr, const std::vector<std::string>& inputs,
                                           const std::vector<std::string>& constants);

}  // namespace halcyon
