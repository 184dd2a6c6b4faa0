// A product of rows with a matrix in register tiles, which need not end where an image's row ends.
#include "kernels/common/product_of_rows.h"
#include "kernels/common/tiled_convolution.h"

namespace halcyon::kernels {
namespace {

std::vector<ParameterSpace> space(const Task& task, const Candidate& layouts, const TargetInfo& target) {
    return tiled_space(flat_task(task), flat_candidate(task, layouts), target);
}

bool legal(const Task& task, const Candidate& candidate, const TargetInfo& target) {
    return tiled_legal(flat_task(task), flat_candidate(task, candidate), target);
}

double cost(const Task& task, const Candidate& candidate, const TargetInfo& target) {
    return tiled_cost(flat_task(task), flat_candidate(task, candidate), target);
}

Shape packed_shape(const Task& task, const Candidate& candidate, int constant) {
    return tiled_packed_shape(flat_task(task), candidate, constant);
}

Array pack(const Task& task, const Candidate& candidate, int constant, const Array& value) {
    const Task flat = flat_task(task);
    return tiled_pack(flat, candidate, constant, value.reshaped(flat.constants.at(static_cast<std::size_t>(constant))));
}

BuiltKernel build(const Task& task, const Candidate& candidate, const TargetInfo& target);

}  // namespace

extern const KernelFamily pointwise_conv;
const KernelFamily pointwise_conv{
    "pointwise_conv",
    "1x1 convolution, and dense over many rows, with batch and spatial axes as one axis of rows.",
    is_product_of_rows,
    has_flat_layouts,
    space,
    legal,
    cost,
    build,
    packed_shape,
    pack};

namespace {

BuiltKernel build(const Task& task, const Candidate& candidate, const TargetInfo& target) {
    KernelFamily flat = pointwise_conv;
    flat.packed_shape = tiled_packed_shape;
    return build_tiled(flat_task(task), flat_candidate(task, candidate), target, flat);
}

}  // namespace
}  // namespace halcyon::kernels
