#include <algorithm>

#include <fmt/format.h>

#include "layers/common/shapes.h"

namespace halcyon::layers {
namespace {

std::optional<TensorType> infer_type(const LayerCall& call) {
    const Shape& input = call.inputs[0].shape;
    if (input.size() == 1) return computed({call.attributes.integer("n"), input[0]});
    call.error(Code::bad_rank, "", fmt::format("RepeatVector needs an input of 1 axis, got {}", to_text(input)));
    return std::nullopt;
}

void reference(const Attributes& attributes, std::span<const Array>, std::span<const Array> inputs, Array& output) {
    auto to = output.values().begin();
    for (std::int64_t i = 0; i < attributes.integer("n"); ++i)
        to = std::copy(inputs[0].values().begin(), inputs[0].values().end(), to);
}

int lower(Lowering& lowering) {
    return lowering.elementwise(ScalarExpr::input(0), {0}, {}, lowering.output.shape);
}

}  // namespace

extern const LayerDef repeat_vector;
const LayerDef repeat_vector{
    .name = "RepeatVector",
    .doc = "A vector n times, one below the other.",
    .arguments = {{"n", argument::positive_integer(), std::nullopt, "how often"}},
    .infer_type = infer_type,
    .reference = reference,
    .lower = lower,
};

}  // namespace halcyon::layers
