#include "layers/common/convolution.h"
#include "layers/common/epilogue.h"

namespace halcyon::layers {
namespace {

constexpr int rank = 1;

std::optional<TensorType> infer_type(const LayerCall& call) {
    return infer_separable(call, "SeparableConv1D", rank);
}

}  // namespace

extern const LayerDef separable_conv1d;
const LayerDef separable_conv1d{
    .name = "SeparableConv1D",
    .doc = "Convolution of each channel of a sequence with filters of its own, then of all channels step by step, then "
           "bias "
           "and activation.",
    .aliases = {"SeparableConvolution1D"},
    .arguments = separable_arguments(rank),
    .infer_type = infer_type,
    .weights = separable_weights,
    .reference = separable_reference,
    .lower = lower_separable,
    .to_channels_last = activated_channels_last,
};

}  // namespace halcyon::layers
