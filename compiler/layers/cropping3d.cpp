#include "layers/common/arguments.h"
#include "layers/common/cropping.h"
#include "layers/common/data_format.h"

namespace halcyon::layers {
namespace {

constexpr int rank = 3;

std::optional<TensorType> infer_type(const LayerCall& call) {
    return infer_cropping(call, "Cropping3D", rank);
}

}  // namespace

extern const LayerDef cropping3d;
const LayerDef cropping3d{
    .name = "Cropping3D",
    .doc = "A volume without some planes at its borders.",
    .arguments =
        {
            {"cropping", argument::explicit_padding(rank),
             Value(Value::Sequence(rank, Value(Value::Sequence{Value(1), Value(1)}))), "how many"},
            data_format_argument(),
        },
    .infer_type = infer_type,
    .reference = cropping_reference,
    .lower = lower_cropping,
    .to_channels_last = as_channels_last,
};

}  // namespace halcyon::layers
