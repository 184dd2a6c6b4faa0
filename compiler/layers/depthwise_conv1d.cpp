#include "layers/common/convolution.h"
#include "layers/common/epilogue.h"

namespace halcyon::layers {
namespace {

constexpr int rank = 1;

std::optional<TensorType> infer_type(const LayerCall& call) {
    return infer_depthwise(call, "DepthwiseConv1D", rank);
}

}  // namespace

extern const LayerDef depthwise_conv1d;
const LayerDef depthwise_conv1d{
    .name = "DepthwiseConv1D",
    .doc = "Convolution of each channel of a sequence with filters of its own, then bias and activation.",
    .arguments = depthwise_arguments(rank),
    .infer_type = infer_type,
    .weights = depthwise_weights,
    .reference = depthwise_reference,
    .lower = lower_depthwise,
    .to_channels_last = activated_channels_last,
};

}  // namespace halcyon::layers
