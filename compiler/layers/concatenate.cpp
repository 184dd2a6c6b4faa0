#include <algorithm>

#include <fmt/format.h>

#include "layers/common/shapes.h"
#include "support/checked.h"

namespace halcyon::layers {
namespace {

int axis_in(const Attributes& attributes, const Shape& shape) {
    return checked_axis(attributes.integer("axis"), static_cast<int>(shape.size()));
}

std::optional<TensorType> infer_type(const LayerCall& call) {
    Shape joined = call.inputs[0].shape;
    const std::optional<int> axis =
        axis_of(call, "axis", call.attributes.integer("axis"), static_cast<int>(joined.size()));
    if (!axis) return std::nullopt;
    std::int64_t& extent = joined[static_cast<std::size_t>(*axis)];
    for (const TensorType& input : call.inputs.subspan(1)) {
        Shape expected = joined;
        if (input.shape.size() == joined.size())
            expected[static_cast<std::size_t>(*axis)] = input.shape[static_cast<std::size_t>(*axis)];
        if (input.shape != expected) {
            call.error(Code::shape_mismatch, "",
                       fmt::format("Concatenate along axis {} needs inputs that agree in all other axes, got {} and {}",
                                   call.attributes.integer("axis"), to_text(call.inputs[0].shape),
                                   to_text(input.shape)));
            return std::nullopt;
        }
        extent = checked_add(extent, input.shape[static_cast<std::size_t>(*axis)]).value_or(max_elements + 1);
        if (extent > max_elements) {
            call.error(Code::too_large, "",
                       fmt::format("the inputs together have more than {} elements", max_elements));
            return std::nullopt;
        }
    }
    return computed(std::move(joined));
}

void reference(const Attributes& attributes, std::span<const Array>, std::span<const Array> inputs, Array& output) {
    const auto axis = static_cast<std::size_t>(axis_in(attributes, output.shape()));
    std::int64_t rows = 1;
    for (std::size_t i = 0; i < axis; ++i) rows *= output.shape()[i];
    auto to = output.values().begin();
    for (std::int64_t row = 0; row < rows; ++row) {
        for (const Array& input : inputs) {
            const std::int64_t run = input.size() / rows;
            to = std::copy_n(input.values().begin() + row * run, run, to);
        }
    }
}

int lower(Lowering& lowering) {
    Operation operation{.op = Op::concatenate};
    operation.axes = {axis_in(*lowering.attributes, lowering.output.shape)};
    std::vector<int> inputs;
    for (int i = 0; i < static_cast<int>(lowering.inputs.size()); ++i) inputs.push_back(i);
    return lowering.add(std::move(operation), std::move(inputs), {}, ScalarExpr::input(0), lowering.output.shape);
}

}  // namespace

extern const LayerDef concatenate;
const LayerDef concatenate{
    .name = "Concatenate",
    .doc = "The inputs one after the other along an axis.",
    .arguments = {{"axis", argument::integer(-64, 64), Value(-1), "counted with the batch as 0"}},
    .max_inputs = LayerDef::many_inputs,
    .infer_type = infer_type,
    .reference = reference,
    .lower = lower,
};

}  // namespace halcyon::layers
