#pragma once

#include <string>
#include <vector>

#include "graph/graph.h"

namespace halcyon {

/// A layer with weights, as Keras would list it: shared layers once.
struct GraphLayer {
    std::string name;        ///< "conv2d_1"
    std::string class_name;  ///< in snake case: "conv2d"
    std::vector<Weight> weights;
};

/// The layers that have weights in the order of Keras's `model.layers`: by decreasing distance from the outputs, equally
/// distant ones as a walk from the outputs back to the inputs meets them (map_graph in keras/src/ops/function.py).
[[nodiscard]] std::vector<GraphLayer> keras_order(const Graph& graph);

}  // namespace halcyon
