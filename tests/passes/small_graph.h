#pragma once

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "graph/graph.h"

namespace halcyon::testing {

/// Builds operation graphs by hand, one node at a time; every node's name is its own.
class SmallGraph {
public:
    SmallGraph() {
        graph.name = "g";
        graph.lowered = true;
    }

    NodeId door(const std::string& name, const Shape& shape, ElementType element = ElementType::float32) {
        const NodeId id = add(name, {.op = Op::input}, {}, shape);
        graph.nodes.back().type.element = element;
        graph.nodes.back().operand_count = 0;
        graph.inputs.push_back(id);
        return id;
    }

    NodeId add(const std::string& name, Operation operation, const std::vector<NodeId>& inputs, const Shape& shape,
               ScalarExpr epilogue = ScalarExpr::input(0), std::vector<ConstantExpr> constants = {}) {
        Node node;
        node.name = name;
        node.members = {name};
        node.layer = &layer_;
        node.inputs = inputs;
        node.operand_count = static_cast<int>(inputs.size());
        node.operation = std::move(operation);
        node.type = {ElementType::float32, shape};
        node.epilogue = std::move(epilogue);
        node.constants = std::move(constants);
        graph.nodes.push_back(std::move(node));
        return static_cast<NodeId>(graph.nodes.size()) - 1;
    }

    NodeId elementwise(const std::string& name, ScalarExpr expr, const std::vector<NodeId>& inputs, const Shape& shape,
                       std::vector<ConstantExpr> constants = {}) {
        return add(name, {.op = Op::elementwise}, inputs, shape, std::move(expr), std::move(constants));
    }
    NodeId transpose(const std::string& name, NodeId input, std::vector<int> axes, const Shape& shape) {
        return add(name, {.op = Op::transpose, .axes = std::move(axes)}, {input}, shape);
    }
    NodeId reshape(const std::string& name, NodeId input, const Shape& shape) {
        return add(name, {.op = Op::reshape}, {input}, shape);
    }
    NodeId slice(const std::string& name, NodeId input, std::vector<std::int64_t> begin, std::vector<std::int64_t> step,
                 const Shape& shape) {
        return add(name, {.op = Op::slice, .begin = std::move(begin), .step = std::move(step)}, {input}, shape);
    }
    NodeId concatenate(const std::string& name, const std::vector<NodeId>& inputs, int axis, const Shape& shape) {
        return add(name, {.op = Op::concatenate, .axes = {axis}}, inputs, shape);
    }
    /// A 1x1 convolution with a bias, of an image with `shape`.
    NodeId convolution(const std::string& name, NodeId input, const Shape& shape, Window window = one_by_one()) {
        const Shape& in = graph.nodes[static_cast<std::size_t>(input)].type.shape;
        const ConstantExpr kernel =
            ConstantExpr::weight(name + "/kernel", {window.size[0], window.size[1], in.back(), shape.back()});
        const ConstantExpr bias = ConstantExpr::weight(name + "/bias", {shape.back()});
        return add(name, {.op = Op::convolution, .window = std::move(window)}, {input}, shape,
                   ScalarExpr::input(0) + ScalarExpr::constant(1), {kernel, bias});
    }
    NodeId dense(const std::string& name, NodeId input, std::int64_t units) {
        const Shape& in = graph.nodes[static_cast<std::size_t>(input)].type.shape;
        Shape out = in;
        out.back() = units;
        return add(name, {.op = Op::dense}, {input}, out, ScalarExpr::input(0),
                   {ConstantExpr::weight(name + "/kernel", {in.back(), units})});
    }
    void output(const std::string& name, NodeId id) { graph.outputs.push_back({name, id}); }

    static Window one_by_one() { return {{1, 1}, {1, 1}, {1, 1}, {0, 0}, {0, 0}}; }
    static Window three_by_three(std::int64_t pad) { return {{3, 3}, {1, 1}, {1, 1}, {pad, pad}, {pad, pad}}; }

    Graph graph;

private:
    inline static const LayerDef layer_{.name = "Test", .doc = ""};
};

/// The graph after a pass; CHECKs that pass kept it consistent.
template <typename Pass>
[[nodiscard]] std::string after(Pass pass, const SmallGraph& small) {
    verify(small.graph);
    const Graph result = pass(small.graph);
    verify(result);
    return to_text(result);
}

}  // namespace halcyon::testing
