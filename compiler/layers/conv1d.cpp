#include "layers/common/convolution.h"
#include "layers/common/epilogue.h"

namespace halcyon::layers {
namespace {

constexpr int rank = 1;

std::optional<TensorType> infer_type(const LayerCall& call) {
    return infer_convolution(call, "Conv1D", rank);
}

}  // namespace

extern const LayerDef conv1d;
const LayerDef conv1d{
    .name = "Conv1D",
    .doc = "Convolution of a sequence with trained filters, then bias and activation.",
    .aliases = {"Convolution1D"},
    .arguments = convolution_arguments(rank),
    .infer_type = infer_type,
    .weights = convolution_weights,
    .reference = convolution_reference,
    .lower = lower_convolution,
    .to_channels_last = activated_channels_last,
};

}  // namespace halcyon::layers
