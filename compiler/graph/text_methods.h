#pragma once

#include "graph/interpreter.h"
#include "graph/operators.h"

namespace halcyon::language {

/// The methods of texts, as Python has them: format, join, split, ...
[[nodiscard]] const std::vector<std::string_view>& text_methods();

/// Calls one of them. Poison after mistakes.
[[nodiscard]] LanguageValue call_text_method(Elaboration& elaboration, const std::string& text,
                                             const BoundMethod& method, const CallArguments& arguments);

/// "block_%d" % 3, "%s_%02d" % (name, i): %[flags][width][.precision] with s, r, d, i, e, f, g, x and %%.
[[nodiscard]] LanguageValue percent_format(Elaboration& elaboration, const Operand& format, const Operand& values,
                                           Span span);

}  // namespace halcyon::language
