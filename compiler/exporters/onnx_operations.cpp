#include "exporters/onnx_operations.h"

#include <algorithm>

#include "exporters/kernel_bias.h"
#include "exporters/onnx_images.h"
#include "exporters/onnx_scalar.h"
#include "passes/common.h"
#include "support/check.h"

namespace halcyon {
namespace {

using Numbers = std::vector<std::int64_t>;

std::vector<NodeId> operands_of(const Node& node) {
    return {node.inputs.begin(), node.inputs.begin() + node.operand_count};
}

/// The order for operations that take any: the one that most work happens in is the one that is not the graph's own.
AxisOrder common_order(const OnnxWriter& writer, const std::vector<NodeId>& operands, int rank) {
    const AxisOrder own = own_order(rank);
    for (NodeId operand : operands) {
        const AxisOrder order = writer.order_of(operand);
        if (writer.node(operand).type.rank() == rank && order != own) return order;
    }
    return own;
}

/// A result before its epilogue.
struct Result {
    std::string value;
    AxisOrder order;
};

/// Constants with the axes of a value in this order.
std::vector<ConstantExpr> constants_in_order(const Node& node, const AxisOrder& order) {
    std::vector<ConstantExpr> constants = node.constants;
    if (order == own_order(static_cast<int>(order.size()))) return constants;
    for (std::size_t k = has_kernel(node.operation.op) ? 1 : 0; k < constants.size(); ++k)
        constants[k] = transposed_constant(constants[k], order);
    return constants;
}

/// What the operands of an elementwise operation broadcast to; its own shape may be larger still.
Shape operands_shape(const OnnxWriter& writer, const Node& node) {
    Shape shape;
    for (NodeId input : node.inputs) shape = *broadcast(shape, writer.shape_of(input));
    for (const ConstantExpr& constant : node.constants) shape = *broadcast(shape, constant.shape());
    return shape;
}

std::string write_epilogue(OnnxWriter& writer, NodeId id, const ScalarExpr& epilogue, const Result& result) {
    const Node& node = writer.node(id);
    const bool elementwise = node.operation.op == Op::elementwise;
    OnnxOperands operands;
    operands.layer = node.name;
    operands.rank = node.type.rank();
    if (!elementwise) operands.inputs.push_back(result.value);
    const std::size_t others = elementwise ? 0 : static_cast<std::size_t>(node.operand_count);
    for (std::size_t i = others; i < node.inputs.size(); ++i)
        operands.inputs.push_back(writer.broadcast_in_order(node.inputs[i], result.order));
    operands.constants = constants_in_order(node, result.order);
    const bool whole = !elementwise || writer.shape_of(node.inputs[0]) == node.type.shape;
    if (whole && !result.order.empty() && result.order == channels_first_order(node.type.rank()))
        operands.channels = node.type.shape.back();
    std::string value = write_scalar(writer, epilogue, operands);
    if (!elementwise || operands_shape(writer, node) == node.type.shape) return value;
    const std::string shape =
        writer.integers(node.name + "/shape", writer.with_batch(permuted(node.type.shape, result.order)));
    return writer.add("Expand", node.name + "/Expand", {value, shape});
}

Result write_dense(OnnxWriter& writer, NodeId id, const ConstantExpr* bias) {
    const Node& node = writer.node(id);
    const int rank = node.type.rank();
    const AxisOrder first = channels_first_order(rank);
    if (rank > 1 && rank <= 4 && writer.order_of(node.inputs[0]) == first)
        return {write_dense_on_image(writer, id, bias), first};
    const AxisOrder own = own_order(rank);
    std::vector<std::string> inputs{writer.in_order(node.inputs[0], own),
                                    writer.constant(node.constants[0], node.name, "kernel")};
    if (rank == 1 && bias != nullptr) {
        inputs.push_back(writer.constant(*bias, node.name, "bias"));
        return {writer.add("Gemm", node.name, std::move(inputs)), own};
    }
    std::string value = writer.add("MatMul", node.name, std::move(inputs));
    if (bias != nullptr)
        value = writer.add("Add", node.name + "/Add", {value, writer.constant(*bias, node.name, "bias")});
    return {std::move(value), own};
}

Result write_reduction(OnnxWriter& writer, NodeId id) {
    const Node& node = writer.node(id);
    const NodeId input = node.inputs[0];
    const int rank = writer.node(input).type.rank();
    const AxisOrder order = writer.order_of(input);
    const std::string value = writer.in_order(input, order);
    const bool kept = node.type.rank() == rank;
    const auto is_reduced = [&](int axis) {
        return std::find(node.operation.axes.begin(), node.operation.axes.end(), axis) != node.operation.axes.end();
    };
    AxisOrder left;
    Numbers axes;
    for (std::size_t i = 0; i < order.size(); ++i) {
        if (is_reduced(order[i])) axes.push_back(static_cast<std::int64_t>(i) + 1);
        if (kept || !is_reduced(order[i])) left.push_back(order[i]);
    }
    if (!kept) {
        AxisOrder sorted_axes = left;
        std::sort(sorted_axes.begin(), sorted_axes.end());
        for (int& axis : left) axis = static_cast<int>(position_of(sorted_axes, axis));
    }

    const Op op = node.operation.op;
    const bool over_image = rank > 1 && rank <= 4 && order == channels_first_order(rank) &&
                            static_cast<int>(axes.size()) == rank - 1 && !is_reduced(rank - 1);
    if (over_image && (op == Op::reduce_mean || op == Op::reduce_max)) {
        const char* const pool = op == Op::reduce_mean ? "GlobalAveragePool" : "GlobalMaxPool";
        const std::string pooled = writer.add(pool, node.name, {value});
        if (kept) return {pooled, left};
        return {writer.add("Flatten", node.name + "/Flatten", {pooled}, {{"axis", std::int64_t{1}}}), left};
    }
    const OnnxAttribute keep = std::int64_t{kept ? 1 : 0};
    // Only the sum takes its axes as an input in operator set 17.
    if (op == Op::reduce_sum) {
        const std::string list = writer.integers(node.name + "/axes", axes);
        return {writer.add("ReduceSum", node.name, {value, list}, {{"keepdims", keep}}), left};
    }
    const char* const name = op == Op::reduce_mean ? "ReduceMean" : op == Op::reduce_max ? "ReduceMax" : "ReduceMin";
    return {writer.add(name, node.name, {value}, {{"axes", axes}, {"keepdims", keep}}), left};
}

Result write_concatenation(OnnxWriter& writer, NodeId id) {
    const Node& node = writer.node(id);
    const AxisOrder order = common_order(writer, operands_of(node), node.type.rank());
    std::vector<std::string> inputs;
    for (NodeId input : operands_of(node)) inputs.push_back(writer.in_order(input, order));
    const auto axis = static_cast<std::int64_t>(position_of(order, node.operation.axes[0])) + 1;
    return {writer.add("Concat", node.name, std::move(inputs), {{"axis", axis}}), order};
}

Result write_softmax(OnnxWriter& writer, NodeId id) {
    const Node& node = writer.node(id);
    const AxisOrder order = writer.order_of(node.inputs[0]);
    const auto axis = static_cast<std::int64_t>(position_of(order, node.operation.axes[0])) + 1;
    return {writer.add("Softmax", node.name, {writer.in_order(node.inputs[0], order)}, {{"axis", axis}}), order};
}

Result write_slice(OnnxWriter& writer, NodeId id) {
    const Node& node = writer.node(id);
    const Operation& slice = node.operation;
    const Shape& from = writer.shape_of(node.inputs[0]);
    const AxisOrder order = writer.order_of(node.inputs[0]);
    Numbers axes, starts, ends, steps;
    for (std::size_t i = 0; i < order.size(); ++i) {
        const auto axis = static_cast<std::size_t>(order[i]);
        const std::int64_t extent = node.type.shape[axis];
        if (extent == from[axis] && slice.begin[axis] == 0 && slice.step[axis] == 1) continue;
        axes.push_back(static_cast<std::int64_t>(i) + 1);
        starts.push_back(slice.begin[axis]);
        steps.push_back(slice.step[axis]);
        // Downwards to the first element: ONNX counts a negative end from the back, this one from before it.
        const std::int64_t end = slice.begin[axis] + extent * slice.step[axis];
        ends.push_back(end < 0 ? -from[axis] - 1 : std::min(end, from[axis]));
    }
    const std::string value = writer.in_order(node.inputs[0], order);
    if (axes.empty()) return {value, order};
    return {
        writer.add("Slice", node.name,
                   {value, writer.integers(node.name + "/starts", starts), writer.integers(node.name + "/ends", ends),
                    writer.integers(node.name + "/axes", axes), writer.integers(node.name + "/steps", steps)}),
        order};
}

bool is_vector(const Shape& shape) {
    return std::count_if(shape.begin(), shape.end(), [](std::int64_t extent) { return extent != 1; }) <= 1;
}

Result write_reshape(OnnxWriter& writer, NodeId id) {
    const Node& node = writer.node(id);
    const NodeId input = node.inputs[0];
    const int rank = node.type.rank();
    // Numbers along one axis stay in their order however the axes of extent 1 lie.
    const bool vector = is_vector(writer.shape_of(input)) && is_vector(node.type.shape);
    const AxisOrder from = vector ? writer.order_of(input) : own_order(writer.node(input).type.rank());
    const AxisOrder order = vector ? channels_first_order(rank) : own_order(rank);
    return {writer.reshape(writer.in_order(input, from), node.name, permuted(node.type.shape, order)), order};
}

void write_door(OnnxWriter& writer, NodeId id) {
    const Node& node = writer.node(id);
    std::string value = node.name;
    if (node.type.element != ElementType::float32)
        value = writer.add("Cast", node.name + "/Cast", {value}, {{"to", onnx_element_type(ElementType::float32)}});
    writer.define(id, own_order(node.type.rank()), value);
}

Result write_result(OnnxWriter& writer, NodeId id, const ConstantExpr* bias) {
    const Node& node = writer.node(id);
    const AxisOrder image = channels_first_order(node.type.rank());
    switch (node.operation.op) {
    case Op::convolution:
    case Op::transposed_convolution: return {write_convolution(writer, id, bias), image};
    case Op::dense: return write_dense(writer, id, bias);
    case Op::max_pool:
    case Op::average_pool: return {write_pool(writer, id), image};
    case Op::reduce_mean:
    case Op::reduce_max:
    case Op::reduce_min:
    case Op::reduce_sum: return write_reduction(writer, id);
    case Op::softmax: return write_softmax(writer, id);
    case Op::elementwise: return {"", common_order(writer, node.inputs, node.type.rank())};
    case Op::pad: {
        const AxisOrder order = writer.order_of(node.inputs[0]);
        return {write_pad(writer, node.name, writer.in_order(node.inputs[0], order), order,
                          writer.shape_of(node.inputs[0]), node.operation.pad_before, node.operation.pad_after,
                          node.operation.pad_value),
                order};
    }
    case Op::concatenate: return write_concatenation(writer, id);
    case Op::slice: return write_slice(writer, id);
    case Op::transpose:
        return {writer.in_order(node.inputs[0], writer.order_of(node.inputs[0])),
                order_after_transpose(writer.order_of(node.inputs[0]), node.operation.axes)};
    case Op::reshape: return write_reshape(writer, id);
    case Op::resize_nearest:
    case Op::resize_bilinear: return {write_resize(writer, id), image};
    case Op::input: break;
    }
    internal_error(__FILE__, __LINE__, "an operation that is not exported");
}

}  // namespace

void write_operation(OnnxWriter& writer, NodeId id) {
    const Node& node = writer.node(id);
    CHECK_INTERNAL(node.prologue.is_identity());
    const Op op = node.operation.op;
    if (op == Op::input) return write_door(writer, id);
    const KernelBias bias = has_kernel(op) ? kernel_bias(node) : KernelBias{std::nullopt, node.epilogue};
    const Result result = write_result(writer, id, bias.constant ? &*bias.constant : nullptr);
    const bool done = op != Op::elementwise && bias.rest.is_identity();
    writer.define(id, result.order, done ? result.value : write_epilogue(writer, id, bias.rest, result));
}

}  // namespace halcyon
