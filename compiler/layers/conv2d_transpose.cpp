#include "layers/common/epilogue.h"
#include "layers/common/transposed_convolution.h"

namespace halcyon::layers {
namespace {

constexpr int rank = 2;

std::optional<TensorType> infer_type(const LayerCall& call) {
    return infer_transposed_convolution(call, "Conv2DTranspose", rank);
}

}  // namespace

extern const LayerDef conv2d_transpose;
const LayerDef conv2d_transpose{
    .name = "Conv2DTranspose",
    .doc = "The transpose of a convolution of an image: each element adds its multiple of the filters to the result.",
    .aliases = {"Convolution2DTranspose"},
    .arguments = transposed_convolution_arguments(rank),
    .infer_type = infer_type,
    .weights = transposed_convolution_weights,
    .reference = transposed_convolution_reference,
    .lower = lower_transposed_convolution,
    .to_channels_last = activated_channels_last,
};

}  // namespace halcyon::layers
