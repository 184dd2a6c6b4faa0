#include "layers/common/data_format.h"
#include "layers/common/zero_padding.h"

namespace halcyon::layers {
namespace {

constexpr int rank = 3;

std::optional<TensorType> infer_type(const LayerCall& call) {
    return infer_zero_padding(call, "ZeroPadding3D", rank);
}

}  // namespace

extern const LayerDef zero_padding3d;
const LayerDef zero_padding3d{
    .name = "ZeroPadding3D",
    .doc = "Planes of zeros round the volume.",
    .arguments = zero_padding_arguments(rank),
    .infer_type = infer_type,
    .reference = zero_padding_reference,
    .lower = lower_zero_padding,
    .to_channels_last = as_channels_last,
};

}  // namespace halcyon::layers
