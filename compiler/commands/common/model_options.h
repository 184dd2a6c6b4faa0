#pragma once

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

#include "compile.h"

namespace halcyon {

/// SPEC and the options that every command on a model takes: --weights, --initialize, --target, --schedules, --threads,
/// --max-error, --exact. With `targets`, which starts as the default, --target is a list.
/// What it fills must outlive the parsing.
void add_model_options(CLI::App& app, CompileOptions& options, std::vector<std::string>* targets = nullptr);

/// --batch N.
void add_batch_option(CLI::App& app, CompileOptions& options);

/// --batch N[,N...], each once: the batch sizes of one library.
void add_batches_option(CLI::App& app, std::vector<std::int64_t>& batches);

}  // namespace halcyon
