#include "layers/common/convolution.h"
#include "layers/common/epilogue.h"

namespace halcyon::layers {
namespace {

constexpr int rank = 2;

std::optional<TensorType> infer_type(const LayerCall& call) {
    return infer_depthwise(call, "DepthwiseConv2D", rank);
}

}  // namespace

extern const LayerDef depthwise_conv2d;
const LayerDef depthwise_conv2d{
    .name = "DepthwiseConv2D",
    .doc = "Convolution of each channel with filters of its own, then bias and activation.",
    .arguments = depthwise_arguments(rank),
    .infer_type = infer_type,
    .weights = depthwise_weights,
    .reference = depthwise_reference,
    .lower = lower_depthwise,
    .to_channels_last = activated_channels_last,
};

}  // namespace halcyon::layers
