#include "syntax/refused_syntax.h"

#include <algorithm>

#include "support/check.h"

namespace halcyon {

const std::vector<Refusal>& refused_statements() {
    static const std::vector<Refusal> list = {
        {"while", "the language has no `while`: a network is finite, repeat with `for ... in range(n)`"},
        {"class", "the language has no `class`: a block of layers is a `def`"},
        {"global", "the language has no `global`: pass values as parameters and return them"},
        {"nonlocal", "the language has no `nonlocal`: pass values as parameters and return them"},
        {"yield", "the language has no `yield`: return a list"},
        {"async", "the language has no `async`"},
        {"await", "the language has no `await`"},
        {"del", "the language has no `del`: names end with their block"},
        {"assert", "the language has no `assert`: shapes are checked when the spec is compiled"},
        {"break", "the language has no `break`: choose the range of the `for`"},
        {"continue", "the language has no `continue`: put the rest of the loop's body under an `if`"},
        {"else", "this `else` belongs to no `if` of the same indentation", Code::unexpected_token},
        {"elif", "this `elif` belongs to no `if` of the same indentation", Code::unexpected_token},
        {"except", "this `except` belongs to no `try` of the same indentation", Code::unexpected_token},
        {"finally", "this `finally` belongs to no `try` of the same indentation", Code::unexpected_token},
    };
    return list;
}

const std::vector<Refusal>& refused_operators() {
    static const std::vector<Refusal> list = {
        {":=", "the language has no `:=`: assign on a line before"},
        {"@", "the language has no operator `@`: a matrix product is a `Dense` layer"},
        {"<<", "the language has no operator `<<`: multiply by a power of two"},
        {">>", "the language has no operator `>>`: divide by a power of two with `//`"},
        {"<>", "the language has no operator `<>`: write `!=`"},
        {"&", "the language has no operator `&`: for conditions write `and`"},
        {"|", "the language has no operator `|`: for conditions write `or`"},
        {"^", "the language has no operator `^`: a power is written `**`"},
    };
    return list;
}

const std::vector<Refusal>& refused_expressions() {
    static const std::vector<Refusal> list = {
        {"lambda", "the language has no `lambda`: write a `def`"},
        {"yield", "the language has no `yield`: return a list"},
        {"await", "the language has no `await`"},
        {"~", "the language has no operator `~`: for conditions write `not`"},
    };
    return list;
}

const Refusal& refusal_of(const std::vector<Refusal>& list, std::string_view text) {
    const auto found =
        std::find_if(list.begin(), list.end(), [&](const Refusal& refusal) { return refusal.text == text; });
    CHECK_INTERNAL(found != list.end());
    return *found;
}

const std::vector<std::string_view>& reserved_words() {
    static const std::vector<std::string_view> words = {
        "False", "None",     "True",  "and",    "as",   "assert", "async",  "await",    "break",
        "class", "continue", "def",   "del",    "elif", "else",   "except", "finally",  "for",
        "from",  "global",   "if",    "import", "in",   "is",     "lambda", "nonlocal", "not",
        "or",    "pass",     "raise", "return", "try",  "while",  "with",   "yield"};
    return words;
}

}  // namespace halcyon
