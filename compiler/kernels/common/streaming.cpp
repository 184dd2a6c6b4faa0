#include "kernels/common/streaming.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace halcyon {
namespace {

double operation_weight(ScalarOp op) {
    switch (op) {
    case ScalarOp::input:
    case ScalarOp::constant:
    case ScalarOp::number: return 0.0;
    case ScalarOp::divide:
    case ScalarOp::sqrt: return 4.0;
    case ScalarOp::exp:
    case ScalarOp::log:
    case ScalarOp::tanh:
    case ScalarOp::erf: return 15.0;
    case ScalarOp::power: return 40.0;
    default: return 1.0;
    }
}

}  // namespace

int fastest_axis(const Shape& shape, const std::vector<std::int64_t>& strides) {
    int fastest = -1;
    for (std::size_t axis = shape.size(); axis-- > 0;) {
        if (shape[axis] == 1) continue;
        if (fastest < 0 || std::abs(strides[axis]) < std::abs(strides[static_cast<std::size_t>(fastest)])) {
            fastest = static_cast<int>(axis);
        }
    }
    return fastest < 0 ? static_cast<int>(shape.size()) - 1 : fastest;
}

int fitting_lanes(std::int64_t extent, const TargetInfo& target) {
    int lanes = 1;
    while (lanes < target.vector_lanes && lanes < extent) lanes *= 2;
    return lanes;
}

bool vectors_fit(std::int64_t vectors, std::int64_t extent, const TargetInfo& target) {
    return vectors == 1 || vectors * target.vector_lanes <= extent;
}

bool accepts_strided(const Task& task, const Candidate& layouts, int in_place_from) {
    const auto plain = [](const Layout& layout, const TensorType& type) {
        return layout.channel_block == 1 && layout.strides.size() == type.shape.size();
    };
    if (layouts.inputs.size() != task.inputs.size() || !plain(layouts.output, task.output)) return false;
    for (std::size_t i = 0; i < task.inputs.size(); ++i) {
        if (!plain(layouts.inputs[i], task.inputs[i])) return false;
    }
    if (layouts.in_place < 0) return true;
    if (layouts.in_place < in_place_from || layouts.in_place >= static_cast<int>(task.inputs.size())) return false;
    const std::size_t over = static_cast<std::size_t>(layouts.in_place);
    return task.inputs[over] == task.output && layouts.inputs[over] == layouts.output;
}

Loop vectorize_axis(Halide::Func stage, const Halide::Var& axis, std::int64_t extent, int lanes, int vectors,
                    bool once) {
    const int tile = lanes * vectors;
    const Halide::Var outer(axis.name() + "o"), inner(axis.name() + "i");
    const bool guarded = once || extent < tile;
    stage.split(axis, outer, inner, tile,
                guarded ? Halide::TailStrategy::GuardWithIf : Halide::TailStrategy::ShiftInwards);
    if (lanes > 1) stage.vectorize(inner, lanes);
    if (vectors > 1) stage.unroll(inner);
    return {outer, (extent + tile - 1) / tile};
}

double operation_count(const ScalarExpr& expr) {
    double count = operation_weight(expr.op());
    for (const ScalarExpr& operand : expr.operands()) count += operation_count(operand);
    return count;
}

double streaming_cost(const Task& task, const TargetInfo& target, double elements, double operations, int lanes) {
    const double outputs = static_cast<double>(element_count(task.output.shape));
    const double scalar =
        elements * (operations + operation_count(task.prologue)) + outputs * (1.0 + operation_count(task.epilogue));
    const double arithmetic = scalar / lanes / target.fma_per_cycle;
    const double bytes = bytes_moved(task);
    const double rate =
        bytes > static_cast<double>(target.l2_bytes) ? target.memory_bytes_per_cycle : target.l2_bytes_per_cycle;
    // The shorter of the two hides behind the longer, but not quite.
    return (std::max(arithmetic, bytes / rate) + 0.2 * std::min(arithmetic, bytes / rate) + 100.0) / 1e9;
}

}  // namespace halcyon
