#include "layers/common/convolution.h"
#include "layers/common/epilogue.h"

namespace halcyon::layers {
namespace {

constexpr int rank = 3;

std::optional<TensorType> infer_type(const LayerCall& call) {
    return infer_convolution(call, "Conv3D", rank);
}

}  // namespace

extern const LayerDef conv3d;
const LayerDef conv3d{
    .name = "Conv3D",
    .doc = "Convolution of a volume with trained filters, then bias and activation.",
    .aliases = {"Convolution3D"},
    .arguments = convolution_arguments(rank),
    .infer_type = infer_type,
    .weights = convolution_weights,
    .reference = convolution_reference,
    .lower = lower_convolution,
    .to_channels_last = activated_channels_last,
};

}  // namespace halcyon::layers
