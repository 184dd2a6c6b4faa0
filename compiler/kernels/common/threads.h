#pragma once

#include <cstdint>
#include <vector>

#include <Halide.h>

#include "kernels/task.h"

// How a kernel offers its work to the executor's threads. An executor gives each thread one run of neighbouring parts (see
// runtime/pool), so a loop is shared out well if its parts divide by the threads.

namespace halcyon {

/// A loop of the output: its variable (perhaps the outer part of a split) and how often it runs.
struct Loop {
    Halide::Var var;
    std::int64_t extent = 1;
};

/// Whether the task allows threads and takes long enough to be worth handing over.
[[nodiscard]] bool worth_threads(const Task& task);

/// How much longer `parts` of equal work take on the task's threads than work shared out evenly; 1 for a task not worth threads.
[[nodiscard]] double unevenness(std::int64_t parts, const Task& task);

/// Nested loops as threads share them out: `fused` of them from number `first` on are one loop of `parts` iterations.
struct SharedLoops {
    std::size_t first = 0, fused = 0;
    std::int64_t parts = 1;
};
/// The outermost of the loops of these extents (outermost first) that runs more than once, and as many of those inside it as make
/// the parts even.
[[nodiscard]] SharedLoops shared_loops(const std::vector<std::int64_t>& extents, const Task& task);
/// How many iterations of one loop that threads share out make a run, which one thread takes as a whole: as many as leave each
/// two equal runs or more. What the next iteration of a run reads can be fetched ahead.
[[nodiscard]] std::int64_t run_length(const SharedLoops& shared, const Task& task);
/// Hands out what shared_loops says, if the task is worth threads. The loops are nested in this order. Returns the innermost
/// loop's variable as it is called afterwards.
Halide::Var share_out(Halide::Func output, const std::vector<Loop>& loops, const Task& task);

/// How many iterations of a loop had best be one part: the work is even, and a thread has several parts where that costs nothing,
/// so that a slow one can give some away.
[[nodiscard]] std::int64_t part_size(std::int64_t extent, const Task& task);

/// Orders the loops (outermost first) round what is inside them and hands one out to the task's threads, if it is worth them: the
/// outermost that has enough for all, else the longest. Returns the innermost loop's variable as it is called afterwards.
Halide::Var parallelize(Halide::Func output, const std::vector<Loop>& loops, const Task& task);

}  // namespace halcyon
