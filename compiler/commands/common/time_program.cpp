#include "commands/common/time_program.h"

#include <algorithm>
#include <chrono>

#include "commands/common/fma_peak.h"
#include "commands/common/random_input.h"
#include "support/check.h"

namespace halcyon {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double seconds_per_measurement = 1.5;
constexpr std::size_t fewest_runs = 10;
constexpr std::size_t most_runs = 20'000;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Calls `once` for as long as a measurement takes.
template <typename Function>
void repeat(Function once) {
    const Clock::time_point begin = Clock::now();
    for (std::size_t run = 0; run < most_runs && (run < fewest_runs || seconds_since(begin) < seconds_per_measurement);
         ++run)
        once();
}

}  // namespace

ProgramTimes time_program(RunnableModel& runnable, int threads) {
    const Program& program = runnable.model.program;
    const std::vector<std::string> input_bytes = random_inputs(program.inputs, program.batch, 1);
    std::vector<const void*> inputs;
    for (const std::string& bytes : input_bytes) inputs.push_back(bytes.data());
    std::vector<std::string> output_bytes(program.outputs.size());
    std::vector<void*> outputs;
    for (std::size_t door = 0; door < output_bytes.size(); ++door) {
        output_bytes[door].resize(runnable.loaded->output_bytes(static_cast<int>(door)));
        outputs.push_back(output_bytes[door].data());
    }

    ProgramTimes times;
    const bool fused =
        program.target.cpu_features.find("+fma") != std::string::npos || program.target.vector_lanes >= 16;
    times.peak_gflops = measure_peak_gflops(program.target.vector_lanes, fused, threads);
    const auto run_all = [&] {
        const Clock::time_point start = Clock::now();
        CHECK_INTERNAL(runnable.loaded->run(inputs, outputs, threads) == 0);
        return seconds_since(start);
    };
    times.first_call = run_all();
    repeat([&] { times.total.add(run_all()); });

    runnable.loaded->bind(inputs, outputs);
    times.calls.resize(program.calls.size());
    repeat([&] {
        std::vector<double> seconds(program.calls.size(), 0.0);
        const auto run_call = [&](std::size_t call, std::int64_t item) {
            const Clock::time_point start = Clock::now();
            CHECK_INTERNAL(runnable.loaded->run_call(static_cast<int>(call), item) == 0);
            seconds[call] += seconds_since(start);
        };
        for (std::int64_t item = 0; item < program.batch && program.item_calls > 0; ++item)
            for (std::size_t call = 0; call < program.item_calls; ++call) run_call(call, item);
        for (std::size_t call = program.item_calls; call < program.calls.size(); ++call) run_call(call, 0);
        for (std::size_t call = 0; call < program.calls.size(); ++call) times.calls[call].add(seconds[call]);
    });
    // Clocks change with load and heat: the peak counts that the machine reached at any time.
    times.peak_gflops = std::max(times.peak_gflops, measure_peak_gflops(program.target.vector_lanes, fused, threads));
    return times;
}

void ProgramTimes::add(const ProgramTimes& further) {
    total.add(further.total);
    CHECK_INTERNAL(calls.size() == further.calls.size());
    for (std::size_t call = 0; call < calls.size(); ++call) calls[call].add(further.calls[call]);
    peak_gflops = std::max(peak_gflops, further.peak_gflops);
}

double call_flops(const Program& program, std::size_t call) {
    const Kernel& kernel = program.kernels[static_cast<std::size_t>(program.calls[call].kernel)];
    return flops(kernel.task) * static_cast<double>(program.repetitions(call));
}

double model_flops(const Program& program) {
    double sum = 0.0;
    for (std::size_t call = 0; call < program.calls.size(); ++call) sum += call_flops(program, call);
    return sum;
}

}  // namespace halcyon
