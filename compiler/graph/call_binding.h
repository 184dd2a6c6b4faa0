#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "graph/elaboration.h"

namespace halcyon::language {

/// The arguments of a function in the order of its `parameters`, of which the first `required` must be given; those left out are
/// None. Nothing after a mistake, which is reported, and where a value is poison.
[[nodiscard]] std::optional<std::vector<CallArgument>>
bound_arguments(Elaboration& elaboration, std::string_view function, const CallArguments& arguments,
                const std::vector<std::string_view>& parameters, std::size_t required);

}  // namespace halcyon::language
