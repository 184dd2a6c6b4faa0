#include <fmt/format.h>

#include "graph/apply_scalar.h"
#include "layers/common/numbers.h"
#include "layers/common/shapes.h"

namespace halcyon::layers {
namespace {

std::optional<TensorType> infer_type(const LayerCall& call) {
    const Shape& input = call.inputs[0].shape;
    for (const char* name : {"scale", "offset"}) {
        const Shape given = numbers(call.attributes[name]).shape();
        if (broadcast(input, given) == input) continue;
        call.error(Code::shape_mismatch, name,
                   fmt::format("{} numbers do not fit the last axis of the input {}", given[0], to_text(input)));
        return std::nullopt;
    }
    return computed(input);
}

/// x * scale + offset, where what is a single number stands in the expression and what is not is a constant.
struct Parts {
    ScalarExpr expr = ScalarExpr::input(0);
    std::vector<Array> constants;
};

Parts parts_of(const Attributes& attributes) {
    Parts parts;
    const auto operand = [&](const char* name) -> ScalarExpr {
        const Value& value = attributes[name];
        if (const std::optional<double> number = value.real()) return *number;
        parts.constants.push_back(numbers(value));
        return ScalarExpr::constant(static_cast<int>(parts.constants.size()) - 1);
    };
    const ScalarExpr scale = operand("scale");
    parts.expr = parts.expr * scale + operand("offset");
    return parts;
}

void reference(const Attributes& attributes, std::span<const Array>, std::span<const Array> inputs, Array& output) {
    const Parts parts = parts_of(attributes);
    output = apply_scalar(parts.expr, inputs, parts.constants, output.shape());
}

int lower(Lowering& lowering) {
    Parts parts = parts_of(*lowering.attributes);
    std::vector<ConstantExpr> constants;
    for (Array& constant : parts.constants) constants.push_back(ConstantExpr::literal(std::move(constant)));
    return lowering.elementwise(parts.expr, {0}, std::move(constants), lowering.output.shape);
}

}  // namespace

extern const LayerDef rescaling;
const LayerDef rescaling{
    .name = "Rescaling",
    .doc = "x * scale + offset: brings pixels to the range that the network was trained for.",
    .arguments =
        {
            {"scale", number_or_several(), std::nullopt, "multiplies"},
            {"offset", number_or_several(), Value(0.0), "is added then"},
        },
    .infer_type = infer_type,
    .reference = reference,
    .lower = lower,
};

}  // namespace halcyon::layers
