#pragma once

#include <string>
#include <vector>

#include "graph/layer_def.h"

namespace halcyon {

using NodeId = int;  ///< index into Graph::nodes

/// A weight with its full name, "conv2d_1/kernel".
struct Weight {
    std::string name;
    Shape shape;
    Value initializer;
};

/// Which value of the elaborated graph a node computes, perhaps with its axes in another order: this value's axis i is
/// the original's axis axes[i] (empty: the same order). `node` is -1 for values that have no counterpart.
struct Origin {
    NodeId node = -1;
    std::vector<int> axes;
    std::int64_t first_row = -1;  ///< of a band of the value: its first index along the node's axis 0; -1: all of it
    [[nodiscard]] bool is_band() const { return first_row >= 0; }
};

/// One value and how it is computed. A layer at first; from lower_layers on an operation with an epilogue.
struct Node {
    std::string name;       ///< the layer's name as Keras would say it; two calls of one layer share it
    const LayerDef* layer;  ///< kept after lowering, for messages
    Attributes attributes;
    std::vector<NodeId> inputs;
    TensorType type;
    Span span;  ///< the call in the spec
    std::vector<Weight> weights;
    Origin origin;
    std::vector<std::string> members;  ///< names of all layers computed here, in order: more than one after fusion

    // From lower_layers on:
    Operation operation;
    std::vector<ConstantExpr> constants;
    /// input(0) is the operation's result (for Op::elementwise: inputs[0]); input(i), i > 0, is operand
    /// inputs[operand_count + i - 1] (for Op::elementwise: inputs[i]). constant(k) is constants[k].
    ScalarExpr epilogue = ScalarExpr::input(0);
    /// Applied to each element of inputs[0] as it is read, before any padding: Rescaling next to a door. input(0) alone;
    /// constant(k) is constants[k], broadcast over inputs[0]'s shape.
    ScalarExpr prologue = ScalarExpr::input(0);
    /// How many of `inputs` belong to the operation itself; the others are the epilogue's.
    int operand_count = 1;
};

struct Graph {
    struct Output {
        std::string name;
        NodeId node;
    };
    std::string name;  ///< the model's; a C identifier
    std::string doc;   ///< the model's docstring
    Span span;
    std::vector<Node> nodes;  ///< in topological order: inputs come before their users
    std::vector<NodeId> inputs;
    std::vector<Output> outputs;
    bool lowered = false;
};

/// How often each node is used: by other nodes and as an output.
[[nodiscard]] std::vector<int> use_counts(const Graph& graph);

/// Every distinct weight in order of first use.
[[nodiscard]] std::vector<Weight> weights_of(const Graph& graph);

/// Internal consistency (topological order, types, counts); CHECK_INTERNAL, run after every stage.
void verify(const Graph& graph);

/// One node a line, e.g. "%3 conv2d: Conv2D(filters=8, ...)(%2) -> float32[8, 8, 8]"; after lowering the operation, window,
/// constants and epilogue instead.
[[nodiscard]] std::string to_text(const Graph& graph);

}  // namespace halcyon
