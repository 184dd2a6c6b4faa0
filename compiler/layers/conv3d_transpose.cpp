#include "layers/common/epilogue.h"
#include "layers/common/transposed_convolution.h"

namespace halcyon::layers {
namespace {

constexpr int rank = 3;

std::optional<TensorType> infer_type(const LayerCall& call) {
    return infer_transposed_convolution(call, "Conv3DTranspose", rank);
}

}  // namespace

extern const LayerDef conv3d_transpose;
const LayerDef conv3d_transpose{
    .name = "Conv3DTranspose",
    .doc = "The transpose of a convolution of a volume: each element adds its multiple of the filters to the result.",
    .aliases = {"Convolution3DTranspose"},
    .arguments = transposed_convolution_arguments(rank),
    .infer_type = infer_type,
    .weights = transposed_convolution_weights,
    .reference = transposed_convolution_reference,
    .lower = lower_transposed_convolution,
    .to_channels_last = activated_channels_last,
};

}  // namespace halcyon::layers
