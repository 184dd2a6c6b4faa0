#pragma once

#include <string>
#include <vector>

#include "importers/columns.h"

namespace halcyon::importers {

/// The names in a block taken apart: what all names of one call begin with, "conv2_block1", and what follows it in each line,
/// "_1_conv".
struct SplitNames {
    std::vector<std::string> suffixes;  ///< by line; also without a common beginning: what a line's names end with
    Cells prefixes;                     ///< by call
    bool has_prefix = false;
};

/// `names[line][call]`; lines whose layers have no written names are empty.
[[nodiscard]] SplitNames split_names(const std::vector<Cells>& names, std::size_t calls);

/// The first part of a name that is a word: "_2_conv" -> "conv", "_squeeze1x1" -> "squeeze"; may be empty.
[[nodiscard]] std::string word_in(const std::string& name);

}  // namespace halcyon::importers
