#pragma once

#include <string>

namespace halcyon {

/// What a process left behind.
struct ProcessResult {
    bool succeeded = false;
    bool timed_out = false;      ///< it was killed, for it took too long
    std::string output, errors;  ///< what it wrote to standard output and standard error
    std::string ending;          ///< "exit status 70", "signal 11": in words, for reports
};

/// Runs `program argument` without a shell, with `input` on its standard input, and waits for its end. Variables of the
/// environment that steer Halide (HL_...) are withheld, for results must not depend on them. After `most_seconds`, if they
/// are not 0, the process is killed.
[[nodiscard]] ProcessResult run_worker_process(const std::string& program, const std::string& argument,
                                               const std::string& input, double most_seconds = 0.0);

}  // namespace halcyon
