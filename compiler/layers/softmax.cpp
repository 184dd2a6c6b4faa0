#include <fmt/format.h>

#include "layers/common/epilogue.h"
#include "layers/common/shapes.h"

namespace halcyon::layers {
namespace {

int axis_in(const Attributes& attributes, int rank) {
    return checked_axis(attributes.integers("axis")[0], rank);
}

std::optional<TensorType> infer_type(const LayerCall& call) {
    const TensorType& input = call.inputs[0];
    const std::vector<std::int64_t> axes = call.attributes.integers("axis");
    if (axes.size() != 1) {
        call.error(Code::not_supported, "axis", fmt::format("Softmax goes over one axis, got {}", axes.size()));
        return std::nullopt;
    }
    if (!axis_of(call, "axis", axes[0], input.rank())) return std::nullopt;
    return computed(input.shape);
}

void reference(const Attributes& attributes, std::span<const Array>, std::span<const Array> inputs, Array& output) {
    output = softmax_over(inputs[0], axis_in(attributes, static_cast<int>(output.shape().size())));
}

int lower(Lowering& lowering) {
    return lower_softmax(lowering, 0, axis_in(*lowering.attributes, lowering.output.rank()));
}

}  // namespace

extern const LayerDef softmax;
const LayerDef softmax{
    .name = "Softmax",
    .doc = "exp(x), divided by the sum of it along an axis.",
    .arguments = {{"axis", argument::sequence_of(argument::integer(-64, 64)), Value(Value::Sequence{Value(-1)}),
                   "counted with the batch as 0"}},
    .infer_type = infer_type,
    .reference = reference,
    .lower = lower,
};

}  // namespace halcyon::layers
