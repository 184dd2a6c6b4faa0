#include "kernels/common/threads.h"

#include <algorithm>
#include <string>

namespace halcyon {
namespace {

std::int64_t ceil_div(std::int64_t a, std::int64_t b) {
    return (a + b - 1) / b;
}

}  // namespace

bool worth_threads(const Task& task) {
    // Threads that wait for a loop have it in about a microsecond; a core does this much in some microseconds.
    return task.threads > 1 && (flops(task) > 4e5 || bytes_moved(task) > 1.2e5);
}

double unevenness(std::int64_t parts, const Task& task) {
    if (!worth_threads(task)) return 1.0;
    return static_cast<double>(ceil_div(parts, task.threads) * task.threads) / static_cast<double>(parts);
}

SharedLoops shared_loops(const std::vector<std::int64_t>& extents, const Task& task) {
    constexpr double even_enough = 1.05;
    SharedLoops shared;
    while (shared.first + 1 < extents.size() && extents[shared.first] == 1) ++shared.first;
    for (std::size_t i = shared.first; i < extents.size(); ++i) {
        if (i > shared.first && unevenness(shared.parts, task) < even_enough) break;
        shared.parts *= extents[i];
        ++shared.fused;
    }
    return shared;
}

std::int64_t run_length(const SharedLoops& shared, const Task& task) {
    if (shared.fused > 1) return 1;
    std::int64_t longest = 1;
    for (std::int64_t length = 2; length * 2 * task.threads <= shared.parts; ++length)
        if (shared.parts % length == 0 && (shared.parts / length) % task.threads == 0) longest = length;
    return longest;
}

Halide::Var share_out(Halide::Func output, const std::vector<Loop>& loops, const Task& task) {
    if (!worth_threads(task)) return loops.back().var;
    std::vector<std::int64_t> extents;
    for (const Loop& loop : loops) extents.push_back(loop.extent);
    const SharedLoops shared = shared_loops(extents, task);
    if (shared.parts == 1) return loops.back().var;
    Halide::Var part = loops[shared.first].var;
    for (std::size_t i = 1; i < shared.fused; ++i) {
        const Halide::Var fused("part" + std::to_string(i));
        output.fuse(loops[shared.first + i].var, part, fused);
        part = fused;
    }
    const bool is_innermost = shared.first + shared.fused == loops.size();
    const std::int64_t run = run_length(shared, task);
    if (run == 1) {
        output.parallel(part);
        return is_innermost ? part : loops.back().var;
    }
    const Halide::Var runs("runs"), in_run("in_run");
    output.split(part, runs, in_run, static_cast<int>(run), Halide::TailStrategy::GuardWithIf).parallel(runs);
    return is_innermost ? in_run : loops.back().var;
}

std::int64_t part_size(std::int64_t extent, const Task& task) {
    std::int64_t best = extent, least = extent + 1;
    for (const std::int64_t per_thread : {4, 2, 1}) {
        const std::int64_t size = ceil_div(extent, per_thread * task.threads);
        if (size * per_thread < least) best = size, least = size * per_thread;
    }
    return best;
}

Halide::Var parallelize(Halide::Func output, const std::vector<Loop>& loops, const Task& task) {
    std::vector<Halide::Var> outer_to_inner;
    for (const Loop& loop : loops) outer_to_inner.push_back(loop.var);
    auto chosen =
        std::find_if(loops.begin(), loops.end(), [&](const Loop& loop) { return loop.extent >= 2 * task.threads; });
    if (chosen == loops.end()) {
        chosen = std::max_element(loops.begin(), loops.end(),
                                  [](const Loop& a, const Loop& b) { return a.extent < b.extent; });
    }
    if (worth_threads(task) && chosen->extent >= 2) {
        const Halide::Var part("part"), within(chosen->var.name() + "p");
        output
            .split(chosen->var, part, within, static_cast<int>(part_size(chosen->extent, task)),
                   Halide::TailStrategy::GuardWithIf)
            .parallel(part);
        outer_to_inner[static_cast<std::size_t>(chosen - loops.begin())] = within;
        outer_to_inner.insert(outer_to_inner.begin(), part);
    }
    output.reorder(std::vector<Halide::VarOrRVar>(outer_to_inner.rbegin(), outer_to_inner.rend()));
    return outer_to_inner.back();
}

}  // namespace halcyon
