#pragma once

#include "graph/elaboration.h"

namespace halcyon::language {

/// `import keras` means nothing but its alias; `from blocks import residual` runs blocks.hcn in the folder of the importing
/// file, once, and takes names from it.
void run_import(Elaboration& elaboration, const ast::Import& import, Span span);

/// Runs the statements of a file; its names are in the result's `globals`.
LoadedModule& run_module(Elaboration& elaboration, const ast::Module& tree, const std::string& path);

}  // namespace halcyon::language
