#pragma once

#include <string>
#include <vector>

#include "graph/graph.h"
#include "plan/program.h"
#include "report/drawing.h"

namespace halcyon {

/// One box of the network's picture: a kernel call, a door, or a view, which costs nothing.
struct NetworkBox {
    enum class Kind { input, kernel, view, output };
    Kind kind = Kind::kernel;
    std::string name;                  ///< of the layer whose value comes out; an output's own
    std::string type;                  ///< of the layer: "Conv2D"; "copy" for a call that the plan has added
    std::string value;                 ///< "float32[56, 56, 64]"
    int call = -1;                     ///< of a kernel: index into Program::calls
    std::vector<std::string> members;  ///< all layers that it computes, in order
    Span span;
};

/// A value in the workspace. Layers that a concatenation joins are one.
struct WorkspaceValue {
    std::string layer;
    std::int64_t offset = 0, bytes = 0;
    int first = 0, last = 0;  ///< calls: written by, last needed by
};

/// What a program does, for pictures.
struct NetworkView {
    std::vector<NetworkBox> boxes;
    std::vector<Sketch::Arrow> arrows;
    std::vector<WorkspaceValue> values;  ///< that of one item behind the others, at Program::buffer_bytes
};

/// `graph` after all passes, and the program that was planned from it.
[[nodiscard]] NetworkView view_network(const Graph& graph, const Program& program);

/// The bytes in use while each call runs.
[[nodiscard]] std::vector<std::int64_t> bytes_in_use(const std::vector<WorkspaceValue>& values, std::size_t calls);

}  // namespace halcyon
