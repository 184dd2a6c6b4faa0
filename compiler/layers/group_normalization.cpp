#include <limits>

#include <fmt/format.h>

#include "graph/apply_scalar.h"
#include "layers/common/arguments.h"
#include "layers/common/normalization.h"
#include "layers/common/shapes.h"

namespace halcyon::layers {
namespace {

/// The input with the axis of the channels split into groups and the channels of one.
struct Split {
    std::size_t axis;       ///< of the channels, and of the groups when split
    Shape shape;            ///< [..., groups, channels of a group, ...]
    std::vector<int> axes;  ///< what is averaged over: all but the groups
    Shape per_channel;      ///< ones but for groups and channels
    Shape joined;           ///< the same before the split
};

Split split_of(const Attributes& attributes, const Shape& input) {
    Split split;
    const int axis = checked_axis(attributes.integer("axis"), static_cast<int>(input.size()));
    split.axis = static_cast<std::size_t>(axis);
    const std::int64_t channels = input[split.axis];
    const std::int64_t groups = attributes.integer("groups") == -1 ? channels : attributes.integer("groups");
    split.shape = input;
    split.shape[split.axis] = channels / groups;
    split.shape.insert(split.shape.begin() + axis, groups);
    for (int i = 0; i < static_cast<int>(split.shape.size()); ++i)
        if (i != axis) split.axes.push_back(i);
    split.per_channel = ones_but({axis, axis + 1}, split.shape);
    split.joined = ones_but({axis}, input);
    return split;
}

std::optional<TensorType> infer_type(const LayerCall& call) {
    const TensorType& input = call.inputs[0];
    const std::optional<int> axis = axis_of(call, "axis", call.attributes.integer("axis"), input.rank());
    if (!axis) return std::nullopt;
    const std::int64_t groups = call.attributes.integer("groups");
    const std::int64_t channels = input.shape[static_cast<std::size_t>(*axis)];
    if (groups != -1 && (groups == 0 || channels % groups != 0)) {
        call.error(Code::bad_groups, "groups",
                   fmt::format("the {} channels of the input {} do not divide into {} groups", channels,
                               to_text(input.shape), groups));
        return std::nullopt;
    }
    return computed(input.shape);
}

std::vector<WeightDef> weights(const LayerCall& call) {
    const Attributes& attributes = call.attributes;
    const int axis = checked_axis(attributes.integer("axis"), call.inputs[0].rank());
    const Shape shape{call.inputs[0].shape[static_cast<std::size_t>(axis)]};
    std::vector<WeightDef> result;
    if (attributes.boolean("scale")) result.push_back({"gamma", shape, attributes["gamma_initializer"]});
    if (attributes.boolean("center")) result.push_back({"beta", shape, attributes["beta_initializer"]});
    return result;
}

/// What each channel is multiplied with, from its group's inverse deviation; constant(0) is gamma.
ScalarExpr factor(const Attributes& attributes) {
    const ScalarExpr inverse = ScalarExpr::input(0);
    return attributes.boolean("scale") ? inverse * ScalarExpr::constant(0) : inverse;
}

/// What is added then, from its group's mean and that factor; constant(0) is beta.
ScalarExpr offset(const Attributes& attributes) {
    const ScalarExpr moved = -(ScalarExpr::input(0) * ScalarExpr::input(1));
    return attributes.boolean("center") ? moved + ScalarExpr::constant(0) : moved;
}

ScalarExpr scaled() {
    return ScalarExpr::input(0) * ScalarExpr::input(1) + ScalarExpr::input(2);
}

void reference(const Attributes& attributes, std::span<const Array> weights, std::span<const Array> inputs,
               Array& output) {
    const Split split = split_of(attributes, inputs[0].shape());
    std::vector<Array> gamma, beta;
    if (attributes.boolean("scale")) gamma.push_back(weights[0].reshaped(split.per_channel));
    if (attributes.boolean("center")) beta.push_back(weights.back().reshaped(split.per_channel));
    Array groups[] = {inputs[0].reshaped(split.shape), Array()};
    groups[1] = mean_over(groups[0], split.axes);
    const Array variance = mean_over(apply_scalar(squared_distance(), groups, {}, split.shape), split.axes);
    const Array inverse =
        apply_scalar(inverse_deviation(attributes.real("epsilon")), std::span(&variance, 1), {}, variance.shape());
    const Array moving[] = {groups[1],
                            apply_scalar(factor(attributes), std::span(&inverse, 1), gamma, split.per_channel)};
    const Array added = apply_scalar(offset(attributes), moving, beta, split.per_channel);
    const Array operands[] = {inputs[0], moving[1].reshaped(split.joined), added.reshaped(split.joined)};
    output = apply_scalar(scaled(), operands, {}, inputs[0].shape());
}

int lower(Lowering& lowering) {
    const Attributes& attributes = *lowering.attributes;
    const Split split = split_of(attributes, lowering.output.shape);
    std::vector<ConstantExpr> gamma, beta;
    if (attributes.boolean("scale")) gamma.push_back(lowering.weights[0].reshaped(split.per_channel));
    if (attributes.boolean("center")) beta.push_back(lowering.weights.back().reshaped(split.per_channel));
    const auto reshaped = [&](int value, const Shape& shape) {
        return lowering.add({.op = Op::reshape}, {value}, {}, ScalarExpr::input(0), shape);
    };
    const int groups = reshaped(0, split.shape);
    const int mean = lower_reduction(lowering, Op::reduce_mean, groups, split.axes, ScalarExpr::input(0));
    const int squares = lowering.elementwise(squared_distance(), {groups, mean}, {}, split.shape);
    const int inverse =
        lower_reduction(lowering, Op::reduce_mean, squares, split.axes, inverse_deviation(attributes.real("epsilon")));
    const int factors = lowering.elementwise(factor(attributes), {inverse}, std::move(gamma), split.per_channel);
    const int offsets = lowering.elementwise(offset(attributes), {mean, factors}, std::move(beta), split.per_channel);
    return lowering.elementwise(scaled(), {0, reshaped(factors, split.joined), reshaped(offsets, split.joined)}, {},
                                lowering.output.shape);
}

}  // namespace

extern const LayerDef group_normalization;
const LayerDef group_normalization{
    .name = "GroupNormalization",
    .doc = "Brings each group of channels to mean 0 and deviation 1, then multiplies with gamma and adds beta.",
    .arguments =
        {
            {"groups", argument::integer(-1), Value(32), "how many groups; -1: each channel is one"},
            {"axis", argument::integer(-64, 64), Value(-1), "the axis of the channels, counted with the batch as 0"},
            {"epsilon", argument::real(0.0, std::numeric_limits<double>::max()), Value(0.001), "added to the variance"},
            {"center", argument::boolean(), Value(true), "whether beta is added"},
            {"scale", argument::boolean(), Value(true), "whether gamma multiplies"},
            initializer_argument("beta_initializer", "Zeros"),
            initializer_argument("gamma_initializer", "Ones"),
            training_argument("beta_regularizer"),
            training_argument("gamma_regularizer"),
            training_argument("beta_constraint"),
            training_argument("gamma_constraint"),
        },
    .infer_type = infer_type,
    .weights = weights,
    .reference = reference,
    .lower = lower,
};

}  // namespace halcyon::layers
