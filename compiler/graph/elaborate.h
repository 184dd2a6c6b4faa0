#pragma once

#include <string>
#include <vector>

#include "graph/graph.h"
#include "support/diagnostics.h"
#include "support/file_system.h"
#include "syntax/ast.h"

namespace halcyon {

/// Runs the spec at compile time, as Starlark would: every model of the file becomes a graph of layers with inferred types,
/// spans, Keras's names and weights. `from blocks import residual` reads blocks.hcn beside the file, never outside its folder.
/// Reports mistakes (02xx, 03xx) at the user's own lines and continues with the next statement where that makes sense.
/// Bounded: 1,000,000 steps of evaluation, call depth 64, 100,000 nodes a model.
/// Models come in the order of the file; with `model_name` not empty only that one is elaborated.
[[nodiscard]] std::vector<Graph> elaborate(const ast::Module& module, Sources& sources, const FileSystem& files,
                                           const std::string& model_name, Diagnostics& diag);

}  // namespace halcyon
