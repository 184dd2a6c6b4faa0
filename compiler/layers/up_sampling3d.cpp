#include "layers/common/arguments.h"
#include "layers/common/data_format.h"
#include "layers/common/upsampling.h"

namespace halcyon::layers {
namespace {

constexpr int rank = 3;

std::optional<TensorType> infer_type(const LayerCall& call) {
    return infer_upsampling(call, "UpSampling3D", rank);
}

}  // namespace

extern const LayerDef up_sampling3d;
const LayerDef up_sampling3d{
    .name = "UpSampling3D",
    .doc = "Each plane of a volume several times, in all three directions.",
    .arguments = {{"size", argument::tuple_of(argument::positive_integer(), rank), repeated(2, rank), "how often"},
                  data_format_argument()},
    .infer_type = infer_type,
    .reference = upsampling_reference,
    .lower = lower_upsampling,
    .to_channels_last = as_channels_last,
};

}  // namespace halcyon::layers
