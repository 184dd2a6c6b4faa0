#include "kernels/common/convolution_geometry.h"

#include <algorithm>

namespace halcyon {

std::int64_t ConvolutionGeometry::pixels() const {
    return batch * element_count(output);
}

std::int64_t ConvolutionGeometry::window_size() const {
    return element_count(window.size);
}

bool ConvolutionGeometry::padded() const {
    for (std::size_t axis = 0; axis < input.size(); ++axis) {
        const std::int64_t reach = (window.size[axis] - 1) * window.dilation[axis];
        const std::int64_t last = (output[axis] - 1) * window.stride[axis] - window.pad_before[axis] + reach;
        if (window.pad_before[axis] > 0 || last >= input[axis]) return true;
    }
    return false;
}

ConvolutionGeometry geometry_of(const Task& task) {
    const Shape& in = task.inputs.at(0).shape;
    const Shape& out = task.output.shape;
    ConvolutionGeometry g;
    g.batch = in.front();
    g.channels = in.back();
    g.filters = out.back();
    g.groups = task.operation.groups;
    g.group_channels = g.channels / g.groups;
    g.group_filters = g.filters / g.groups;
    g.input.assign(in.begin() + 1, in.end() - 1);
    g.output.assign(out.begin() + 1, out.end() - 1);
    g.window = task.operation.window;
    g.pooled = task.operation.pooled.empty() ? Shape(g.output.size(), 1) : task.operation.pooled;
    for (std::size_t axis = 0; axis < g.output.size(); ++axis) g.output[axis] *= g.pooled.at(axis);
    return g;
}

int lanes_for(std::int64_t count, const TargetInfo& target) {
    int lanes = 1;
    while (lanes < count && lanes < target.vector_lanes) lanes *= 2;
    return lanes;
}

std::int64_t spread_stride(std::int64_t channels) {
    constexpr std::int64_t line = 16, few_sets = 16 * line;
    return channels % few_sets == 0 ? channels + line : channels;
}

int registers_beside_sums(int vectors, int elements, const TargetInfo& target) {
    // Multiply-adds of AVX-512 can broadcast from memory themselves; LLVM lets them where an element is used once.
    const bool broadcasts_from_memory = target.vector_registers == 32 && target.vector_lanes == 16;
    if (broadcasts_from_memory) return vectors == 1 ? 1 : vectors + 1;
    // LLVM holds all weights of the step; with few registers it does not turn that round where the elements are fewer.
    const int held = target.vector_registers > 16 ? std::min(vectors, elements) : vectors;
    return held + 1;
}

double spill_cycles(const TargetInfo& target) {
    return target.vector_registers == 32 && target.vector_lanes == 16 ? 0.7 : 2.0;
}

bool plain_layouts(const Candidate& layouts) {
    return layouts.output.channel_block == 1 && std::all_of(layouts.inputs.begin(), layouts.inputs.end(),
                                                            [](const Layout& l) { return l.channel_block == 1; });
}

}  // namespace halcyon
