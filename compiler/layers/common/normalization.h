#pragma once

#include "graph/layer_def.h"

namespace halcyon {

// What layers share that normalize over axes; the attribute `axis` is one axis or several, counted with the batch as 0.

[[nodiscard]] ArgumentDef axes_argument();
/// Whether the input has all axes and none stands twice; reports if not.
[[nodiscard]] bool has_axes(const LayerCall& call);
/// In Keras's order: sorted as they were written, so that -1 comes before 1.
[[nodiscard]] std::vector<int> sorted_axes(const Attributes& attributes, int rank);
/// Weights over those axes: their extents in that order.
[[nodiscard]] Shape extents_of(const std::vector<int>& axes, const Shape& input);
/// Ones but for those axes: how Keras lays such weights out against the input.
[[nodiscard]] Shape ones_but(const std::vector<int>& axes, const Shape& input);
/// Ones at those axes.
[[nodiscard]] Shape ones_at(const std::vector<int>& axes, Shape shape);

/// The mean over axes, which stay with extent 1; `sum` leaves out the division.
[[nodiscard]] Array mean_over(const Array& array, const std::vector<int>& axes, bool sum = false);
/// Op::reduce_mean or reduce_sum of a value, axes kept, then the expression.
int lower_reduction(Lowering& lowering, Op op, int value, const std::vector<int>& axes, ScalarExpr epilogue);

/// (x - y)^2
[[nodiscard]] ScalarExpr squared_distance();
/// 1 / sqrt(x + epsilon)
[[nodiscard]] ScalarExpr inverse_deviation(double epsilon);

}  // namespace halcyon
