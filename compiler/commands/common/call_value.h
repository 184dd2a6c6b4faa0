#pragma once

#include <map>
#include <optional>
#include <vector>

#include "backend/loaded_program.h"
#include "graph/graph.h"

namespace halcyon {

/// Reads layers' values while a program runs call by call, since memory is used again.
class CallValues {
public:
    /// All three are kept by reference.
    CallValues(const Program& program, const Graph& layers, LoadedProgram& loaded)
        : program_(program), layers_(layers), loaded_(loaded) {}

    /// To be asked after each call in order: the layer's value that it has completed, if it has. It is read through the kernel's
    /// layout and has the layer's own axes, (height, width, channels) or (channels, height, width), as the spec says. What is
    /// computed in bands is complete after the last of them.
    [[nodiscard]] std::optional<Array> after(int call);

private:
    const Program& program_;
    const Graph& layers_;
    LoadedProgram& loaded_;
    std::map<NodeId, std::vector<double>> bands_;  // so far, by the kernels' axes
};

}  // namespace halcyon
