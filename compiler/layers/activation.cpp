#include "layers/common/activation_layer.h"
#include "layers/common/epilogue.h"
#include "layers/common/shapes.h"

namespace halcyon::layers {
namespace {

// Not among the elementwise layers, since softmax is none.
std::optional<TensorType> infer_type(const LayerCall& call) {
    const Shape& shape = call.inputs[0].shape;
    if (shape.empty() && call.attributes.string("activation") == "softmax") {
        call.error(Code::bad_rank, "activation", "softmax needs an input of at least one axis, got ()");
        return std::nullopt;
    }
    return computed(shape);
}

void reference(const Attributes& attributes, std::span<const Array>, std::span<const Array> inputs, Array& output) {
    output = inputs[0];
    add_bias_and_activate(output, nullptr, attributes.string("activation"));
}

int lower(Lowering& lowering) {
    const std::string& name = lowering.attributes->string("activation");
    if (name == "softmax") return lower_softmax(lowering, 0, lowering.output.rank() - 1);
    return lowering.elementwise(activation_named(name), {0}, {}, lowering.output.shape);
}

}  // namespace

extern const LayerDef activation;
const LayerDef activation{
    .name = "Activation",
    .doc = "The activation of that name.",
    .arguments = {{"activation", argument::activation(), std::nullopt, "'relu', 'softmax', ..."}},
    .infer_type = infer_type,
    .reference = reference,
    .lower = lower,
};

}  // namespace halcyon::layers
