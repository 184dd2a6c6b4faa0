#pragma once

#include <CLI/CLI.hpp>

#include <cstddef>
#include <optional>
#include <string>

#include "compile.h"
#include "tune/runner.h"

namespace halcyon {

/// What `tune` was asked for.
struct TuningOptions {
    CompileOptions compile;
    std::string budget, effort = "medium", records, runner_timeout = "2m", shard;
    RunnerOptions runner;
    std::optional<std::size_t> trials;
};

/// What it fills must outlive the parsing.
void add_tuning_options(CLI::App& app, TuningOptions& options);

}  // namespace halcyon
