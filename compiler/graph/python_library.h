#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "graph/builtins.h"

namespace halcyon::language {

/// A function or a number of a module that programs which build networks import: math.ceil, backend.image_data_format, ...
struct LibraryEntry {
    std::string_view home;  ///< "math", "keras.backend"
    Builtin function;       ///< its name; `call` is null for a number
    double number = 0.0;
};

/// All of them: the one place to add one.
[[nodiscard]] const std::vector<LibraryEntry>& library_entries();

/// math.pi, math.ceil; nothing if there is none.
[[nodiscard]] std::optional<LanguageValue> find_in_library(std::string_view home, std::string_view name);

}  // namespace halcyon::language
