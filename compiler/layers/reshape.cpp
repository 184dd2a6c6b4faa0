#include <fmt/format.h>

#include "layers/common/shapes.h"
#include "support/checked.h"

namespace halcyon::layers {
namespace {

std::optional<TensorType> infer_type(const LayerCall& call) {
    const Shape& input = call.inputs[0].shape;
    const std::int64_t count = element_count(input);
    Shape target = call.attributes.integers("target_shape");
    std::int64_t* open = nullptr;
    std::optional<std::int64_t> known = 1;
    for (std::int64_t& extent : target) {
        if (extent == 0) {
            call.error(Code::empty_result, "target_shape",
                       fmt::format("the shape {} has no elements", to_text(target)));
            return std::nullopt;
        }
        if (extent == -1 && open != nullptr) {
            call.error(Code::shape_mismatch, "target_shape",
                       fmt::format("-1 stands twice in {}: one axis can be computed", to_text(target)));
            return std::nullopt;
        }
        if (extent == -1) {
            open = &extent;
        } else {
            known = known ? checked_multiply(*known, extent) : std::nullopt;
        }
    }
    const bool fits = known && (open != nullptr ? count % *known == 0 : count == *known);
    if (!fits) {
        call.error(
            Code::shape_mismatch, "target_shape",
            fmt::format("{} has {} elements, which do not make the shape {}", to_text(input), count, to_text(target)));
        return std::nullopt;
    }
    if (open != nullptr) *open = count / *known;
    return computed(std::move(target));
}

void reference(const Attributes&, std::span<const Array>, std::span<const Array> inputs, Array& output) {
    const Shape shape = output.shape();
    output = inputs[0].reshaped(shape);
}

int lower(Lowering& lowering) {
    return lowering.add({.op = Op::reshape}, {0}, {}, ScalarExpr::input(0), lowering.output.shape);
}

}  // namespace

extern const LayerDef reshape;
const LayerDef reshape{
    .name = "Reshape",
    .doc = "The same numbers in the same order, under another shape.",
    .arguments = {{"target_shape", argument::sequence_of(argument::integer(-1)), std::nullopt,
                   "the shape without the batch; one axis may be -1, which is computed"}},
    .infer_type = infer_type,
    .reference = reference,
    .lower = lower,
};

}  // namespace halcyon::layers
