#pragma once

#include <string_view>

#include "graph/elaboration.h"

namespace halcyon::language {

/// The nodes that the model's outputs depend on, in topological order.
[[nodiscard]] std::vector<int> reachable_nodes(const Elaboration& elaboration, const Model& model);

/// Gives every layer of the model its name, as Keras would in a fresh session: as written, or its class and a number in order
/// of creation, whether the layer is used or not. Layers of models called as layers keep theirs. False if two are equal.
bool name_layers(Elaboration& elaboration, Model& model, const std::vector<int>& nodes);

/// Whether C and C++ accept the name as an identifier.
[[nodiscard]] bool is_c_identifier(std::string_view name);

/// The name with '_' for its dots, hyphens and blanks, as in "mobilenet_1.00_224"; empty if that is no identifier either.
[[nodiscard]] std::string as_c_identifier(std::string_view name);

/// Gives each output its name in the generated header: as written, else "output", "output_1" by position. A variable's name
/// gives way where it would clash.
bool name_outputs(Elaboration& elaboration, Model& model, const std::vector<std::string>& variables, bool written,
                  Span span);

}  // namespace halcyon::language
