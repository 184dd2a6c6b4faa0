#pragma once

#include <string>

namespace halcyon {

/// What a process left behind.
struct ProcessResult {
    bool succeeded = false;
    std::string output, errors;  ///< what it wrote to standard output and standard error
    std::string ending;          ///< "exit status 70", "signal 11": in words, for reports
};

/// Runs `program argument` without a shell, with `input` on its standard input, and waits for its end. Variables of the
/// environment that steer Halide (HL_...) are withheld, for results must not depend on them.
[[nodiscard]] ProcessResult run_worker_process(const std::string& program, const std::string& argument,
                                               const std::string& input);

}  // namespace halcyon
