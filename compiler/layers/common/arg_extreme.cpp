#include "layers/common/arg_extreme.h"

#include <cmath>

#include "layers/common/shapes.h"

namespace halcyon {
namespace {

int axis_in(const Attributes& attributes, const Shape& shape) {
    return checked_axis(attributes.integer("axis"), static_cast<int>(shape.size()));
}

}  // namespace

std::vector<ArgumentDef> arg_extreme_arguments() {
    return {{"axis", argument::optional(argument::integer(-64, 64)), Value(), "an axis, counted with the batch as 0"},
            {"keepdims", argument::boolean(), Value(false), "whether this axis stays, with extent 1"}};
}

std::optional<TensorType> infer_arg_extreme(const LayerCall& call) {
    if (call.attributes.is_none("axis")) {
        call.error(Code::bad_axis, "axis", "without 'axis' the items of a batch would be joined: name the axis");
        return std::nullopt;
    }
    Shape shape = call.inputs[0].shape;
    const auto axis = axis_of(call, "axis", call.attributes.integer("axis"), call.inputs[0].rank());
    if (!axis) return std::nullopt;
    shape[static_cast<std::size_t>(*axis)] = 1;
    if (!call.attributes.boolean("keepdims")) shape.erase(shape.begin() + *axis);
    return computed(std::move(shape));
}

void arg_extreme_reference(const Attributes& attributes, const Array& input,
                           bool (*better)(double element, double best), Array& output) {
    const auto axis = static_cast<std::size_t>(axis_in(attributes, input.shape()));
    const std::int64_t extent = input.shape()[axis];
    const std::int64_t inner = input.strides()[axis];
    for (std::int64_t i = 0; i < output.size(); ++i) {
        const std::int64_t first = i / inner * inner * extent + i % inner;
        std::int64_t place = extent;
        for (std::int64_t k = 0; k < extent; ++k) {
            const double element = input[first + k * inner];
            if (std::isnan(element)) continue;
            if (place == extent || better(element, input[first + place * inner])) place = k;
        }
        output[i] = static_cast<double>(place);
    }
}

int lower_arg_extreme(Op reduction, Lowering& lowering) {
    const Shape& shape = lowering.inputs[0].shape;
    const int axis = axis_in(*lowering.attributes, shape);
    const std::int64_t extent = shape[static_cast<std::size_t>(axis)];
    Shape kept = shape;
    kept[static_cast<std::size_t>(axis)] = 1;
    const int extreme = lowering.add({.op = reduction, .axes = {axis}}, {0}, {}, ScalarExpr::input(0), kept);

    Shape along(shape.size(), 1);
    along[static_cast<std::size_t>(axis)] = extent;
    Array places(along);
    for (std::int64_t k = 0; k < extent; ++k) places[k] = static_cast<double>(k);
    const ScalarExpr is_extreme = ScalarExpr::make(ScalarOp::equal, {ScalarExpr::input(0), ScalarExpr::input(1)});
    const ScalarExpr place = select(is_extreme, ScalarExpr::constant(0), static_cast<double>(extent));
    const int candidates = lowering.elementwise(place, {0, extreme}, {ConstantExpr::literal(std::move(places))}, shape);
    return lowering.add({.op = Op::reduce_min, .axes = {axis}}, {candidates}, {}, ScalarExpr::input(0),
                        lowering.output.shape);
}

}  // namespace halcyon
