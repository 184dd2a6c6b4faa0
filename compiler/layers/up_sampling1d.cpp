#include "layers/common/arguments.h"
#include "layers/common/upsampling.h"

namespace halcyon::layers {
namespace {

constexpr int rank = 1;

std::optional<TensorType> infer_type(const LayerCall& call) {
    return infer_upsampling(call, "UpSampling1D", rank);
}

}  // namespace

extern const LayerDef up_sampling1d;
const LayerDef up_sampling1d{
    .name = "UpSampling1D",
    .doc = "Each step of a sequence several times.",
    .arguments = {{"size", argument::tuple_of(argument::positive_integer(), rank), repeated(2, rank), "how often"}},
    .infer_type = infer_type,
    .reference = upsampling_reference,
    .lower = lower_upsampling,
};

}  // namespace halcyon::layers
