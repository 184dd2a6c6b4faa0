#include "layers/common/pooling.h"

namespace halcyon::layers {
namespace {

constexpr int rank = 1;

std::optional<TensorType> infer_type(const LayerCall& call) {
    return infer_pooling(call, "MaxPooling1D", rank);
}

void reference(const Attributes& attributes, std::span<const Array>, std::span<const Array> inputs, Array& output) {
    pooling_reference(Pool::max, attributes, inputs[0], output);
}

int lower(Lowering& lowering) {
    return lower_pooling(Op::max_pool, lowering);
}

}  // namespace

extern const LayerDef max_pooling1d;
const LayerDef max_pooling1d{
    .name = "MaxPooling1D",
    .doc = "The largest element of each window, channel by channel.",
    .aliases = {"MaxPool1D"},
    .arguments = pooling_arguments(rank, repeated(2, rank)),
    .infer_type = infer_type,
    .reference = reference,
    .lower = lower,
    .to_channels_last = as_channels_last,
};

}  // namespace halcyon::layers
