#include "kernels/common/convolution_geometry.h"
#include "kernels/common/tiled_convolution.h"

namespace halcyon::kernels {
namespace {

bool matches(const Task& task, const TargetInfo&) {
    return task.operation.op == Op::convolution;
}

bool accepts(const Task&, const Candidate& layouts) {
    return plain_layouts(layouts);
}

BuiltKernel build(const Task& task, const Candidate& candidate, const TargetInfo& target);

}  // namespace

extern const KernelFamily direct_conv;
const KernelFamily direct_conv{
    "direct_conv",
    "Convolution in register tiles of pixels by output channels, any window, stride, dilation, groups.",
    matches,
    accepts,
    tiled_space,
    tiled_legal,
    tiled_cost,
    build,
    tiled_packed_shape,
    tiled_pack};

namespace {

BuiltKernel build(const Task& task, const Candidate& candidate, const TargetInfo& target) {
    return build_tiled(task, candidate, target, direct_conv);
}

}  // namespace
}  // namespace halcyon::kernels
