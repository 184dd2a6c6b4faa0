#include "graph/builtins.h"

#include <charconv>
#include <cmath>

#include "graph/layer_application.h"
#include "graph/sequences.h"
#include "graph/text_format.h"
#include "support/checked.h"

namespace halcyon::language {
namespace {

/// Checks that there are `low` to `high` positional arguments, no keywords but `keyword`, and no poison among them.
bool check_count(Elaboration& elaboration, const CallArguments& arguments, std::string_view name, std::size_t low,
                 std::size_t high, std::string_view keyword = "") {
    for (const CallArgument& argument : arguments.list) {
        if (argument.value.is_poison()) return false;
        if (argument.keyword.empty() || argument.keyword == keyword) continue;
        elaboration.error(Code::unknown_argument, argument.keyword_span, "{}() has no parameter '{}'", name,
                          argument.keyword);
        return false;
    }
    const std::size_t count = arguments.list.size();
    if (count >= low && count <= high) return true;
    const std::string expected = low == high                     ? fmt::format("{}", low)
                                 : high == Elaboration::max_list ? fmt::format("at least {}", low)
                                                                 : fmt::format("{} to {}", low, high);
    elaboration.error(count < low ? Code::missing_argument : Code::too_many_arguments, arguments.call,
                      "{}() takes {} argument{}, not {}", name, expected, expected.ends_with('1') ? "" : "s", count);
    return false;
}

LanguageValue bad_value(Elaboration& elaboration, const CallArgument& argument, std::string_view name,
                        std::string_view expected) {
    const bool tensor = argument.value.get<Tensor>() != nullptr;
    Diagnostic& d = elaboration.error(tensor ? Code::tensor_as_condition : Code::bad_value, argument.span,
                                      "{}() takes {}, not {}", name, expected, describe(argument.value));
    if (tensor) d.hint = "the values of tensors are not known when the spec is compiled; x.shape is";
    return Poison{};
}

Operand operand(const CallArgument& argument) {
    return {argument.value, argument.span};
}

LanguageValue call_len(Elaboration& elaboration, const CallArguments& arguments) {
    if (!check_count(elaboration, arguments, "len", 1, 1)) return Poison{};
    const CallArgument& argument = arguments.list[0];
    if (const std::string* text = argument.value.text()) {
        if (!elaboration.spend(static_cast<std::int64_t>(text->size() / 64), argument.span)) return Poison{};
    }
    if (const auto length = length_of(argument.value)) return *length;
    return bad_value(elaboration, argument, "len", "a list, tuple, range, dict or text");
}

/// min and max: of one sequence, or of the arguments.
LanguageValue extreme(Elaboration& elaboration, const CallArguments& arguments, std::string_view name, bool smallest) {
    if (!check_count(elaboration, arguments, name, 1, Elaboration::max_list)) return Poison{};
    Elements candidates;
    if (arguments.list.size() == 1) {
        const auto elements = elements_of(elaboration, operand(arguments.list[0]));
        if (!elements) return Poison{};
        candidates = *elements;
    } else {
        for (const CallArgument& argument : arguments.list) candidates.push_back(argument.value);
    }
    if (candidates.empty()) {
        elaboration.error(Code::bad_value, arguments.call, "{}() of nothing", name);
        return Poison{};
    }
    LanguageValue best = candidates[0];
    for (std::size_t i = 1; i < candidates.size(); ++i) {
        const Operand candidate{candidates[i], arguments.call};
        const Operand champion{best, arguments.call};
        const auto better = smallest ? less(elaboration, candidate, champion) : less(elaboration, champion, candidate);
        if (!better) return Poison{};
        if (*better) best = candidates[i];
    }
    return best;
}

LanguageValue call_min(Elaboration& elaboration, const CallArguments& arguments) {
    return extreme(elaboration, arguments, "min", true);
}

LanguageValue call_max(Elaboration& elaboration, const CallArguments& arguments) {
    return extreme(elaboration, arguments, "max", false);
}

LanguageValue to_integer(Elaboration& elaboration, double x, Span span) {
    if (std::abs(x) < 9.2e18) return static_cast<std::int64_t>(x);
    elaboration.error(Code::number_overflow, span, "the result does not fit into 64 bits");
    return Poison{};
}

LanguageValue call_round(Elaboration& elaboration, const CallArguments& arguments) {
    if (!check_count(elaboration, arguments, "round", 1, 2, "ndigits")) return Poison{};
    const CallArgument& argument = arguments.list[0];
    const auto x = argument.value.real();
    if (!x) return bad_value(elaboration, argument, "round", "a number");
    if (arguments.list.size() == 1 || arguments.list[1].value.is_none()) {
        if (const auto n = argument.value.integer()) return *n;
        return to_integer(elaboration, std::nearbyint(*x), argument.span);  // half to even, as Python
    }
    const auto digits = arguments.list[1].value.integer();
    if (!digits || *digits < 0 || *digits > 15)
        return bad_value(elaboration, arguments.list[1], "round", "0 to 15 digits");
    if (const auto n = argument.value.integer()) return *n;
    // Decimal rounding of the exact binary value, as Python does it.
    return std::strtod(fmt::format("{:.{}f}", *x, *digits).c_str(), nullptr);
}

/// The number that the whole text, but for white space round it, is.
template <typename T>
std::optional<T> parse_number(std::string_view text) {
    constexpr std::string_view blanks = " \t\n";
    const std::size_t begin = text.find_first_not_of(blanks);
    if (begin == std::string_view::npos) return std::nullopt;
    text = text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
    if (text.starts_with('+')) text.remove_prefix(1);
    T number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

LanguageValue call_int(Elaboration& elaboration, const CallArguments& arguments) {
    if (!check_count(elaboration, arguments, "int", 1, 1)) return Poison{};
    const CallArgument& argument = arguments.list[0];
    if (const auto n = argument.value.integer()) return *n;
    if (const auto x = argument.value.real()) return to_integer(elaboration, *x, argument.span);
    if (const std::string* text = argument.value.text()) {
        if (const auto n = parse_number<std::int64_t>(*text)) return *n;
    }
    return bad_value(elaboration, argument, "int", "a number or a text that is one");
}

LanguageValue call_float(Elaboration& elaboration, const CallArguments& arguments) {
    if (!check_count(elaboration, arguments, "float", 1, 1)) return Poison{};
    const CallArgument& argument = arguments.list[0];
    if (const auto x = argument.value.real()) return *x;
    if (const std::string* text = argument.value.text()) {
        if (const auto x = parse_number<double>(*text); x && std::isfinite(*x)) return *x;
    }
    return bad_value(elaboration, argument, "float", "a number or a text that is one");
}

LanguageValue call_bool(Elaboration& elaboration, const CallArguments& arguments) {
    if (!check_count(elaboration, arguments, "bool", 1, 1)) return Poison{};
    const auto value = truth(elaboration, arguments.list[0].value, arguments.list[0].span);
    return value ? LanguageValue(*value) : LanguageValue(Poison{});
}

LanguageValue call_str(Elaboration& elaboration, const CallArguments& arguments) {
    if (!check_count(elaboration, arguments, "str", 1, 1)) return Poison{};
    return to_string_value(elaboration, arguments.list[0].value, arguments.list[0].span);
}

LanguageValue call_abs(Elaboration& elaboration, const CallArguments& arguments) {
    if (!check_count(elaboration, arguments, "abs", 1, 1)) return Poison{};
    const CallArgument& argument = arguments.list[0];
    if (const auto n = argument.value.integer())
        return *n < 0 ? apply_negate(elaboration, operand(argument), argument.span) : *n;
    if (const auto x = argument.value.real()) return std::abs(*x);
    return bad_value(elaboration, argument, "abs", "a number");
}

LanguageValue call_sum(Elaboration& elaboration, const CallArguments& arguments) {
    if (!check_count(elaboration, arguments, "sum", 1, 2, "start")) return Poison{};
    LanguageValue total = arguments.list.size() == 2 ? arguments.list[1].value : LanguageValue(std::int64_t{0});
    const bool iterated = for_each_element(elaboration, operand(arguments.list[0]), [&](const LanguageValue& element) {
        total = apply_binary(elaboration, ast::BinaryOperator::add, {total, arguments.call}, {element, arguments.call},
                             arguments.call);
        return !total.is_poison();
    });
    return iterated ? total : LanguageValue(Poison{});
}

LanguageValue call_range(Elaboration& elaboration, const CallArguments& arguments) {
    if (!check_count(elaboration, arguments, "range", 1, 3)) return Poison{};
    std::vector<std::int64_t> bounds;
    for (const CallArgument& argument : arguments.list) {
        const auto n = argument.value.integer();
        if (!n) return bad_value(elaboration, argument, "range", "whole numbers");
        bounds.push_back(*n);
    }
    Range range;
    if (bounds.size() > 1) range.start = bounds[0];
    if (bounds.size() > 2) range.step = bounds[2];
    const std::int64_t stop = bounds.size() == 1 ? bounds[0] : bounds[1];
    if (range.step == 0) return bad_value(elaboration, arguments.list[2], "range", "a step other than zero");
    std::int64_t distance = 0;
    if (__builtin_sub_overflow(stop, range.start, &distance) ||
        range.step == std::numeric_limits<std::int64_t>::min()) {
        elaboration.error(Code::number_overflow, arguments.call, "the range does not fit into 64 bits");
        return Poison{};
    }
    if (range.step > 0 && distance > 0) range.count = (distance - 1) / range.step + 1;
    if (range.step < 0 && distance < 0) range.count = (-(distance + 1)) / -range.step + 1;
    return static_cast<const Range*>(elaboration.heap.make(range));
}

LanguageValue call_enumerate(Elaboration& elaboration, const CallArguments& arguments) {
    if (!check_count(elaboration, arguments, "enumerate", 1, 2, "start")) return Poison{};
    std::int64_t number = 0;
    if (arguments.list.size() == 2) {
        const auto start = arguments.list[1].value.integer();
        if (!start || std::abs(*start) > (std::int64_t{1} << 62)) {
            return bad_value(elaboration, arguments.list[1], "enumerate", "a whole number to start from");
        }
        number = *start;
    }
    const auto elements = elements_of(elaboration, operand(arguments.list[0]));
    if (!elements) return Poison{};
    Elements pairs;
    for (const LanguageValue& element : *elements) {
        pairs.push_back(elaboration.make_tuple({number++, element}, arguments.call));
    }
    return elaboration.make_list(std::move(pairs), arguments.call);
}

LanguageValue call_zip(Elaboration& elaboration, const CallArguments& arguments) {
    if (!check_count(elaboration, arguments, "zip", 0, 256)) return Poison{};
    std::vector<Elements> columns;
    std::size_t shortest = arguments.list.empty() ? 0 : Elaboration::max_list;
    for (const CallArgument& argument : arguments.list) {
        const auto elements = elements_of(elaboration, operand(argument));
        if (!elements) return Poison{};
        columns.push_back(*elements);
        shortest = std::min(shortest, elements->size());
    }
    Elements rows;
    for (std::size_t i = 0; i < shortest; ++i) {
        Elements row;
        for (const Elements& column : columns) row.push_back(column[i]);
        rows.push_back(elaboration.make_tuple(std::move(row), arguments.call));
    }
    return elaboration.make_list(std::move(rows), arguments.call);
}

/// list(), tuple() and reversed(): the elements of one sequence, or none.
std::optional<Elements> copied_elements(Elaboration& elaboration, const CallArguments& arguments,
                                        std::string_view name) {
    if (!check_count(elaboration, arguments, name, 0, 1)) return std::nullopt;
    if (arguments.list.empty()) return Elements{};
    return elements_of(elaboration, operand(arguments.list[0]));
}

LanguageValue call_list(Elaboration& elaboration, const CallArguments& arguments) {
    auto elements = copied_elements(elaboration, arguments, "list");
    return elements ? elaboration.make_list(std::move(*elements), arguments.call) : LanguageValue(Poison{});
}

LanguageValue call_tuple(Elaboration& elaboration, const CallArguments& arguments) {
    auto elements = copied_elements(elaboration, arguments, "tuple");
    return elements ? elaboration.make_tuple(std::move(*elements), arguments.call) : LanguageValue(Poison{});
}

/// any() and all(): the first element that decides.
LanguageValue decided_by(Elaboration& elaboration, const CallArguments& arguments, std::string_view name,
                         bool deciding) {
    if (!check_count(elaboration, arguments, name, 1, 1)) return Poison{};
    std::optional<bool> result = !deciding;
    const bool iterated = for_each_element(elaboration, operand(arguments.list[0]), [&](const LanguageValue& element) {
        result = truth(elaboration, element, arguments.list[0].span);
        return result && *result != deciding;
    });
    return iterated && result ? LanguageValue(*result) : LanguageValue(Poison{});
}

LanguageValue call_any(Elaboration& elaboration, const CallArguments& arguments) {
    return decided_by(elaboration, arguments, "any", true);
}

LanguageValue call_all(Elaboration& elaboration, const CallArguments& arguments) {
    return decided_by(elaboration, arguments, "all", false);
}

LanguageValue call_sorted(Elaboration& elaboration, const CallArguments& arguments) {
    if (!check_count(elaboration, arguments, "sorted", 1, 1)) return Poison{};
    const auto elements = elements_of(elaboration, operand(arguments.list[0]));
    if (!elements) return Poison{};
    Elements result;
    for (const LanguageValue& element : *elements) {
        // From the back, so that equal elements stay in order; a comparison that fails is reported.
        std::size_t place = result.size();
        for (; place > 0; --place) {
            const Operand one{element, arguments.call};
            const auto before = less(elaboration, one, {result[place - 1], arguments.call});
            if (!before) return Poison{};
            if (!*before) break;
        }
        result.insert(result.begin() + static_cast<std::ptrdiff_t>(place), element);
    }
    return elaboration.make_list(std::move(result), arguments.call);
}

LanguageValue call_chr(Elaboration& elaboration, const CallArguments& arguments) {
    if (!check_count(elaboration, arguments, "chr", 1, 1)) return Poison{};
    const auto code = arguments.list[0].value.integer();
    if (!code || *code < 32 || *code > 126)
        return bad_value(elaboration, arguments.list[0], "chr", "the number of a visible ASCII character");
    return elaboration.make_text(std::string(1, static_cast<char>(*code)), arguments.call);
}

LanguageValue call_dict(Elaboration& elaboration, const CallArguments& arguments) {
    Dict dict;
    for (const CallArgument& argument : arguments.list) {
        if (argument.value.is_poison()) return Poison{};
        if (const auto* other = argument.value.get<Dict*>(); other && argument.keyword.empty()) {
            dict = **other;
        } else if (argument.keyword.empty()) {
            return bad_value(elaboration, argument, "dict", "a dict or keyword arguments");
        } else {
            const LanguageValue key = elaboration.make_text(argument.keyword, argument.span);
            if (!set_key(elaboration, dict, key, argument.value, argument.span)) return Poison{};
        }
    }
    return elaboration.heap.make(std::move(dict));
}

/// Of the language's own types alone: int, float, str, bool, tuple, list, dict.
LanguageValue call_isinstance(Elaboration& elaboration, const CallArguments& arguments) {
    if (!check_count(elaboration, arguments, "isinstance", 2, 2)) return Poison{};
    const LanguageValue& value = arguments.list[0].value;
    const Elements* several = arguments.list[1].value.elements();
    bool result = false;
    for (const LanguageValue& type : several ? *several : Elements{arguments.list[1].value}) {
        const auto* function = type.get<const Builtin*>();
        if (function == nullptr)
            return bad_value(elaboration, arguments.list[1], "isinstance",
                             "int, float, str, bool, tuple, list or dict");
        result = result || (*function)->name == type_name(value) || ((*function)->name == "int" && value.get<bool>());
    }
    return result;
}

/// setattr(f, "__doc__", ...): what a function says of itself means nothing.
LanguageValue call_setattr(Elaboration& elaboration, const CallArguments& arguments) {
    if (!check_count(elaboration, arguments, "setattr", 3, 3)) return Poison{};
    const std::string* name = arguments.list[1].value.text();
    if (name && *name == "__doc__") return None{};
    elaboration.error(Code::not_supported, arguments.list[1].span,
                      "setattr() only sets '__doc__', which means nothing");
    return Poison{};
}

LanguageValue call_print(Elaboration& elaboration, const CallArguments& arguments) {
    note_training_only(elaboration, "print", arguments.callee);
    return None{};
}

LanguageValue call_reversed(Elaboration& elaboration, const CallArguments& arguments) {
    auto elements = copied_elements(elaboration, arguments, "reversed");
    if (!elements) return Poison{};
    return elaboration.make_list(Elements(elements->rbegin(), elements->rend()), arguments.call);
}

}  // namespace

const std::vector<Builtin>& builtins() {
    static const std::vector<Builtin> table = {
        {"abs", call_abs},
        {"all", call_all},
        {"any", call_any},
        {"bool", call_bool},
        {"chr", call_chr},
        {"dict", call_dict},
        {"enumerate", call_enumerate},
        {"float", call_float},
        {"int", call_int},
        {"isinstance", call_isinstance},
        {"len", call_len},
        {"list", call_list},
        {"max", call_max},
        {"print", call_print},
        {"min", call_min},
        {"range", call_range},
        {"reversed", call_reversed},
        {"round", call_round},
        {"setattr", call_setattr},
        {"sorted", call_sorted},
        {"str", call_str},
        {"sum", call_sum},
        {"tuple", call_tuple},
        {"zip", call_zip},
    };
    return table;
}

}  // namespace halcyon::language
