#pragma once

#include "graph/interpreter.h"

namespace halcyon::language {

/// A function of the language itself.
struct Builtin {
    std::string_view name;
    LanguageValue (*call)(Elaboration& elaboration, const CallArguments& arguments);
};

/// len, min, max, round, int, range, ...: what Python calls so.
[[nodiscard]] const std::vector<Builtin>& builtins();

}  // namespace halcyon::language
