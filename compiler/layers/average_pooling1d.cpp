#include "layers/common/pooling.h"

namespace halcyon::layers {
namespace {

constexpr int rank = 1;

std::optional<TensorType> infer_type(const LayerCall& call) {
    return infer_pooling(call, "AveragePooling1D", rank);
}

void reference(const Attributes& attributes, std::span<const Array>, std::span<const Array> inputs, Array& output) {
    pooling_reference(Pool::average, attributes, inputs[0], output);
}

int lower(Lowering& lowering) {
    return lower_pooling(Op::average_pool, lowering);
}

}  // namespace

extern const LayerDef average_pooling1d;
const LayerDef average_pooling1d{
    .name = "AveragePooling1D",
    .doc = "The mean of each window, channel by channel; padding does not count.",
    .aliases = {"AvgPool1D"},
    .arguments = pooling_arguments(rank, std::nullopt),
    .infer_type = infer_type,
    .reference = reference,
    .lower = lower,
    .to_channels_last = as_channels_last,
};

}  // namespace halcyon::layers
