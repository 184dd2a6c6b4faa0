#include "layers/common/pooling.h"

namespace halcyon::layers {
namespace {

constexpr int rank = 3;

std::optional<TensorType> infer_type(const LayerCall& call) {
    return infer_global_pooling(call, "GlobalAveragePooling3D", rank);
}

void reference(const Attributes& attributes, std::span<const Array>, std::span<const Array> inputs, Array& output) {
    global_pooling_reference(Pool::average, attributes, inputs[0], output);
}

int lower(Lowering& lowering) {
    return lower_global_pooling(Op::reduce_mean, lowering);
}

}  // namespace

extern const LayerDef global_average_pooling3d;
const LayerDef global_average_pooling3d{
    .name = "GlobalAveragePooling3D",
    .doc = "The mean of each channel.",
    .aliases = {"GlobalAvgPool3D"},
    .arguments = global_pooling_arguments(),
    .infer_type = infer_type,
    .reference = reference,
    .lower = lower,
    .to_channels_last = as_channels_last,
};

}  // namespace halcyon::layers
