#include "layers/common/arg_extreme.h"

namespace halcyon::layers {
namespace {

void reference(const Attributes& attributes, std::span<const Array>, std::span<const Array> inputs, Array& output) {
    arg_extreme_reference(attributes, inputs[0], [](double element, double best) { return element < best; }, output);
}

int lower(Lowering& lowering) {
    return lower_arg_extreme(Op::reduce_min, lowering);
}

}  // namespace

extern const LayerDef arg_min;
const LayerDef arg_min{
    .name = "ArgMin",
    .doc = "The place of the smallest element along an axis, as a float32 number; of equal ones the first.",
    .arguments = arg_extreme_arguments(),
    .infer_type = infer_arg_extreme,
    .reference = reference,
    .lower = lower,
};

}  // namespace halcyon::layers
