#include "layers/common/reduction.h"

namespace halcyon::layers {
namespace {

void reference(const Attributes& attributes, std::span<const Array>, std::span<const Array> inputs, Array& output) {
    const auto join = [](double joined, double element) { return joined + element; };
    reduction_reference(attributes, inputs[0], 0.0, join, true, output);
}

int lower(Lowering& lowering) {
    return lower_reduction(Op::reduce_mean, lowering);
}

}  // namespace

extern const LayerDef mean;
const LayerDef mean{
    .name = "Mean",
    .doc = "The mean along some axes.",
    .arguments = reduction_arguments(),
    .infer_type = infer_reduction,
    .reference = reference,
    .lower = lower,
};

}  // namespace halcyon::layers
