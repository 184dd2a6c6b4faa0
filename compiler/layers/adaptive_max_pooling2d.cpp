#include "layers/common/adaptive_pooling.h"
#include "layers/common/data_format.h"

namespace halcyon::layers {
namespace {

constexpr int rank = 2;

std::optional<TensorType> infer_type(const LayerCall& call) {
    return infer_adaptive_pooling(call, "AdaptiveMaxPooling2D", rank);
}

void reference(const Attributes& attributes, std::span<const Array>, std::span<const Array> inputs, Array& output) {
    adaptive_pooling_reference(Pool::max, attributes, inputs[0], output);
}

int lower(Lowering& lowering) {
    return lower_adaptive_pooling(Pool::max, lowering);
}

}  // namespace

extern const LayerDef adaptive_max_pooling2d;
const LayerDef adaptive_max_pooling2d{
    .name = "AdaptiveMaxPooling2D",
    .doc = "The largest element of each of a given number of rectangles of an image, channel by channel.",
    .arguments = adaptive_pooling_arguments(rank),
    .infer_type = infer_type,
    .reference = reference,
    .lower = lower,
    .to_channels_last = as_channels_last,
};

}  // namespace halcyon::layers
