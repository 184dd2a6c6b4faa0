#include "layers/common/cropping.h"

namespace halcyon::layers {
namespace {

constexpr int rank = 1;

std::optional<TensorType> infer_type(const LayerCall& call) {
    return infer_cropping(call, "Cropping1D", rank);
}

}  // namespace

extern const LayerDef cropping1d;
const LayerDef cropping1d{
    .name = "Cropping1D",
    .doc = "A sequence without some steps at its ends.",
    .arguments = {{"cropping", argument::explicit_padding(rank),
                   Value(Value::Sequence{Value(Value::Sequence{Value(1), Value(1)})}), "how many steps"}},
    .infer_type = infer_type,
    .reference = cropping_reference,
    .lower = lower_cropping,
};

}  // namespace halcyon::layers
