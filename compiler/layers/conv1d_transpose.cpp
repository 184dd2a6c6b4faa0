#include "layers/common/epilogue.h"
#include "layers/common/transposed_convolution.h"

namespace halcyon::layers {
namespace {

constexpr int rank = 1;

std::optional<TensorType> infer_type(const LayerCall& call) {
    return infer_transposed_convolution(call, "Conv1DTranspose", rank);
}

}  // namespace

extern const LayerDef conv1d_transpose;
const LayerDef conv1d_transpose{
    .name = "Conv1DTranspose",
    .doc = "The transpose of a convolution of a sequence: each element adds its multiple of the filters to the result.",
    .aliases = {"Convolution1DTranspose"},
    .arguments = transposed_convolution_arguments(rank),
    .infer_type = infer_type,
    .weights = transposed_convolution_weights,
    .reference = transposed_convolution_reference,
    .lower = lower_transposed_convolution,
    .to_channels_last = activated_channels_last,
};

}  // namespace halcyon::layers
