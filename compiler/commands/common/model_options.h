#pragma once

#include <CLI/CLI.hpp>

#include "compile.h"

namespace halcyon {

/// SPEC and the options that every command on a model takes: --weights, --initialize, --target, --schedules, --threads.
/// `options` must outlive the parsing.
void add_model_options(CLI::App& app, CompileOptions& options);

/// --batch N. One library serves one batch size, so a list is refused.
void add_batch_option(CLI::App& app, CompileOptions& options);

}  // namespace halcyon
