#pragma once

#include "graph/layer_def.h"

namespace halcyon {

// What convolutions and Dense do to their sums: add a bias per channel, then an activation. Arrays are channels last.

/// The reference. `axis` is the one that softmax goes over, counted from the end.
void add_bias_and_activate(Array& array, const Array* bias, const std::string& activation, int axis = -1);

/// The operation on value `input` with constants {kernel, bias} and its epilogue; softmax becomes an operation of its own.
/// The bias, if the attributes say so, is weight number `bias`. Reads the attributes `activation` and `activation_axis`
/// (see activated_channels_last). Returns the number of the result.
int lower_with_epilogue(Lowering& lowering, Operation operation, ConstantExpr kernel, Shape shape, int input = 0,
                        std::size_t bias = 1);

/// as_channels_last for layers with an activation: Keras's softmax goes over the last axis also of [C, spatial...],
/// which is the last spatial axis then.
[[nodiscard]] Attributes activated_channels_last(const Attributes& attributes, int rank);

/// Softmax over one axis.
[[nodiscard]] Array softmax_over(const Array& array, int axis);

/// A softmax operation on a value over one axis of its shape.
int lower_softmax(Lowering& lowering, int value, int axis);

}  // namespace halcyon
