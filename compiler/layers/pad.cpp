#include <fmt/format.h>

#include "layers/common/shapes.h"
#include "layers/common/window.h"

namespace halcyon::layers {
namespace {

/// (before, after) for each axis, the batch's first; normal form: as written, a sequence of pairs.
std::optional<Value> normalize_pad_width(const Value& written, std::string& why) {
    static const ArgumentType pair = argument::tuple_of(argument::integer(0), 2);
    const Value::Sequence* axes = written.sequence();
    if (axes == nullptr) return std::nullopt;
    Value::Sequence result;
    for (const Value& axis : *axes) {
        const auto normal = axis.sequence() ? pair.normalize(axis, why) : std::nullopt;
        if (!normal) return std::nullopt;
        result.push_back(*normal);
    }
    return Value(std::move(result));
}

/// Without the batch's.
Pads pads_in(const Attributes& attributes) {
    Pads pads = pads_of(attributes["pad_width"]);
    pads.before.erase(pads.before.begin());
    pads.after.erase(pads.after.begin());
    return pads;
}

// No sum here can overflow: extents and pads stay below 2^31.
std::optional<TensorType> infer_type(const LayerCall& call) {
    const Shape& input = call.inputs[0].shape;
    const Pads all = pads_of(call.attributes["pad_width"]);
    if (all.before.size() != input.size() + 1) {
        call.error(Code::bad_rank, "pad_width",
                   fmt::format("pad_width needs {} pairs for the input {}, one for the batch among them, got {}",
                               input.size() + 1, to_text(input), all.before.size()));
        return std::nullopt;
    }
    if (all.before[0] != 0 || all.after[0] != 0) {
        call.error(Code::bad_axis, "pad_width",
                   "the first axis is the batch, which is not padded: write (0, 0) for it");
        return std::nullopt;
    }
    if (call.attributes.string("mode") != "constant") {
        call.error(Code::not_supported, "mode",
                   fmt::format("mode '{}' is not supported yet, only 'constant'", call.attributes.string("mode")));
        return std::nullopt;
    }
    const Pads pads = pads_in(call.attributes);
    Shape shape = input;
    for (std::size_t i = 0; i < shape.size(); ++i) shape[i] += pads.before[i] + pads.after[i];
    return computed(std::move(shape));
}

double value_in(const Attributes& attributes) {
    return attributes.is_none("constant_values") ? 0.0 : attributes.real("constant_values");
}

void reference(const Attributes& attributes, std::span<const Array>, std::span<const Array> inputs, Array& output) {
    const Pads pads = pads_in(attributes);
    output = Array(output.shape(), value_in(attributes));
    const std::vector<std::int64_t> strides = output.strides();
    std::int64_t flat = 0;
    for_each_index(inputs[0].shape(), [&](const std::vector<std::int64_t>& index) {
        std::int64_t to = 0;
        for (std::size_t i = 0; i < index.size(); ++i) to += (index[i] + pads.before[i]) * strides[i];
        output[to] = inputs[0][flat++];
    });
}

int lower(Lowering& lowering) {
    Pads pads = pads_in(*lowering.attributes);
    Operation operation{.op = Op::pad};
    operation.pad_before = std::move(pads.before);
    operation.pad_after = std::move(pads.after);
    operation.pad_value = value_in(*lowering.attributes);
    return lowering.add(std::move(operation), {0}, {}, ScalarExpr::input(0), lowering.output.shape);
}

}  // namespace

extern const LayerDef pad;
const LayerDef pad{
    .name = "Pad",
    .doc = "A constant before and after each axis.",
    .arguments =
        {
            {"pad_width",
             {"a pair (before, after) for each axis", normalize_pad_width},
             std::nullopt,
             "how many; the batch's first, ((0, 0), (1, 1), ...)"},
            {"mode", argument::choice({"constant", "reflect", "symmetric"}), Value("constant"), "what to pad with"},
            {"constant_values", argument::optional(argument::real()), Value(), "the constant; None is 0"},
        },
    .infer_type = infer_type,
    .reference = reference,
    .lower = lower,
};

}  // namespace halcyon::layers
