#pragma once

#include <CLI/CLI.hpp>

#include "compile.h"

namespace halcyon {

/// SPEC and the options that every command on a model takes: --weights, --initialize, --target, --schedules, --threads,
/// --max-error, --exact.
/// `options` must outlive the parsing.
void add_model_options(CLI::App& app, CompileOptions& options);

/// --batch N.
void add_batch_option(CLI::App& app, CompileOptions& options);

/// --batch N[,N...], each once: the batch sizes of one library.
void add_batches_option(CLI::App& app, std::vector<std::int64_t>& batches);

}  // namespace halcyon
