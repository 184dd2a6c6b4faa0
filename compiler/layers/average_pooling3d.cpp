#include "layers/common/pooling.h"

namespace halcyon::layers {
namespace {

constexpr int rank = 3;

std::optional<TensorType> infer_type(const LayerCall& call) {
    return infer_pooling(call, "AveragePooling3D", rank);
}

void reference(const Attributes& attributes, std::span<const Array>, std::span<const Array> inputs, Array& output) {
    pooling_reference(Pool::average, attributes, inputs[0], output);
}

int lower(Lowering& lowering) {
    return lower_pooling(Op::average_pool, lowering);
}

}  // namespace

extern const LayerDef average_pooling3d;
const LayerDef average_pooling3d{
    .name = "AveragePooling3D",
    .doc = "The mean of each window, channel by channel; padding does not count.",
    .aliases = {"AvgPool3D"},
    .arguments = pooling_arguments(rank, std::nullopt),
    .infer_type = infer_type,
    .reference = reference,
    .lower = lower,
    .to_channels_last = as_channels_last,
};

}  // namespace halcyon::layers
