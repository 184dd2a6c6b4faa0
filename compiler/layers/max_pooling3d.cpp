#include "layers/common/pooling.h"

namespace halcyon::layers {
namespace {

constexpr int rank = 3;

std::optional<TensorType> infer_type(const LayerCall& call) {
    return infer_pooling(call, "MaxPooling3D", rank);
}

void reference(const Attributes& attributes, std::span<const Array>, std::span<const Array> inputs, Array& output) {
    pooling_reference(Pool::max, attributes, inputs[0], output);
}

int lower(Lowering& lowering) {
    return lower_pooling(Op::max_pool, lowering);
}

}  // namespace

extern const LayerDef max_pooling3d;
const LayerDef max_pooling3d{
    .name = "MaxPooling3D",
    .doc = "The largest element of each window, channel by channel.",
    .aliases = {"MaxPool3D"},
    .arguments = pooling_arguments(rank, repeated(2, rank)),
    .infer_type = infer_type,
    .reference = reference,
    .lower = lower,
    .to_channels_last = as_channels_last,
};

}  // namespace halcyon::layers
