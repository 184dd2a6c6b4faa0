#pragma once

#include <limits>
#include <string>
#include <vector>

#include "commands/common/hypothesis.h"
#include "graph/evaluate.h"

namespace halcyon {

/// What every layer should give for one item, as far as it is known.
struct ExpectedValues {
    std::vector<Array> inputs;  ///< what the model was given, by order of graph.inputs
    std::vector<Array> values;  ///< per node: what was expected or, where nothing was, what follows from that
    std::vector<bool> given;    ///< per node: it was expected
    /// What was expected of a node for every item of the batch; nothing where it was not expected.
    std::function<std::vector<Array>(NodeId)> items_of;
    std::vector<NamedArray> further;  ///< arrays of the same origin that are no layer's of the spec
};

/// Why a layer differs, found by trying.
struct Explanation {
    std::string cause;  ///< empty: nothing explains it
    NodeId node = -1;   ///< where the mistake is: the layer, or one before it of which nothing is known
    double error = std::numeric_limits<double>::infinity();  ///< what is left without the mistake
    int tried = 0;
    bool all_tried = true;  ///< else there were more ideas than time
};

/// Computes the layer, from its inputs as they were expected, under every hypothesis until one gives `expected` (of one item;
/// its shape may be another than the layer's). Layers before it of which nothing is known are suspects like itself.
/// `limit` is the relative error up to which numbers agree.
[[nodiscard]] Explanation explain_difference(const Graph& layers, const WeightSource& weights,
                                             const ExpectedValues& known, NodeId target, const Array& expected,
                                             double limit);

}  // namespace halcyon
