#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "graph/apply_scalar.h"
#include "layers/common/normalization.h"
#include "layers/common/numbers.h"
#include "layers/common/shapes.h"

namespace halcyon::layers {
namespace {

/// Those that have their own mean and variance, sorted; None means that all elements share one.
std::vector<int> kept_axes(const Attributes& attributes, int rank) {
    if (attributes.is_none("axis")) return {};
    std::vector<int> axes = sorted_axes(attributes, rank);
    std::sort(axes.begin(), axes.end());
    return axes;
}

/// Whether mean and variance, if they were written, go together and fit the last of the axes.
bool numbers_fit(const LayerCall& call, const std::vector<int>& axes) {
    if (call.attributes.is_none("mean")) return true;
    const Shape mean = numbers(call.attributes["mean"]).shape();
    if (mean != numbers(call.attributes["variance"]).shape()) {
        call.error(Code::bad_argument, "variance", "mean and variance must be alike: a number each, or as many each");
        return false;
    }
    const Shape& input = call.inputs[0].shape;
    if (mean.empty()) return true;
    if (!axes.empty() && (mean[0] == 1 || mean[0] == input[static_cast<std::size_t>(axes.back())])) return true;
    call.error(Code::shape_mismatch, "mean",
               fmt::format("{} numbers do not fit the axes of the input {} that are kept", mean[0], to_text(input)));
    return false;
}

std::optional<TensorType> infer_type(const LayerCall& call) {
    const Attributes& attributes = call.attributes;
    if (!attributes.is_none("axis") && !has_axes(call)) return std::nullopt;
    if (attributes.is_none("mean") != attributes.is_none("variance")) {
        call.error(Code::bad_argument, attributes.is_none("mean") ? "variance" : "mean",
                   "mean and variance must be given both, or neither");
        return std::nullopt;
    }
    if (!numbers_fit(call, kept_axes(attributes, call.inputs[0].rank()))) return std::nullopt;
    return computed(call.inputs[0].shape);
}

// The count of the data that it has seen is a weight in Keras's files, and nothing reads it.
std::vector<WeightDef> weights(const LayerCall& call) {
    if (!call.attributes.is_none("mean")) return {};
    const Shape shape = extents_of(kept_axes(call.attributes, call.inputs[0].rank()), call.inputs[0].shape);
    const Value zeros(Value::Object{"Zeros", {}}), ones(Value::Object{"Ones", {}});
    return {{"mean", shape, zeros}, {"variance", shape, ones}, {"count", {}, zeros}};
}

/// How given numbers lie against the input.
Array written_constant(const Attributes& attributes, const char* name, const Shape& input) {
    const Array given = numbers(attributes[name]);
    Shape shape(input.size(), 1);
    if (!given.shape().empty())
        shape[static_cast<std::size_t>(kept_axes(attributes, static_cast<int>(input.size())).back())] = given.size();
    return given.reshaped(shape);
}

/// Of a variance; the lower bound is Keras's.
ScalarExpr factor(const Attributes& attributes) {
    const ScalarExpr deviation = max(sqrt(ScalarExpr::input(0)), 1e-7);
    return attributes.boolean("invert") ? deviation : 1.0 / deviation;
}

/// constant(0) is the mean, constant(1) the factor.
ScalarExpr normalized(const Attributes& attributes) {
    const ScalarExpr x = ScalarExpr::input(0);
    const ScalarExpr mean = ScalarExpr::constant(0);
    const ScalarExpr by = ScalarExpr::constant(1);
    return attributes.boolean("invert") ? x * by + mean : (x - mean) * by;
}

void reference(const Attributes& attributes, std::span<const Array> weights, std::span<const Array> inputs,
               Array& output) {
    const Shape& shape = inputs[0].shape();
    const Shape kept = ones_but(kept_axes(attributes, static_cast<int>(shape.size())), shape);
    const bool given = !attributes.is_none("mean");
    const Array mean = given ? written_constant(attributes, "mean", shape) : weights[0].reshaped(kept);
    const Array variance = given ? written_constant(attributes, "variance", shape) : weights[1].reshaped(kept);
    const Array constants[] = {mean, apply_scalar(factor(attributes), std::span(&variance, 1), {}, variance.shape())};
    output = apply_scalar(normalized(attributes), inputs, constants, shape);
}

int lower(Lowering& lowering) {
    const Attributes& attributes = *lowering.attributes;
    const Shape& shape = lowering.output.shape;
    const Shape kept = ones_but(kept_axes(attributes, lowering.output.rank()), shape);
    const bool given = !attributes.is_none("mean");
    const auto constant = [&](const char* name, std::size_t weight) {
        return given ? ConstantExpr::literal(written_constant(attributes, name, shape))
                     : lowering.weights[weight].reshaped(kept);
    };
    return lowering.elementwise(
        normalized(attributes), {0},
        {constant("mean", 0), ConstantExpr::elementwise(factor(attributes), {constant("variance", 1)})}, shape);
}

}  // namespace

extern const LayerDef normalization;
const LayerDef normalization{
    .name = "Normalization",
    .doc = "(x - mean) / sqrt(variance) with numbers that are written, or were measured on the training data.",
    .arguments =
        {
            {"axis", argument::optional(argument::sequence_of(argument::integer(-64, 64))),
             Value(Value::Sequence{Value(-1)}),
             "axes with a mean and a variance for each place, counted with the batch as 0; None: one for all"},
            {"mean", argument::optional(number_or_several()), Value(), "None: a weight"},
            {"variance", argument::optional(number_or_several()), Value(), "None: a weight"},
            {"invert", argument::boolean(), Value(false), "whether it goes the other way: x * sqrt(variance) + mean"},
        },
    .infer_type = infer_type,
    .weights = weights,
    .reference = reference,
    .lower = lower,
};

}  // namespace halcyon::layers
