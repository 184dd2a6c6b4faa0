#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "graph/graph.h"

namespace halcyon {

/// Gives a named weight in double precision; shapes have been checked.
using WeightSource = std::function<Array(const std::string& name)>;

/// The double-precision reference: every value of an elaborated (not lowered) graph, for one item, in plain loops.
/// `inputs` by order of graph.inputs, shapes as their types.
[[nodiscard]] std::vector<Array> evaluate(const Graph& graph, const WeightSource& weights,
                                          const std::vector<Array>& inputs);

/// One layer alone.
[[nodiscard]] Array evaluate_layer(const LayerDef& layer, const Attributes& attributes, const TensorType& output,
                                   std::span<const Array> weights, std::span<const Array> inputs);

/// The numbers an initializer gives (Keras's formulas for fan_in, fan_out and limits), from a generator seeded with `seed`
/// and the weight's name, so that the order of layers does not matter. Rounded to float32.
[[nodiscard]] Array initialize(const Weight& weight, std::uint64_t seed);

}  // namespace halcyon
