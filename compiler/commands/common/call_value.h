#pragma once

#include "backend/loaded_program.h"
#include "graph/graph.h"

namespace halcyon {

/// What a call has just written, read through its layout, with the axes of the layer's own value: (height, width, channels)
/// or (channels, height, width), as the spec says. A call without a counterpart among the layers keeps its own axes.
[[nodiscard]] Array call_value(const Program& program, const Graph& layers, LoadedProgram& loaded, int call);

/// The call's bytes in its own element type and the layer's axes, for files.
[[nodiscard]] TensorType call_type(const Program& program, const Graph& layers, int call);

}  // namespace halcyon
