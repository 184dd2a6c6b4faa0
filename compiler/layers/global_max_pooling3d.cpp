#include "layers/common/pooling.h"

namespace halcyon::layers {
namespace {

constexpr int rank = 3;

std::optional<TensorType> infer_type(const LayerCall& call) {
    return infer_global_pooling(call, "GlobalMaxPooling3D", rank);
}

void reference(const Attributes& attributes, std::span<const Array>, std::span<const Array> inputs, Array& output) {
    global_pooling_reference(Pool::max, attributes, inputs[0], output);
}

int lower(Lowering& lowering) {
    return lower_global_pooling(Op::reduce_max, lowering);
}

}  // namespace

extern const LayerDef global_max_pooling3d;
const LayerDef global_max_pooling3d{
    .name = "GlobalMaxPooling3D",
    .doc = "The largest element of each channel.",
    .aliases = {"GlobalMaxPool3D"},
    .arguments = global_pooling_arguments(),
    .infer_type = infer_type,
    .reference = reference,
    .lower = lower,
    .to_channels_last = as_channels_last,
};

}  // namespace halcyon::layers
