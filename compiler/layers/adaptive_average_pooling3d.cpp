#include "layers/common/adaptive_pooling.h"
#include "layers/common/data_format.h"

namespace halcyon::layers {
namespace {

constexpr int rank = 3;

std::optional<TensorType> infer_type(const LayerCall& call) {
    return infer_adaptive_pooling(call, "AdaptiveAveragePooling3D", rank);
}

void reference(const Attributes& attributes, std::span<const Array>, std::span<const Array> inputs, Array& output) {
    adaptive_pooling_reference(Pool::average, attributes, inputs[0], output);
}

int lower(Lowering& lowering) {
    return lower_adaptive_pooling(Pool::average, lowering);
}

}  // namespace

extern const LayerDef adaptive_average_pooling3d;
const LayerDef adaptive_average_pooling3d{
    .name = "AdaptiveAveragePooling3D",
    .doc = "The mean of each of a given number of boxes of a volume, channel by channel.",
    .arguments = adaptive_pooling_arguments(rank),
    .infer_type = infer_type,
    .reference = reference,
    .lower = lower,
    .to_channels_last = as_channels_last,
};

}  // namespace halcyon::layers
