#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "graph/graph.h"
#include "importers/network.h"
#include "support/diagnostics.h"

namespace halcyon::importers {

struct ImportedSpec {
    std::string text;
    Graph graph;            ///< what the text elaborates to
    bool readable = false;  ///< repetitions are written as blocks and loops
};

struct SpecOptions {
    std::string path;     ///< the file that the network was read from, for messages and the docstring
    std::string model;    ///< the model's name; empty: the network's own
    std::string made_by;  ///< "Keras 3.15"; may be empty
    bool plain = false;   ///< one line per layer, no blocks
};

/// Whether a spec's model can be called so.
[[nodiscard]] bool is_model_name(std::string_view name);

/// Writes the network as a person would. The text is elaborated and compared, node by node and name by name, with that of one
/// line per layer; where they differ, the latter is what is given. What Halcyon refuses to elaborate is an error (cannot_import).
[[nodiscard]] std::optional<ImportedSpec> write_spec(ImportedNetwork network, const SpecOptions& options,
                                                     Diagnostics& diag);

}  // namespace halcyon::importers
