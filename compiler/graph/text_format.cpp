#include "graph/text_format.h"

#include <fmt/format.h>

namespace halcyon::language {
namespace {

constexpr int max_shown_depth = 8;

/// Appends Python's repr; stops when `text` has outgrown `limit`.
void append_repr(std::string& text, const LanguageValue& value, std::size_t limit, int depth);

void append_elements(std::string& text, const Elements& elements, std::size_t limit, int depth) {
    for (std::size_t i = 0; i < elements.size() && text.size() <= limit; ++i) {
        if (i > 0) text += ", ";
        append_repr(text, elements[i], limit, depth + 1);
    }
}

void append_repr(std::string& text, const LanguageValue& value, std::size_t limit, int depth) {
    if (text.size() > limit) return;
    if (depth > max_shown_depth) {
        text += "...";
    } else if (value.is_none()) {
        text += "None";
    } else if (const bool* b = value.get<bool>()) {
        text += *b ? "True" : "False";
    } else if (const auto* n = value.get<std::int64_t>()) {
        text += fmt::format("{}", *n);
    } else if (const double* x = value.get<double>()) {
        text += to_text(Value(*x));
    } else if (const std::string* s = value.text()) {
        text += to_text(Value(*s));
    } else if (const auto* tuple = value.get<const Tuple*>()) {
        text += '(';
        append_elements(text, (*tuple)->elements, limit, depth);
        text += (*tuple)->elements.size() == 1 ? ",)" : ")";
    } else if (const List* list = value.list()) {
        text += '[';
        append_elements(text, list->elements, limit, depth);
        text += ']';
    } else if (const auto* dict = value.get<Dict*>()) {
        text += '{';
        for (const auto& [key, element] : (*dict)->items) {
            if (text.size() > limit) break;
            if (text.back() != '{') text += ", ";
            append_repr(text, key, limit, depth + 1);
            text += ": ";
            append_repr(text, element, limit, depth + 1);
        }
        text += '}';
    } else if (const auto* range = value.get<const Range*>()) {
        const Range& r = **range;
        text += fmt::format("range({}, {}, {})", r.start, r.start + r.count * r.step, r.step);
    } else if (const auto* object = value.get<const Value::Object*>()) {
        text += to_text(Value(**object));
    } else {
        text += fmt::format("<{}>", type_name(value));
    }
}

/// Whether `format` is one that fmt and Python read alike; splits off the type letter.
bool is_simple_format(std::string_view format, char& type) {
    std::size_t i = 0;
    const auto is_alignment = [](char c) { return c == '<' || c == '>' || c == '^'; };
    const auto skip_number = [&](int max_digits) {
        const std::size_t begin = i;
        while (i < format.size() && format[i] >= '0' && format[i] <= '9') ++i;
        return i - begin <= static_cast<std::size_t>(max_digits);
    };
    if (format.size() >= 2 && is_alignment(format[1]) && format[0] > ' ' && format[0] < 0x7f && format[0] != '{' &&
        format[0] != '}') {
        i = 2;
    } else if (!format.empty() && is_alignment(format[0])) {
        i = 1;
    }
    if (i < format.size() && (format[i] == '+' || format[i] == '-' || format[i] == ' ')) ++i;
    if (!skip_number(4)) return false;
    if (i < format.size() && format[i] == '.') {
        const std::size_t dot = i++;
        if (!skip_number(3) || i == dot + 1) return false;
    }
    type = i < format.size() ? format[i++] : '\0';
    return i == format.size();
}

bool is_one_of(char c, std::string_view letters) {
    return c == '\0' || letters.find(c) != std::string_view::npos;
}

LanguageValue bad_format(Elaboration& elaboration, const LanguageValue& value, const std::string& format, Span span) {
    elaboration.error(Code::bad_format, span, "format '{}' does not fit {}", format, describe(value));
    return Poison{};
}

}  // namespace

std::string display(const LanguageValue& value) {
    constexpr std::size_t limit = 100;
    std::string text;
    append_repr(text, value, limit, 0);
    if (text.size() <= limit + 20) return text;
    text.resize(limit);
    return text + "...";
}

LanguageValue to_string_value(Elaboration& elaboration, const LanguageValue& value, Span span) {
    if (value.is_poison()) return Poison{};
    if (value.text()) return value;
    if (value.get<Tensor>()) {
        elaboration.error(Code::tensor_as_condition, span,
                          "a tensor cannot become text: its values are not known here");
        return Poison{};
    }
    std::string text;
    append_repr(text, value, Elaboration::max_text, 0);
    return elaboration.make_text(std::move(text), span);
}

LanguageValue format_value(Elaboration& elaboration, const LanguageValue& value, const std::string& format, Span span) {
    if (format.empty() || value.is_poison()) return to_string_value(elaboration, value, span);
    char type = '\0';
    if (!is_simple_format(format, type)) return bad_format(elaboration, value, format, span);
    const std::string pattern = "{:" + format + "}";
    const bool has_precision = format.find('.') != std::string::npos;
    try {
        if (const std::string* text = value.text()) {
            if (!is_one_of(type, "s")) return bad_format(elaboration, value, format, span);
            return elaboration.make_text(fmt::format(fmt::runtime(pattern), *text), span);
        }
        if (const auto n = value.integer(); n && is_one_of(type, "dxXob") && !has_precision) {
            return elaboration.make_text(fmt::format(fmt::runtime(pattern), *n), span);
        }
        if (const auto x = value.real(); x && is_one_of(type, "eEfFgG")) {
            return elaboration.make_text(fmt::format(fmt::runtime(pattern), *x), span);
        }
    } catch (const fmt::format_error&) {
        // Combinations that fmt refuses, such as a sign for a text, are refused by Python too.
    }
    return bad_format(elaboration, value, format, span);
}

}  // namespace halcyon::language
