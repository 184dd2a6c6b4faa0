#include <cmath>
#include <limits>

#include "layers/common/reduction.h"

namespace halcyon::layers {
namespace {

void reference(const Attributes& attributes, std::span<const Array>, std::span<const Array> inputs, Array& output) {
    const auto join = [](double joined, double element) {
        return element > joined || std::isnan(element) ? element : joined;
    };
    reduction_reference(attributes, inputs[0], -std::numeric_limits<double>::infinity(), join, false, output);
}

int lower(Lowering& lowering) {
    return lower_reduction(Op::reduce_max, lowering);
}

}  // namespace

extern const LayerDef max;
const LayerDef max{
    .name = "Max",
    .doc = "The largest element along some axes.",
    .arguments = reduction_arguments(),
    .infer_type = infer_reduction,
    .reference = reference,
    .lower = lower,
};

}  // namespace halcyon::layers
