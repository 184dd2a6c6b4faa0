#include "layers/common/arguments.h"
#include "layers/common/data_format.h"
#include "layers/common/shapes.h"

namespace halcyon::layers {
namespace {

std::optional<TensorType> infer_type(const LayerCall& call) {
    return computed({element_count(call.inputs[0].shape)});
}

// As in Keras, channels_first asks for the order that a channels-last image would have given.
void reference(const Attributes& attributes, std::span<const Array>, std::span<const Array> inputs, Array& output) {
    const Shape shape = output.shape();
    output = (is_channels_first(attributes) ? channels_moved_last(inputs[0]) : inputs[0]).reshaped(shape);
}

int lower(Lowering& lowering) {
    return lowering.add({.op = Op::reshape}, {0}, {}, ScalarExpr::input(0), lowering.output.shape);
}

}  // namespace

extern const LayerDef flatten;
const LayerDef flatten{
    .name = "Flatten",
    .doc = "Joins all axes but the batch.",
    .arguments = {data_format_argument()},
    .infer_type = infer_type,
    .reference = reference,
    .lower = lower,
    .to_channels_last = as_channels_last,
};

}  // namespace halcyon::layers
