#pragma once

#include <vector>

#include "commands/common/latency.h"
#include "commands/common/load_model.h"

namespace halcyon {

/// What a program takes here, in seconds: as a whole, and call by call (for all items that one run computes).
struct ProgramTimes {
    double first_call = 0.0;
    Latencies total;
    std::vector<Latencies> calls;
    double peak_gflops = 0.0;  ///< the most multiply-adds that the machine reached in the same run

    /// Adds further runs of the same program.
    void add(const ProgramTimes& further);
};

/// Runs it on random inputs for some seconds. Needs a program of at least one call.
[[nodiscard]] ProgramTimes time_program(RunnableModel& runnable, int threads);

/// Multiplications and additions of a call, for all items that one run of the program computes with it.
[[nodiscard]] double call_flops(const Program& program, std::size_t call);
[[nodiscard]] double model_flops(const Program& program);

/// The roof over a call: the longer of arithmetic at the peak and every operand and result moved once.
struct Roof {
    double bytes = 0.0;        ///< moved, for all items
    double memory_rate = 0.0;  ///< GB/s of a working set of that size
    double seconds = 0.0;
    bool is_arithmetic = false;  ///< which of the two it is
};
/// `gigabytes_per_second` tells the rate for a number of bytes.
template <typename Rate>
[[nodiscard]] Roof roof_of(const Program& program, std::size_t call, double peak_gflops, Rate gigabytes_per_second) {
    const Kernel& kernel = program.kernels[static_cast<std::size_t>(program.calls[call].kernel)];
    Roof roof;
    roof.bytes = bytes_moved(kernel.task) * static_cast<double>(program.repetitions(call));
    roof.memory_rate = gigabytes_per_second(roof.bytes);
    const double compute = call_flops(program, call) * 1e-9 / peak_gflops;
    const double memory = roof.bytes * 1e-9 / roof.memory_rate;
    roof.is_arithmetic = compute >= memory;
    roof.seconds = roof.is_arithmetic ? compute : memory;
    return roof;
}

}  // namespace halcyon
