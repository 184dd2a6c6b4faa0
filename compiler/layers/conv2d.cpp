#include "layers/common/convolution.h"
#include "layers/common/epilogue.h"

namespace halcyon::layers {
namespace {

constexpr int rank = 2;

std::optional<TensorType> infer_type(const LayerCall& call) {
    return infer_convolution(call, "Conv2D", rank);
}

}  // namespace

extern const LayerDef conv2d;
const LayerDef conv2d{
    .name = "Conv2D",
    .doc = "Convolution of an image with trained filters, then bias and activation.",
    .aliases = {"Convolution2D"},
    .arguments = convolution_arguments(rank),
    .infer_type = infer_type,
    .weights = convolution_weights,
    .reference = convolution_reference,
    .lower = lower_convolution,
    .to_channels_last = activated_channels_last,
};

}  // namespace halcyon::layers
