#include "layers/common/convolution.h"
#include "layers/common/epilogue.h"

namespace halcyon::layers {
namespace {

constexpr int rank = 2;

std::optional<TensorType> infer_type(const LayerCall& call) {
    return infer_separable(call, "SeparableConv2D", rank);
}

}  // namespace

extern const LayerDef separable_conv2d;
const LayerDef separable_conv2d{
    .name = "SeparableConv2D",
    .doc = "Convolution of each channel with filters of its own, then of all channels pixel by pixel, then bias and "
           "activation.",
    .aliases = {"SeparableConvolution2D"},
    .arguments = separable_arguments(rank),
    .infer_type = infer_type,
    .weights = separable_weights,
    .reference = separable_reference,
    .lower = lower_separable,
    .to_channels_last = activated_channels_last,
};

}  // namespace halcyon::layers
