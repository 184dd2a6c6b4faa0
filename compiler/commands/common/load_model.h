#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "backend/kernel_compiler.h"
#include "backend/loaded_program.h"
#include "commands/command.h"
#include "compile.h"

namespace halcyon {

/// The spec's models, all of them or the one that SPEC names. A spec that is not there gets a suggestion.
[[nodiscard]] std::optional<std::vector<Graph>> load_graphs(CommandContext& context, const CompileOptions& options);

/// The one model that the command is about; a spec with several is an error that lists them.
[[nodiscard]] std::optional<Graph> load_graph(CommandContext& context, const CompileOptions& options);

/// A model compiled and loaded into this process.
struct RunnableModel {
    CompiledModel model;
    ModelWeights weights;
    std::vector<CompiledKernel> kernels;
    std::unique_ptr<LoadedProgram> loaded;
};

/// Compiles and loads it; a target that does not run here is an error.
[[nodiscard]] std::optional<RunnableModel> load_runnable(CommandContext& context, const CompileOptions& options);
/// Likewise a model that has been planned with these options.
[[nodiscard]] std::optional<RunnableModel> load_planned(CommandContext& context, const CompileOptions& options,
                                                        CompiledModel model);

/// How kernels are compiled by every command: through the user's cache, on all cores.
[[nodiscard]] KernelCompileOptions kernel_options(const CommandContext& context);

}  // namespace halcyon
