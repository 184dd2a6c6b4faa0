#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "importers/network.h"

namespace halcyon::importers {

/// Whether a spec may use the word for a variable, a block or a parameter: an identifier in C and Python, no keyword of either,
/// and nothing that the language already knows.
[[nodiscard]] bool is_usable_name(std::string_view word);

/// The words with everything else made '_', as a usable name; `fallback` if nothing is left.
[[nodiscard]] std::string usable_name(std::string_view words, std::string_view fallback);

/// `wanted`, or `wanted` with a number after it, that is not taken yet; takes it.
std::string unique_name(const std::string& wanted, std::set<std::string>& taken);

/// The inputs' names: the file's, but what Keras numbers by itself ("input_layer_1") becomes "image" or "inputs".
[[nodiscard]] std::vector<std::string> input_names(const ImportedNetwork& network);
[[nodiscard]] std::vector<std::string> output_names(const ImportedNetwork& network,
                                                    const std::vector<std::string>& inputs);

/// Parts of a name in turn: letters, digits, others each by itself. "conv2_bn" is conv 2 _ bn.
[[nodiscard]] std::vector<std::string> name_tokens(std::string_view name);

}  // namespace halcyon::importers
