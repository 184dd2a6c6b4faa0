#include "exporters/onnx_images.h"

#include <algorithm>
#include <functional>
#include <limits>

namespace halcyon {
namespace {

using Numbers = std::vector<std::int64_t>;

Numbers joined(const Numbers& first, const Numbers& second) {
    Numbers both = first;
    both.insert(both.end(), second.begin(), second.end());
    return both;
}

bool any_above_zero(const Numbers& numbers) {
    return std::any_of(numbers.begin(), numbers.end(), [](std::int64_t number) { return number > 0; });
}

/// [window..., a, b] -> [b, a, window...].
std::vector<int> kernel_axes(const ConstantExpr& kernel) {
    const int rank = static_cast<int>(kernel.shape().size());
    std::vector<int> axes{rank - 1, rank - 2};
    for (int i = 0; i < rank - 2; ++i) axes.push_back(i);
    return axes;
}

OnnxAttributes window_attributes(const Window& window) {
    OnnxAttributes attributes{{"kernel_shape", window.size}, {"strides", window.stride}};
    if (std::any_of(window.dilation.begin(), window.dilation.end(), [](std::int64_t d) { return d != 1; }))
        attributes.emplace_back("dilations", window.dilation);
    return attributes;
}

void add_groups(OnnxAttributes& attributes, std::int64_t groups) {
    if (groups != 1) attributes.emplace_back("group", groups);
}

std::string write_sums(OnnxWriter& writer, NodeId id, std::string_view op, const ConstantExpr& kernel,
                       const ConstantExpr* bias, OnnxAttributes attributes) {
    const Node& node = writer.node(id);
    const NodeId input = node.inputs[0];
    const AxisOrder order = channels_first_order(writer.node(input).type.rank());
    std::vector<std::string> inputs{writer.in_order(input, order), writer.constant(kernel, node.name, "kernel")};
    if (bias != nullptr) inputs.push_back(writer.constant(*bias, node.name, "bias"));
    return writer.add(op, node.name, std::move(inputs), std::move(attributes));
}

/// Whether no element of the value is negative: a clipped one's.
bool is_never_negative(const Node& node) {
    const auto at_least_zero = [](const ScalarExpr& e) { return e.op() == ScalarOp::number && e.number() >= 0.0; };
    const std::function<bool(const ScalarExpr&)> visit = [&](const ScalarExpr& e) -> bool {
        if (at_least_zero(e)) return true;
        if (e.op() == ScalarOp::maximum) return visit(e.operands()[0]) || visit(e.operands()[1]);
        return e.op() == ScalarOp::minimum && visit(e.operands()[0]) && visit(e.operands()[1]);
    };
    return visit(node.epilogue);
}

/// Pads that a pooling node of ONNX takes: smaller than the window.
bool are_small(const Window& window) {
    for (std::size_t i = 0; i < window.size.size(); ++i) {
        if (std::max(window.pad_before[i], window.pad_after[i]) >= window.size[i]) return false;
    }
    return true;
}

std::string write_max_pool(OnnxWriter& writer, const Node& node, std::string value, const AxisOrder& order) {
    const Window& window = node.operation.window;
    OnnxAttributes attributes = window_attributes(window);
    const Node& input = writer.node(node.inputs[0]);
    // Where nothing is below 0, zeros outside and the lowest values outside give the same, and the latter cost nothing.
    const bool zeros_do_not_matter = node.operation.pad_value == 0.0 && is_never_negative(input);
    if (are_small(window) && (!node.operation.has_pad_value || zeros_do_not_matter)) {
        attributes.emplace_back("pads", joined(window.pad_before, window.pad_after));
    } else {
        const double outside =
            node.operation.has_pad_value ? node.operation.pad_value : -std::numeric_limits<float>::max();
        Numbers before = window.pad_before, after = window.pad_after;
        before.push_back(0);
        after.push_back(0);
        value = write_pad(writer, node.name, value, order, input.type.shape, before, after, outside);
    }
    return writer.add("MaxPool", node.name, {value}, std::move(attributes));
}

/// Which input element the nearest one is, for each along an axis.
Numbers nearest_elements(std::int64_t in, std::int64_t out) {
    Numbers elements;
    for (std::int64_t o = 0; o < out; ++o) elements.push_back(std::min((2 * o + 1) * in / (2 * out), in - 1));
    return elements;
}

}  // namespace

std::string write_convolution(OnnxWriter& writer, NodeId id, const ConstantExpr* bias) {
    const Node& node = writer.node(id);
    const Window& window = node.operation.window;
    const ConstantExpr kernel = node.constants[0].transposed(kernel_axes(node.constants[0]));
    OnnxAttributes attributes = window_attributes(window);
    add_groups(attributes, node.operation.groups);
    if (node.operation.op == Op::convolution) {
        attributes.emplace_back("pads", joined(window.pad_before, window.pad_after));
        return write_sums(writer, id, "Conv", kernel, bias, std::move(attributes));
    }
    // Less than nothing cut off at the end is more than all sums: ONNX's output_padding.
    Numbers cut = window.pad_after, further = window.pad_after;
    for (std::int64_t& pad : cut) pad = std::max<std::int64_t>(pad, 0);
    for (std::int64_t& pad : further) pad = std::max<std::int64_t>(-pad, 0);
    attributes.emplace_back("pads", joined(window.pad_before, cut));
    if (any_above_zero(further)) attributes.emplace_back("output_padding", further);
    return write_sums(writer, id, "ConvTranspose", kernel, bias, std::move(attributes));
}

std::string write_dense_on_image(OnnxWriter& writer, NodeId id, const ConstantExpr* bias) {
    const ConstantExpr& kernel = writer.node(id).constants[0];  // [n, units]
    const Numbers ones(writer.shape_of(id).size() - 1, 1);
    return write_sums(writer, id, "Conv",
                      kernel.transposed({1, 0}).reshaped(joined({kernel.shape()[1], kernel.shape()[0]}, ones)), bias,
                      {{"kernel_shape", ones}});
}

std::string write_pool(OnnxWriter& writer, NodeId id) {
    const Node& node = writer.node(id);
    const Window& window = node.operation.window;
    const AxisOrder order = channels_first_order(node.type.rank());
    const std::string value = writer.in_order(node.inputs[0], order);
    if (node.operation.op == Op::max_pool) return write_max_pool(writer, node, value, order);
    OnnxAttributes attributes = window_attributes(window);
    attributes.emplace_back("pads", joined(window.pad_before, window.pad_after));
    attributes.emplace_back("count_include_pad", std::int64_t{0});
    return writer.add("AveragePool", node.name, {value}, std::move(attributes));
}

std::string write_resize(OnnxWriter& writer, NodeId id) {
    const Node& node = writer.node(id);
    const AxisOrder order = channels_first_order(node.type.rank());
    const Shape& from = writer.shape_of(node.inputs[0]);
    const Shape& to = node.type.shape;
    std::string value = writer.in_order(node.inputs[0], order);
    Shape extents;
    for (int axis : order) extents.push_back(to[static_cast<std::size_t>(axis)]);
    const bool linear = node.operation.op == Op::resize_bilinear;
    bool whole_multiples = true;
    for (std::size_t axis = 0; axis < to.size(); ++axis) whole_multiples &= to[axis] % from[axis] == 0;
    if (linear || whole_multiples) {
        OnnxAttributes attributes{{"mode", linear ? "linear" : "nearest"},
                                  {"coordinate_transformation_mode", "half_pixel"}};
        if (!linear) attributes.emplace_back("nearest_mode", "round_prefer_ceil");
        const std::string sizes = writer.integers(node.name + "/sizes", writer.with_batch(extents));
        return writer.add("Resize", node.name, {value, "", "", sizes}, std::move(attributes));
    }
    // Otherwise runtimes, which compute places in float32, do not agree on which element is the nearest.
    for (std::size_t axis = 0; axis + 1 < to.size(); ++axis) {
        if (to[axis] == from[axis]) continue;
        const std::string elements = writer.integers(node.name + "/elements", nearest_elements(from[axis], to[axis]));
        value = writer.add("Gather", node.name, {value, elements}, {{"axis", static_cast<std::int64_t>(axis) + 2}});
    }
    return value;
}

std::string write_pad(OnnxWriter& writer, const std::string& layer, std::string value, const AxisOrder& order,
                      const Shape& shape, Numbers before, Numbers after, double outside) {
    Numbers axes, starts, ends, pads_before{0}, pads_after{0};
    for (std::size_t i = 0; i < order.size(); ++i) {
        const auto axis = static_cast<std::size_t>(order[i]);
        if (before[axis] < 0 || after[axis] < 0) {
            axes.push_back(static_cast<std::int64_t>(i) + 1);
            starts.push_back(std::max<std::int64_t>(-before[axis], 0));
            ends.push_back(shape[axis] - std::max<std::int64_t>(-after[axis], 0));
        }
        pads_before.push_back(std::max<std::int64_t>(before[axis], 0));
        pads_after.push_back(std::max<std::int64_t>(after[axis], 0));
    }
    if (!axes.empty()) {
        value = writer.add("Slice", layer + "/Slice",
                           {value, writer.integers(layer + "/starts", starts), writer.integers(layer + "/ends", ends),
                            writer.integers(layer + "/axes", axes)});
    }
    const Numbers pads = joined(pads_before, pads_after);
    if (!any_above_zero(pads)) return value;
    return writer.add("Pad", layer + "/Pad", {value, writer.integers(layer + "/pads", pads), writer.number(outside)});
}

}  // namespace halcyon
