#include "layers/common/reduction.h"

namespace halcyon::layers {
namespace {

void reference(const Attributes& attributes, std::span<const Array>, std::span<const Array> inputs, Array& output) {
    const auto join = [](double joined, double element) { return joined + element; };
    reduction_reference(attributes, inputs[0], 0.0, join, false, output);
}

int lower(Lowering& lowering) {
    return lower_reduction(Op::reduce_sum, lowering);
}

}  // namespace

extern const LayerDef sum;
const LayerDef sum{
    .name = "Sum",
    .doc = "The sum along some axes.",
    .arguments = reduction_arguments(),
    .infer_type = infer_reduction,
    .reference = reference,
    .lower = lower,
};

}  // namespace halcyon::layers
