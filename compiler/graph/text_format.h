#pragma once

#include "graph/elaboration.h"

namespace halcyon::language {

/// As Python's str() writes it; poison, reported, for values that only exist when the library runs and beyond limits.
[[nodiscard]] LanguageValue to_string_value(Elaboration& elaboration, const LanguageValue& value, Span span);

/// f"{value:format}": [[fill]align][sign][0][width][.precision][type], types d, x, o, b, e, f, g, s.
[[nodiscard]] LanguageValue format_value(Elaboration& elaboration, const LanguageValue& value,
                                         const std::string& format, Span span);

}  // namespace halcyon::language
