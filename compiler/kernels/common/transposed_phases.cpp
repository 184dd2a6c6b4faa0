#include "kernels/common/transposed_phases.h"

#include <algorithm>

namespace halcyon {

std::int64_t first_tap(const ConvolutionGeometry& g, std::size_t axis, std::int64_t phase) {
    return (phase + g.window.pad_before[axis]) % g.window.stride[axis];
}

std::vector<PhaseRun> runs_of(const ConvolutionGeometry& g, std::size_t axis) {
    std::vector<PhaseRun> runs;
    const std::int64_t stride = g.window.stride[axis];
    for (std::int64_t phase = 0; phase < std::min(stride, g.output[axis]); ++phase) {
        const std::int64_t left = g.window.size[axis] - first_tap(g, axis, phase);
        const std::int64_t taps = left <= 0 ? 0 : (left - 1) / stride + 1;
        const std::int64_t count = (g.output[axis] - 1 - phase) / stride + 1;
        if (!runs.empty() && runs.back().taps == taps && runs.back().count == count)
            ++runs.back().phases;
        else
            runs.push_back({phase, 1, taps, count});
    }
    return runs;
}

std::vector<PhaseStage> stages_of(const ConvolutionGeometry& g) {
    std::vector<PhaseStage> stages{{}};
    for (std::size_t axis = 0; axis < g.output.size(); ++axis) {
        std::vector<PhaseStage> longer;
        for (const PhaseStage& stage : stages) {
            for (const PhaseRun& run : runs_of(g, axis)) {
                longer.push_back(stage);
                longer.back().push_back(run);
            }
        }
        stages = std::move(longer);
    }
    return stages;
}

std::int64_t product_of(const PhaseStage& stage, std::int64_t PhaseRun::* number) {
    std::int64_t result = 1;
    for (const PhaseRun& run : stage) result *= run.*number;
    return result;
}

std::int64_t fewest_places(const ConvolutionGeometry& g, std::size_t from_last) {
    if (from_last >= g.output.size()) return 1;
    const std::size_t axis = g.output.size() - 1 - from_last;
    return (g.output[axis] - std::min(g.window.stride[axis], g.output[axis])) / g.window.stride[axis] + 1;
}

bool divides(const ConvolutionGeometry& g, std::size_t from_last, std::int64_t tile) {
    if (from_last >= g.output.size()) return true;
    const std::vector<PhaseRun> runs = runs_of(g, g.output.size() - 1 - from_last);
    return std::all_of(runs.begin(), runs.end(), [&](const PhaseRun& run) { return run.count % tile == 0; });
}

bool gathers_outside(const ConvolutionGeometry& g) {
    for (std::size_t axis = 0; axis < g.output.size(); ++axis) {
        const std::int64_t stride = g.window.stride[axis], before = g.window.pad_before[axis];
        for (const PhaseRun& run : runs_of(g, axis)) {
            for (std::int64_t phase = run.first; run.taps > 0 && phase < run.first + run.phases; ++phase) {
                const std::int64_t shift = (phase + before) / stride;
                if (shift - (run.taps - 1) * g.window.dilation[axis] < 0) return true;
                if (run.count - 1 + shift >= g.input[axis]) return true;
            }
        }
    }
    return false;
}

}  // namespace halcyon
