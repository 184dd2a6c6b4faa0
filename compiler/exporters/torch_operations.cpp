#include "exporters/torch_operations.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "exporters/kernel_bias.h"
#include "exporters/torch_scalar.h"
#include "passes/common.h"
#include "support/check.h"

namespace halcyon {
namespace {

using Numbers = std::vector<std::int64_t>;
using Tensor = TorchBuilder::Tensor;

bool all_zero(const Numbers& numbers) {
    return std::all_of(numbers.begin(), numbers.end(), [](std::int64_t n) { return n == 0; });
}

/// The order for operations that take any: the one that most work happens in is the one that is not the graph's own.
AxisOrder common_order(const TorchBuilder& builder, const std::vector<Tensor>& inputs, int rank) {
    for (Tensor input : inputs) {
        AxisOrder order = builder.order_of(input);
        if (builder.rank_of(input) == rank && order != own_order(rank)) return order;
    }
    return own_order(rank);
}

/// Pads of the spatial axes that a module can have: the same before and after, and at most `most` of them.
bool fits_module(const Numbers& before, const Numbers& after, const Numbers& most) {
    bool fits = before == after;
    for (std::size_t i = 0; i < before.size(); ++i) fits = fits && before[i] <= most[i];
    return fits;
}

Shape with_channels(Numbers spatial) {
    spatial.push_back(0);
    return spatial;
}

std::string joined(const Numbers& numbers) {
    return fmt::format("{}", fmt::join(numbers, ", "));
}

/// What an axis has one element of does not decide where others lie.
bool is_vector(const Shape& shape) {
    return std::count_if(shape.begin(), shape.end(), [](std::int64_t extent) { return extent != 1; }) <= 1;
}

constexpr const char* average_pool_class = R"(class CLASS(nn.Module):
    """The mean of those elements of each window that lie inside the image. nn.AvgPool{0}d has no padding that differs
    before and after the image, and would count what F.pad adds."""

    def __init__(self, kernel_size, stride, padding):
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = stride
        self.padding = padding

    def forward(self, x):
        sums = F.avg_pool{0}d(F.pad(x, self.padding), self.kernel_size, self.stride)
        inside = F.avg_pool{0}d(F.pad(torch.ones_like(x[:1, :1]), self.padding), self.kernel_size, self.stride)
        return sums / inside
)";

}  // namespace

std::string torch_type(const char* type, std::size_t rank) {
    return fmt::format("nn.{}{}d", type, rank);
}

bool needs_constants(const Graph& lowered) {
    for (const Node& node : lowered.nodes) {
        if (has_kernel(node.operation.op)) {
            const KernelBias bias = kernel_bias(node);
            if (bias.rest.constant_count() > 0) return true;
            continue;
        }
        for (const ConstantExpr& constant : node.constants) {
            if (!single_number(constant)) return true;
        }
    }
    return false;
}

Tensor TorchOperations::write(const Graph& lowered, const std::vector<Tensor>& inputs) {
    has_parts_ = std::count_if(lowered.nodes.begin(), lowered.nodes.end(),
                               [](const Node& node) { return has_kernel(node.operation.op); }) > 1;
    std::vector<Tensor> tensors(lowered.nodes.size(), -1);
    for (std::size_t i = 0; i < lowered.inputs.size(); ++i)
        tensors[static_cast<std::size_t>(lowered.inputs[i])] = inputs[i];
    for (std::size_t i = 0; i < lowered.nodes.size(); ++i) {
        const Node& node = lowered.nodes[i];
        if (node.operation.op == Op::input) continue;
        std::vector<Tensor> operands;
        for (NodeId input : node.inputs) operands.push_back(tensors[static_cast<std::size_t>(input)]);
        tensors[i] = write_node(node, std::move(operands));
    }
    return tensors[static_cast<std::size_t>(lowered.outputs[0].node)];
}

Tensor TorchOperations::write_node(const Node& node, std::vector<Tensor> inputs) {
    const Op op = node.operation.op;
    if (op == Op::transpose) {
        // Nothing happens: the axes are called otherwise.
        const AxisOrder order = builder_.order_of(inputs[0]);
        return builder_.define(node.type, order_after_transpose(order, node.operation.axes),
                               builder_.in_order(inputs[0], order));
    }
    if (!is_view(op)) {
        for (Tensor& input : inputs) input = builder_.as_float(input);
    }
    if (has_kernel(op)) return write_kernel(node, inputs[0]);
    if (op == Op::elementwise) return write_elementwise(node, inputs, node.epilogue);
    Tensor result = -1;
    switch (op) {
    case Op::max_pool:
    case Op::average_pool: result = write_pool(node, inputs[0]); break;
    case Op::reduce_mean:
    case Op::reduce_max:
    case Op::reduce_min:
    case Op::reduce_sum: result = write_reduction(node, inputs[0]); break;
    case Op::softmax: {
        const AxisOrder order = builder_.order_of(inputs[0]);
        const auto dim = static_cast<std::int64_t>(position_of(order, node.operation.axes[0])) + 1;
        const int value =
            builder_.add(TorchModule{"nn.Softmax", {{"dim", dim, Value()}}}, {builder_.in_order(inputs[0], order)});
        result = builder_.define(node.type, order, value);
        break;
    }
    case Op::pad: result = write_pad(node, inputs[0]); break;
    case Op::concatenate: result = write_concatenation(node, inputs); break;
    case Op::slice: result = write_slice(node, inputs[0]); break;
    case Op::reshape: result = write_reshape(node, inputs[0]); break;
    case Op::resize_nearest:
    case Op::resize_bilinear: result = write_resize(node, inputs[0]); break;
    default: internal_error(__FILE__, __LINE__, "an operation that is not exported");
    }
    if (node.epilogue.is_identity()) return result;
    inputs[0] = result;
    inputs.erase(inputs.begin() + 1, inputs.begin() + node.operand_count);
    return write_elementwise(node, inputs, node.epilogue);
}

std::vector<TorchWeight> TorchOperations::kernel_weights(const Node& node,
                                                         const std::optional<ConstantExpr>& bias) const {
    std::vector<TorchWeight> weights{{"weight", weight_behind(node.constants[0], layer_.weights)}};
    if (bias) weights.push_back({"bias", weight_behind(*bias, layer_.weights)});
    return weights;
}

Tensor TorchOperations::write_kernel(const Node& node, Tensor input) {
    const KernelBias bias = kernel_bias(node);
    const Tensor sums = node.operation.op == Op::dense         ? write_dense(node, input, bias.constant)
                        : node.operation.op == Op::convolution ? write_convolution(node, input, bias.constant)
                                                               : write_transposed(node, input, bias.constant);
    ++kernels_;
    return bias.rest.is_identity() ? sums : write_elementwise(node, {sums}, bias.rest);
}

Tensor TorchOperations::write_convolution(const Node& node, Tensor input, const std::optional<ConstantExpr>& bias) {
    const Window& window = node.operation.window;
    const std::size_t rank = window.size.size();
    const AxisOrder order = channels_first_order(node.type.rank());
    Numbers before = window.pad_before, after = window.pad_after;
    // Zeros that a layer before it adds are its own padding, unless they are round the channels too.
    const TorchBuilder::Padded padded = builder_.without_pads(input);
    if (padded.before.back() == 0 && padded.after.back() == 0) {
        input = padded.inner;
        for (std::size_t i = 0; i < rank; ++i) {
            before[i] += padded.before[i];
            after[i] += padded.after[i];
        }
    }
    const int value = builder_.in_order(input, order);
    Value padding = brief(before);
    if (before != after) {
        Numbers pads;
        for (std::size_t i = rank; i-- > 0;) pads.insert(pads.end(), {before[i], after[i]});
        padding = uneven_padding(pads);
    }
    const std::int64_t channels = builder_.shape_of(input).back();
    TorchModule module{torch_type("Conv", rank),
                       {{"in_channels", channels},
                        {"out_channels", node.type.shape.back()},
                        {"kernel_size", brief(window.size)},
                        {"stride", brief(window.stride), Value(1)},
                        {"padding", padding, Value(0)},
                        {"dilation", brief(window.dilation), Value(1)},
                        {"groups", node.operation.groups, Value(1)},
                        {"bias", bias.has_value(), Value(true)}},
                       kernel_weights(node, bias)};
    if (has_parts_) module.part = kernels_ == 0 ? "depthwise" : "pointwise";
    return builder_.define(node.type, order, builder_.add(std::move(module), {value}, "Conv"));
}

Tensor TorchOperations::write_transposed(const Node& node, Tensor input, const std::optional<ConstantExpr>& bias) {
    const Window& window = node.operation.window;
    const std::size_t rank = window.size.size();
    const AxisOrder order = channels_first_order(node.type.rank());
    // PyTorch cuts off the same before and after, and gives back up to a stride of it after. The rest is cut by hand.
    Numbers further(rank, 0), cut(rank, 0);
    Shape shape = node.type.shape;
    for (std::size_t i = 0; i < rank; ++i) {
        const std::int64_t difference = window.pad_before[i] - window.pad_after[i];
        further[i] = std::max<std::int64_t>(difference, 0);
        cut[i] = std::min<std::int64_t>(difference, 0);
    }
    const int value = builder_.add(TorchModule{torch_type("ConvTranspose", rank),
                                               {{"in_channels", builder_.shape_of(input).back()},
                                                {"out_channels", shape.back()},
                                                {"kernel_size", brief(window.size)},
                                                {"stride", brief(window.stride), Value(1)},
                                                {"padding", brief(window.pad_before), Value(0)},
                                                {"output_padding", brief(further), Value(0)},
                                                {"bias", bias.has_value(), Value(true)},
                                                {"dilation", brief(window.dilation), Value(1)}},
                                               kernel_weights(node, bias)},
                                   {builder_.in_order(input, order)}, "ConvTranspose");
    const int whole = builder_.pad(value, order, Shape(rank + 1, 0), with_channels(cut), 0.0);
    return builder_.define(node.type, order, whole);
}

Tensor TorchOperations::write_dense(const Node& node, Tensor input, const std::optional<ConstantExpr>& bias) {
    const AxisOrder order = own_order(node.type.rank());
    const Shape& kernel = node.constants[0].shape();
    const int value = builder_.add(
        TorchModule{"nn.Linear",
                    {{"in_features", kernel[0]}, {"out_features", kernel[1]}, {"bias", bias.has_value(), Value(true)}},
                    kernel_weights(node, bias)},
        {builder_.in_order(input, order)}, "Dense");
    return builder_.define(node.type, order, value);
}

Tensor TorchOperations::write_pool(const Node& node, Tensor input) {
    const Window& window = node.operation.window;
    const std::size_t rank = window.size.size();
    const AxisOrder order = channels_first_order(node.type.rank());
    const bool is_max = node.operation.op == Op::max_pool;
    const Value stride = window.stride == window.size ? Value() : brief(window.stride);
    Numbers pads = window.pad_before, half = window.size;
    for (std::int64_t& size : half) size /= 2;
    const bool fits = fits_module(pads, window.pad_after, half);
    // Zeros round a ReLU's result are never larger than what a window has besides them.
    const TorchBuilder::Padded padded = builder_.without_pads(input);
    const Numbers zeros(padded.before.begin(), padded.before.end() - 1);
    if (is_max && all_zero(pads) && all_zero(window.pad_after) && builder_.is_non_negative(padded.inner) &&
        padded.before == padded.after && padded.before.back() == 0 && fits_module(zeros, zeros, half)) {
        pads = zeros;
        input = padded.inner;
    }
    int value = builder_.in_order(input, order);
    if (is_max) {
        if (!fits) {
            value = builder_.pad(value, order, with_channels(pads), with_channels(window.pad_after),
                                 -std::numeric_limits<double>::infinity());
            pads.assign(rank, 0);
        }
        value = builder_.add(TorchModule{torch_type("MaxPool", rank),
                                         {{"kernel_size", brief(window.size)},
                                          {"stride", stride, Value()},
                                          {"padding", brief(pads), Value(0)},
                                          {"dilation", brief(window.dilation), Value(1)}}},
                             {value}, "MaxPooling");
        return builder_.define(node.type, order, value);
    }
    if (fits) {
        value = builder_.add(TorchModule{torch_type("AvgPool", rank),
                                         {{"kernel_size", brief(window.size)},
                                          {"stride", stride, Value()},
                                          {"padding", brief(pads), Value(0)},
                                          {"count_include_pad", all_zero(pads), Value(true)}}},
                             {value}, "AveragePooling");
        return builder_.define(node.type, order, value);
    }
    Value::Sequence padding;
    for (std::size_t i = rank; i-- > 0;) {
        padding.emplace_back(window.pad_before[i]);
        padding.emplace_back(window.pad_after[i]);
    }
    const std::string type =
        builder_.add_class(fmt::format("AveragePool{}d", rank), fmt::format(average_pool_class, rank));
    value = builder_.add(
        TorchModule{
            type, {{"kernel_size", brief(window.size)}, {"stride", brief(window.stride)}, {"padding", Value(padding)}}},
        {value}, "AveragePooling");
    return builder_.define(node.type, order, value);
}

Tensor TorchOperations::write_reduction(const Node& node, Tensor input) {
    const int rank = builder_.rank_of(input);
    const AxisOrder order = builder_.order_of(input);
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
    const int value = builder_.in_order(input, order);
    // Without axes PyTorch would take all of them, the batch too.
    if (axes.empty()) return builder_.define(node.type, left, value);
    const Op op = node.operation.op;
    const char* const function = op == Op::reduce_mean  ? "mean"
                                 : op == Op::reduce_max ? "amax"
                                 : op == Op::reduce_min ? "amin"
                                                        : "sum";
    const std::string dims = axes.size() == 1 ? joined(axes) : tuple_text(axes);
    return builder_.define(node.type, left,
                           builder_.add(fmt::format("{{0}}.{}({}{})", function, dims, kept ? ", keepdim=True" : ""),
                                        {value}, "GlobalPooling"));
}

Tensor TorchOperations::write_pad(const Node& node, Tensor input) {
    const Operation& pad = node.operation;
    const auto takes_away = [](std::int64_t n) { return n < 0; };
    const bool grows = std::none_of(pad.pad_before.begin(), pad.pad_before.end(), takes_away) &&
                       std::none_of(pad.pad_after.begin(), pad.pad_after.end(), takes_away);
    if (grows && pad.pad_value == 0.0) return builder_.pad_later(input, pad.pad_before, pad.pad_after, node.type);
    const AxisOrder order = builder_.order_of(input);
    return builder_.define(
        node.type, order,
        builder_.pad(builder_.in_order(input, order), order, pad.pad_before, pad.pad_after, pad.pad_value));
}

Tensor TorchOperations::write_concatenation(const Node& node, const std::vector<Tensor>& inputs) {
    const AxisOrder order = common_order(builder_, inputs, node.type.rank());
    std::vector<int> values;
    std::vector<std::string> places;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        values.push_back(builder_.in_order(inputs[i], order));
        places.push_back(fmt::format("{{{}}}", i));
    }
    const std::size_t dim = position_of(order, node.operation.axes[0]) + 1;
    return builder_.define(
        node.type, order,
        builder_.add(fmt::format("torch.cat([{}], dim={})", fmt::join(places, ", "), dim), values, "Concatenate"));
}

Tensor TorchOperations::write_slice(const Node& node, Tensor input) {
    const Operation& slice = node.operation;
    const Shape& from = builder_.shape_of(input);
    const AxisOrder order = builder_.order_of(input);
    int value = builder_.in_order(input, order);
    Numbers flipped;
    std::vector<std::string> slices{":"};
    for (std::size_t i = 0; i < order.size(); ++i) {
        const auto axis = static_cast<std::size_t>(order[i]);
        std::int64_t begin = slice.begin[axis];
        const std::int64_t step = std::abs(slice.step[axis]), count = node.type.shape[axis];
        // PyTorch's slices do not go backwards: they are taken from what torch.flip gives.
        if (slice.step[axis] < 0) {
            flipped.push_back(static_cast<std::int64_t>(i) + 1);
            begin = from[axis] - 1 - begin;
        }
        const std::int64_t end = begin + (count - 1) * step + 1;
        std::string text = begin == 0 ? ":" : fmt::format("{}:", begin);
        if (end + step - 1 < from[axis] || (step == 1 && end < from[axis])) text += fmt::format("{}", end);
        if (step != 1) text += fmt::format(":{}", step);
        slices.push_back(std::move(text));
    }
    while (slices.back() == ":" && slices.size() > 1) slices.pop_back();
    if (!flipped.empty()) value = builder_.add(fmt::format("{{0}}.flip({})", joined(flipped)), {value});
    if (slices.size() > 1) value = builder_.add(fmt::format("{{0}}[{}]", fmt::join(slices, ", ")), {value});
    return builder_.define(node.type, order, value);
}

Tensor TorchOperations::write_reshape(const Node& node, Tensor input) {
    const Shape& from = builder_.shape_of(input);
    const Shape& to = node.type.shape;
    const int rank = node.type.rank();
    // Numbers along one axis stay in their order however the axes of extent 1 lie.
    const bool vector = is_vector(from) && is_vector(to);
    AxisOrder order = own_order(static_cast<int>(from.size()));
    if (vector || builder_.lies_in(input, order)) order = builder_.order_of(input);
    const AxisOrder after = vector ? channels_first_order(rank) : own_order(rank);
    const Shape laid_out = permuted(to, after);
    const int value = builder_.in_order(input, order);
    if (laid_out == permuted(from, order)) return builder_.define(node.type, after, value);
    std::string text;
    if (rank == 1) {
        text = "{0}.flatten(1)";
    } else if (from.size() == 1 && vector && laid_out[0] == from[0]) {
        text = "{0}[:, :";
        for (int i = 1; i < rank; ++i) text += ", None";
        text += "]";
    } else {
        Numbers extents{-1};
        extents.insert(extents.end(), laid_out.begin(), laid_out.end());
        text = fmt::format("{{0}}.reshape({})", joined(extents));
    }
    return builder_.define(node.type, after, builder_.add(std::move(text), {value}, "Reshape"));
}

Tensor TorchOperations::write_resize(const Node& node, Tensor input) {
    const Shape& from = builder_.shape_of(input);
    const Shape& to = node.type.shape;
    const AxisOrder order = channels_first_order(node.type.rank());
    Numbers size, factors;
    for (std::size_t i = 0; i + 1 < to.size(); ++i) {
        size.push_back(to[i]);
        if (to[i] % from[i] == 0) factors.push_back(to[i] / from[i]);
    }
    const bool whole = factors.size() == size.size();
    const char* const linear[] = {"linear", "bilinear", "trilinear"};
    const bool nearest = node.operation.op == Op::resize_nearest;
    // Halcyon aligns the centres of pixels; "nearest" aligns corners, which is the same for whole factors alone.
    const char* const mode = !nearest ? linear[size.size() - 1] : whole ? "nearest" : "nearest-exact";
    const std::string target = whole && brief(factors).integer() != nullptr ? fmt::format("scale_factor={}", factors[0])
                                                                            : fmt::format("size={}", tuple_text(size));
    return builder_.define(node.type, order,
                           builder_.add(fmt::format("F.interpolate({{0}}, {}, mode=\"{}\"{})", target, mode,
                                                    nearest ? "" : ", align_corners=False"),
                                        {builder_.in_order(input, order)}, "UpSampling"));
}

Tensor TorchOperations::write_elementwise(const Node& node, const std::vector<Tensor>& inputs, const ScalarExpr& expr) {
    const int rank = node.type.rank();
    const AxisOrder order = common_order(builder_, inputs, rank);
    std::vector<int> values;
    std::vector<std::string> texts, constants;
    Shape shape;
    for (Tensor input : inputs) {
        const int own = builder_.rank_of(input);
        // An axis that a smaller tensor lacks has one element.
        AxisOrder narrow;
        std::string places;
        for (int axis : order) {
            if (axis >= rank - own) narrow.push_back(axis - (rank - own));
            places += axis >= rank - own ? ", :" : ", None";
        }
        std::string text = fmt::format("{{{}}}", values.size());
        if (own < rank) text += fmt::format("[:{}]", places);
        values.push_back(builder_.in_order(input, narrow));
        texts.push_back(std::move(text));
        shape = *broadcast(shape, builder_.shape_of(input));
    }
    const std::size_t first = has_kernel(node.operation.op) ? 1 : 0;
    for (std::size_t k = 0; k < node.constants.size(); ++k) {
        const ConstantExpr& constant = node.constants[k];
        if (k < first) {
            constants.emplace_back();
            continue;
        }
        const auto number = single_number(constant);
        constants.push_back(number                  ? torch_number(*number)
                            : constants_ != nullptr ? constants_->text(constant, order)
                                                    : std::string());
        shape = *broadcast(shape, constant.shape());
    }
    int value = -1;
    bool non_negative = false;
    const bool one_tensor = inputs.size() == 1 && builder_.rank_of(inputs[0]) == rank;
    if (auto module = one_tensor ? activation_module(expr) : std::nullopt) {
        const std::string kind = module->type == "nn.ReLU" ? "ReLU" : "Activation " + module->type;
        non_negative = kind == "ReLU" || kind == "Activation nn.ReLU6" || kind == "Activation nn.Sigmoid";
        value = builder_.add(std::move(*module), values, kind);
    } else {
        std::string text = torch_expression(expr, texts, constants);
        if (shape != node.type.shape) {
            // Expanding needs a tensor that has all axes: what is not written is -1, which leaves an axis as it is.
            Numbers extents{-1};
            for (int axis : order) extents.push_back(node.type.shape[static_cast<std::size_t>(axis)]);
            const bool is_view = text == "{0}" || (text.starts_with("{0}[") && text.find(']') + 1 == text.size());
            if (!is_view) text = fmt::format("({})", text);
            text += fmt::format(".expand({})", joined(extents));
        }
        const bool adds = text == "{0} + {1}";
        value = text == "{0}" ? values[0] : builder_.add(std::move(text), values, adds ? "Add" : "");
    }
    const Tensor result = builder_.define(node.type, order, value);
    if (non_negative) builder_.set_non_negative(result);
    return result;
}

}  // namespace halcyon
