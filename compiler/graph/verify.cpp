#include <algorithm>

#include "graph/graph.h"
#include "support/check.h"
#include "support/checked.h"

namespace halcyon {
namespace {

const Node& node_at(const Graph& graph, NodeId id) {
    CHECK_INTERNAL(id >= 0 && id < static_cast<NodeId>(graph.nodes.size()));
    return graph.nodes[static_cast<std::size_t>(id)];
}

void verify_type(const TensorType& type) {
    for (std::int64_t extent : type.shape) CHECK_INTERNAL(extent > 0);
    const std::optional<std::int64_t> count = checked_product(type.shape);
    CHECK_INTERNAL(count && *count <= max_elements);
}

void verify_layer(const Graph& graph, NodeId id) {
    const Node& node = node_at(graph, id);
    const bool door = std::find(graph.inputs.begin(), graph.inputs.end(), id) != graph.inputs.end();
    const int count = static_cast<int>(node.inputs.size());
    CHECK_INTERNAL(door ? count == 0 : count >= node.layer->min_inputs && count <= node.layer->max_inputs);
    for (const Weight& weight : node.weights) {
        CHECK_INTERNAL(!weight.name.empty() && weight.initializer.object() != nullptr);
        verify_type({ElementType::float32, weight.shape});
    }
}

/// The windows of `operation` over `in` give the spatial extents of `out`, or what pooling leaves of them.
void verify_window(const Operation& operation, const Shape& in, const Shape& out) {
    const Window& w = operation.window;
    const std::size_t rank = w.size.size();
    CHECK_INTERNAL(rank >= 1 && in.size() == rank + 1 && out.size() == rank + 1);
    CHECK_INTERNAL(w.stride.size() == rank && w.dilation.size() == rank);
    CHECK_INTERNAL(w.pad_before.size() == rank && w.pad_after.size() == rank);
    CHECK_INTERNAL(operation.pooled.empty() || operation.pooled.size() == rank);
    for (std::size_t i = 0; i < rank; ++i) {
        CHECK_INTERNAL(w.size[i] >= 1 && w.stride[i] >= 1 && w.dilation[i] >= 1);
        CHECK_INTERNAL(w.pad_before[i] >= 0 && w.pad_after[i] >= 0);
        const std::int64_t room = in[i] + w.pad_before[i] + w.pad_after[i] - (w.size[i] - 1) * w.dilation[i] - 1;
        const std::int64_t pooled = operation.pooled.empty() ? 1 : operation.pooled[i];
        CHECK_INTERNAL(pooled >= 1 && room >= 0 && out[i] == (room / w.stride[i] + 1) / pooled);
    }
}

void verify_convolution(const Node& node, const Shape& in, const Shape& out) {
    verify_window(node.operation, in, out);
    CHECK_INTERNAL(!node.constants.empty());
    const std::int64_t groups = node.operation.groups;
    CHECK_INTERNAL(groups >= 1 && in.back() % groups == 0 && out.back() % groups == 0);
    Shape kernel = node.operation.window.size;
    kernel.push_back(in.back() / groups);
    kernel.push_back(out.back());
    CHECK_INTERNAL(node.constants[0].shape() == kernel);
}

void verify_concatenate(const Node& node, const std::vector<const Shape*>& operands) {
    CHECK_INTERNAL(node.operation.axes.size() == 1);
    const auto axis = static_cast<std::size_t>(node.operation.axes[0]);
    Shape joined = *operands[0];
    for (std::size_t i = 1; i < operands.size(); ++i) joined.at(axis) += operands[i]->at(axis);
    CHECK_INTERNAL(joined == node.type.shape);
}

void verify_dense(const Node& node, const Shape& in, const Shape& out) {
    CHECK_INTERNAL(!node.constants.empty() && !in.empty() && in.size() == out.size());
    CHECK_INTERNAL((node.constants[0].shape() == Shape{in.back(), out.back()}));
}

void verify_pad(const Operation& operation, const Shape& in, const Shape& out) {
    CHECK_INTERNAL(operation.pad_before.size() == in.size() && operation.pad_after.size() == in.size());
    CHECK_INTERNAL(out.size() == in.size());
    for (std::size_t i = 0; i < in.size(); ++i) {
        CHECK_INTERNAL(out[i] == in[i] + operation.pad_before[i] + operation.pad_after[i]);
    }
}

void verify_transpose(const Operation& operation, const Shape& in, const Shape& out) {
    CHECK_INTERNAL(operation.axes.size() == in.size() && out.size() == in.size());
    for (std::size_t i = 0; i < in.size(); ++i) {
        CHECK_INTERNAL(out[i] == in.at(static_cast<std::size_t>(operation.axes[i])));
    }
}

void verify_slice(const Operation& operation, const Shape& in, const Shape& out) {
    CHECK_INTERNAL(operation.begin.size() == in.size() && operation.step.size() == in.size());
    CHECK_INTERNAL(out.size() == in.size());
    for (std::size_t i = 0; i < in.size(); ++i) {
        const std::int64_t last = operation.begin[i] + (out[i] - 1) * operation.step[i];
        CHECK_INTERNAL(operation.step[i] != 0 && operation.begin[i] >= 0 && operation.begin[i] < in[i]);
        CHECK_INTERNAL(last >= 0 && last < in[i]);
    }
}

void verify_transposed_convolution(const Node& node, const Shape& in, const Shape& out) {
    const Window& w = node.operation.window;
    CHECK_INTERNAL(in.size() == w.size.size() + 1 && out.size() == in.size() && !node.constants.empty());
    for (std::size_t i = 0; i < w.size.size(); ++i) {
        const std::int64_t whole = (in[i] - 1) * w.stride[i] + (w.size[i] - 1) * w.dilation[i] + 1;
        CHECK_INTERNAL(w.pad_before[i] >= 0 && out[i] == whole - w.pad_before[i] - w.pad_after[i]);
    }
    Shape kernel = w.size;
    kernel.push_back(out.back());
    kernel.push_back(in.back());
    CHECK_INTERNAL(node.constants[0].shape() == kernel && node.operation.groups == 1);
}

void verify_shape(const Node& node, const std::vector<const Shape*>& operands) {
    const Operation& operation = node.operation;
    const Shape& out = node.type.shape;
    CHECK_INTERNAL(operands.empty() == (operation.op == Op::input));
    if (operands.empty()) return;
    const Shape& in = *operands[0];
    switch (operation.op) {
    case Op::convolution: verify_convolution(node, in, out); break;
    case Op::transposed_convolution: verify_transposed_convolution(node, in, out); break;
    case Op::max_pool:
    case Op::average_pool:
        verify_window(operation, in, out);
        CHECK_INTERNAL(in.back() == out.back());
        break;
    case Op::dense: verify_dense(node, in, out); break;
    case Op::pad: verify_pad(operation, in, out); break;
    case Op::transpose: verify_transpose(operation, in, out); break;
    case Op::concatenate: verify_concatenate(node, operands); break;
    case Op::reshape: CHECK_INTERNAL(element_count(in) == element_count(out)); break;
    case Op::slice: verify_slice(operation, in, out); break;
    case Op::resize_nearest:
    case Op::resize_bilinear: CHECK_INTERNAL(in.size() == out.size() && in.back() == out.back()); break;
    case Op::softmax: CHECK_INTERNAL(in == out && operation.axes.size() == 1); break;
    case Op::reduce_mean:
    case Op::reduce_max:
    case Op::reduce_min:
    case Op::reduce_sum: CHECK_INTERNAL(!operation.axes.empty() && out.size() <= in.size()); break;
    case Op::input:
    case Op::elementwise: break;
    }
}

void verify_operation(const Graph& graph, const Node& node) {
    const bool elementwise = node.operation.op == Op::elementwise;
    const int operand_count = node.operation.op == Op::input ? 0 : node.operand_count;
    const int inputs = static_cast<int>(node.inputs.size());
    CHECK_INTERNAL(operand_count <= inputs);
    std::vector<const Shape*> operands;
    for (int i = 0; i < operand_count; ++i) {
        operands.push_back(&node_at(graph, node.inputs[static_cast<std::size_t>(i)]).type.shape);
    }
    verify_shape(node, operands);
    CHECK_INTERNAL(node.epilogue.input_count() <= (elementwise ? inputs : 1 + inputs - operand_count));
    CHECK_INTERNAL(node.epilogue.constant_count() <= static_cast<int>(node.constants.size()));
    CHECK_INTERNAL(node.prologue.input_count() <= 1);
    CHECK_INTERNAL(node.prologue.constant_count() <= static_cast<int>(node.constants.size()));
    for (int i = elementwise ? 0 : operand_count; i < inputs; ++i) {
        const Shape& operand = node_at(graph, node.inputs[static_cast<std::size_t>(i)]).type.shape;
        CHECK_INTERNAL(broadcast(operand, node.type.shape) == node.type.shape);
    }
}

}  // namespace

void verify(const Graph& graph) {
    for (NodeId id = 0; id < static_cast<NodeId>(graph.nodes.size()); ++id) {
        const Node& node = node_at(graph, id);
        CHECK_INTERNAL(node.layer != nullptr);
        for (NodeId input : node.inputs) CHECK_INTERNAL(input >= 0 && input < id);
        verify_type(node.type);
        if (graph.lowered) {
            verify_operation(graph, node);
        } else {
            verify_layer(graph, id);
        }
    }
    for (NodeId input : graph.inputs) CHECK_INTERNAL(node_at(graph, input).inputs.empty());
    for (const Graph::Output& output : graph.outputs) {
        CHECK_INTERNAL(!output.name.empty());
        static_cast<void>(node_at(graph, output.node));
    }
}

}  // namespace halcyon
