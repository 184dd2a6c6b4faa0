#pragma once

#include <cstddef>
#include <vector>

namespace halcyon {

/// The order in which an exported value has the axes of a value of the graph, after the batch: its axis i + 1 is the
/// value's axis order[i]. Halcyon has channels last; what ONNX and PyTorch compute on images has them first.
using AxisOrder = std::vector<int>;

[[nodiscard]] AxisOrder own_order(int rank);
[[nodiscard]] AxisOrder channels_first_order(int rank);
/// Where the order has the axis.
[[nodiscard]] std::size_t position_of(const AxisOrder& order, int axis);
/// What is there already, its axes called otherwise: after a transpose whose axis i was axes[i].
[[nodiscard]] AxisOrder order_after_transpose(const AxisOrder& order, const std::vector<int>& axes);

}  // namespace halcyon
