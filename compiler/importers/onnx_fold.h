#pragma once

#include "importers/onnx_call.h"

namespace halcyon::importers {

/// Computes what depends on no input: constants, shapes, and the arithmetic that exporters do with them. Gives the node's
/// outputs and true, or false if there is something to compute later.
bool fold_onnx(OnnxCall& call);

}  // namespace halcyon::importers
