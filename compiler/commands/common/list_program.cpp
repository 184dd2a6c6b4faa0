#include "commands/common/list_program.h"

#include <algorithm>
#include <cmath>

#include "schedule/update_schedules.h"

namespace halcyon {
namespace {

const Kernel& kernel_of(const Program& program, const KernelCall& call) {
    return program.kernels[static_cast<std::size_t>(call.kernel)];
}

/// From the first to behind the last byte that a value touches.
std::int64_t extent_bytes(const Layout& layout, const TensorType& type) {
    std::int64_t last = 0;
    for (std::size_t axis = 0; axis < type.shape.size(); ++axis) {
        const std::int64_t index = type.shape[axis] - 1;
        const bool blocked = layout.channel_block > 1 && axis + 1 == type.shape.size();
        last += blocked ? index / layout.channel_block * layout.strides[axis] + layout.channel_block - 1
                        : index * layout.strides[axis];
    }
    return (last + 1) * bytes_of(type.element);
}

struct Range {
    std::int64_t begin = 0, end = 0;
    [[nodiscard]] bool overlaps(const Range& other) const { return begin < other.end && other.begin < end; }
};

std::optional<Range> workspace_range(const Place& place, const Layout& layout, const TensorType& type) {
    if (place.kind != Place::Kind::workspace) return std::nullopt;
    return Range{place.offset, place.offset + extent_bytes(layout, type)};
}

std::optional<Range> output_range(const Program& program, const KernelCall& call) {
    const Kernel& kernel = kernel_of(program, call);
    return workspace_range(call.arguments.back(), kernel.candidate.output, kernel.task.output);
}

bool reads(const Program& program, const KernelCall& call, const Range& range) {
    const Kernel& kernel = kernel_of(program, call);
    for (std::size_t i = 0; i < kernel.task.inputs.size(); ++i) {
        const auto input = workspace_range(call.arguments[i], kernel.candidate.inputs[i], kernel.task.inputs[i]);
        if (input && input->overlaps(range)) return true;
    }
    return false;
}

/// The last call that reads what `writer` wrote: before another call writes there, which may itself read it.
std::size_t last_reader(const Program& program, std::size_t writer, const Range& range) {
    std::size_t last = writer;
    for (std::size_t call = writer + 1; call < program.calls.size(); ++call) {
        if (reads(program, program.calls[call], range)) last = call;
        const auto written = output_range(program, program.calls[call]);
        if (written && written->overlaps(range)) break;
    }
    return last;
}

bool only_moves(const Program& program, const KernelCall& call) {
    const Task& task = kernel_of(program, call).task;
    const ScalarExpr as_it_is = ScalarExpr::input(0);
    return task.operation.op == Op::elementwise && task.prologue == as_it_is && task.epilogue == as_it_is;
}

/// Of bands only these have no layer's value.
bool carries_rows(const KernelCall& call) {
    return call.origin.is_band() && call.origin.node < 0;
}

}  // namespace

Listing list_layouts(const Program& program) {
    Listing listing(
        {{"call", ">call"}, {"layer", "layer"}, {"kernel", "kernel"}, {"inputs", "inputs"}, {"output", "output"}});
    for (std::size_t i = 0; i < program.calls.size(); ++i) {
        const Kernel& kernel = kernel_of(program, program.calls[i]);
        std::string inputs;
        for (std::size_t k = 0; k < kernel.task.inputs.size(); ++k) {
            inputs += (k == 0 ? "" : ", ") + to_text(kernel.candidate.inputs[k], kernel.task.inputs[k].shape);
        }
        listing.add({i, program.calls[i].layer, kernel.name, inputs,
                     to_text(kernel.candidate.output, kernel.task.output.shape)});
    }
    return listing;
}

std::vector<std::string> layers_of_reorders(const Program& program) {
    std::vector<std::string> layers;
    for (const KernelCall& call : program.calls)
        if (only_moves(program, call) && !carries_rows(call)) layers.push_back(call.layer);
    return layers;
}

std::size_t count_carried_rows(const Program& program) {
    return static_cast<std::size_t>(std::count_if(program.calls.begin(), program.calls.end(), carries_rows));
}

Listing list_memory(const Program& program) {
    Listing listing({{"layer", "value of"},
                     {"offset", ">offset"},
                     {"bytes", ">bytes"},
                     {"first", ">written by"},
                     {"last", ">read by"}});
    for (std::size_t i = 0; i < program.calls.size(); ++i) {
        const auto range = output_range(program, program.calls[i]);
        if (!range) continue;
        listing.add(
            {program.calls[i].layer, range->begin, range->end - range->begin, i, last_reader(program, i, *range)});
    }
    return listing;
}

namespace {

/// By analysis: multiply-adds of the task's definition against what the machine could do in the cycles.
double estimated_peak_share(const Task& task, double cost, const TargetInfo& target) {
    constexpr double cycles = 1e9;  // of a cost of 1
    const double per_cycle = 2.0 * target.fma_per_cycle * target.vector_lanes;
    return cost > 0.0 ? flops(task) / (cost * cycles * per_cycle * task.threads) : 0.0;
}

}  // namespace

Listing list_schedules(const CompiledModel& model) {
    Listing listing({{"kernel", "kernel"},
                     {"calls", ">calls"},
                     {"task", "task"},
                     {"candidate", "candidate"},
                     {"source", "from"},
                     {"trials", ">trials"},
                     {"peak_share", ">of peak"},
                     {"share_is", "which is"},
                     {"others", "others"}});
    for (std::size_t k = 0; k < model.program.kernels.size(); ++k) {
        const Kernel& kernel = model.program.kernels[k];
        const auto calls = std::count_if(model.program.calls.begin(), model.program.calls.end(),
                                         [&](const KernelCall& call) { return call.kernel == static_cast<int>(k); });
        const Choice& choice = model.choices[k];
        const std::optional<WrittenFigures> written = figures_of(choice.note);
        nlohmann::ordered_json share = nullptr;
        if (written && written->peak_share)
            share = *written->peak_share;
        else if (!written && flops(kernel.task) > 0.0)
            share = estimated_peak_share(kernel.task, choice.cost, model.program.target);
        if (!share.is_null()) share = std::round(share.get<double>() * 1000.0) / 1000.0;
        const char* const what = share.is_null() ? "" : written ? "measured" : "estimated";
        listing.add({kernel.name, calls, to_text(kernel.task), to_text(kernel.candidate, kernel.task), choice.source,
                     written ? written->trials : 0, share, what, choice.others});
    }
    return listing;
}

}  // namespace halcyon
