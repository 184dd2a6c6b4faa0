#include "graph/text_methods.h"

#include <algorithm>
#include <cctype>
#include <cmath>

#include "graph/sequences.h"
#include "graph/text_format.h"

namespace halcyon::language {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::string changed(const std::string& text, int (*change)(int)) {
    std::string result = text;
    std::transform(result.begin(), result.end(), result.begin(), [&](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x80 ? static_cast<char>(change(byte)) : c;  // beyond ASCII nothing has another case here
    });
    return result;
}

LanguageValue bad_template(Elaboration& elaboration, Span span, std::string_view why) {
    elaboration.error(Code::bad_format, span, "this text cannot be filled in: {}", why);
    return Poison{};
}

/// "{}", "{0}", "{name}" filled in; no attributes or indices inside the braces.
LanguageValue format_text(Elaboration& elaboration, const std::string& text, const CallArguments& arguments) {
    std::vector<const CallArgument*> positional;
    for (const CallArgument& argument : arguments.list) {
        if (argument.keyword.empty()) positional.push_back(&argument);
    }
    const auto find = [&](const std::string& field, std::size_t& next) -> const CallArgument* {
        const bool number = std::all_of(field.begin(), field.end(), is_digit) && field.size() < 9;
        if (number) {
            const std::size_t index = field.empty() ? next++ : std::stoul(field);
            return index < positional.size() ? positional[index] : nullptr;
        }
        for (const CallArgument& argument : arguments.list) {
            if (argument.keyword == field) return &argument;
        }
        return nullptr;
    };
    std::string result;
    std::size_t next = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool doubled = i + 1 < text.size() && text[i + 1] == c;
        if ((c == '{' || c == '}') && doubled) {
            result += c;
            ++i;
        } else if (c == '{') {
            const std::size_t end = text.find('}', i);
            if (end == std::string::npos) return bad_template(elaboration, arguments.callee, "a '{' without its '}'");
            const std::string inside = text.substr(i + 1, end - i - 1);
            const std::size_t colon = std::min(inside.find(':'), inside.size());
            const CallArgument* argument = find(inside.substr(0, colon), next);
            if (argument == nullptr) {
                return bad_template(elaboration, arguments.call,
                                    fmt::format("nothing is given for '{{{}}}'", inside.substr(0, colon)));
            }
            const std::string format = colon < inside.size() ? inside.substr(colon + 1) : "";
            const LanguageValue shown = format_value(elaboration, argument->value, format, argument->span);
            if (shown.is_poison()) return Poison{};
            result += *shown.text();
            if (result.size() > Elaboration::max_text) break;
            i = end;
        } else if (c == '}') {
            return bad_template(elaboration, arguments.callee, "a '}' without its '{'");
        } else {
            result += c;
        }
    }
    return elaboration.make_text(std::move(result), arguments.call);
}

LanguageValue join_texts(Elaboration& elaboration, const std::string& text, const CallArguments& arguments) {
    const CallArgument& argument = arguments.list[0];
    const auto elements = elements_of(elaboration, {argument.value, argument.span});
    if (!elements) return Poison{};
    std::string result;
    for (std::size_t i = 0; i < elements->size(); ++i) {
        const std::string* part = (*elements)[i].text();
        if ((*elements)[i].is_poison()) return Poison{};
        if (part == nullptr) {
            elaboration.error(Code::bad_value, argument.span, "join() takes texts, not {}", describe((*elements)[i]));
            return Poison{};
        }
        if (i > 0) result += text;
        result += *part;
        if (result.size() > Elaboration::max_text) break;
    }
    return elaboration.make_text(std::move(result), arguments.call);
}

std::string stripped(const std::string& text, const std::string& what, bool left, bool right) {
    const std::size_t begin = left ? std::min(text.find_first_not_of(what), text.size()) : 0;
    const std::size_t last = right ? text.find_last_not_of(what) : text.size() - 1;
    if (begin >= text.size() || last == std::string::npos) return "";
    return text.substr(begin, last + 1 - begin);
}

LanguageValue split_text(Elaboration& elaboration, const std::string& text, const std::string* separator, Span span) {
    Elements parts;
    std::size_t begin = 0;
    const auto add = [&](std::size_t end) {
        parts.push_back(elaboration.make_text(text.substr(begin, end - begin), span));
    };
    constexpr std::string_view blanks = " \t\n\r\v\f";
    while (separator == nullptr && (begin = text.find_first_not_of(blanks, begin)) != std::string::npos) {
        const std::size_t end = std::min(text.find_first_of(blanks, begin), text.size());
        add(end);
        begin = end;
    }
    while (separator != nullptr) {
        const std::size_t end = text.find(*separator, begin);
        add(std::min(end, text.size()));
        if (end == std::string::npos) break;
        begin = end + separator->size();
        if (parts.size() > Elaboration::max_list) break;
    }
    return elaboration.make_list(std::move(parts), span);
}

std::string replaced(const std::string& text, const std::string& old, const std::string& by) {
    std::string result;
    std::size_t begin = 0;
    for (std::size_t at = text.find(old); at != std::string::npos && result.size() <= Elaboration::max_text;
         at = text.find(old, begin)) {
        result += text.substr(begin, at - begin) + by;
        begin = at + old.size();
    }
    return result + text.substr(begin);
}

struct Method {
    std::string_view name;
    std::size_t low, high;  ///< how many texts it takes
    LanguageValue (*call)(Elaboration& elaboration, const std::string& text, const std::vector<std::string>& given,
                          Span span);
};

// Those whose arguments are texts.
constexpr Method simple_methods[] = {
    {"lower", 0, 0,
     [](Elaboration& e, const std::string& text, const std::vector<std::string>&, Span span) {
         return e.make_text(changed(text, std::tolower), span);
     }},
    {"upper", 0, 0,
     [](Elaboration& e, const std::string& text, const std::vector<std::string>&, Span span) {
         return e.make_text(changed(text, std::toupper), span);
     }},
    {"capitalize", 0, 0,
     [](Elaboration& e, const std::string& text, const std::vector<std::string>&, Span span) {
         return e.make_text(changed(text.substr(0, 1), std::toupper) +
                                changed(text.empty() ? text : text.substr(1), std::tolower),
                            span);
     }},
    {"startswith", 1, 1,
     [](Elaboration&, const std::string& text, const std::vector<std::string>& given, Span) {
         return LanguageValue(text.starts_with(given[0]));
     }},
    {"endswith", 1, 1,
     [](Elaboration&, const std::string& text, const std::vector<std::string>& given, Span) {
         return LanguageValue(text.ends_with(given[0]));
     }},
    {"replace", 2, 2,
     [](Elaboration& e, const std::string& text, const std::vector<std::string>& given, Span span) {
         if (given[0].empty()) {
             e.error(Code::bad_value, span, "replace() needs something to replace");
             return LanguageValue(Poison{});
         }
         return e.make_text(replaced(text, given[0], given[1]), span);
     }},
    {"split", 0, 1,
     [](Elaboration& e, const std::string& text, const std::vector<std::string>& given, Span span) {
         if (!given.empty() && given[0].empty()) {
             e.error(Code::bad_value, span, "split() needs something to split at");
             return LanguageValue(Poison{});
         }
         return split_text(e, text, given.empty() ? nullptr : &given[0], span);
     }},
    {"strip", 0, 1,
     [](Elaboration& e, const std::string& text, const std::vector<std::string>& given, Span span) {
         return e.make_text(stripped(text, given.empty() ? " \t\n\r\v\f" : given[0], true, true), span);
     }},
    {"lstrip", 0, 1,
     [](Elaboration& e, const std::string& text, const std::vector<std::string>& given, Span span) {
         return e.make_text(stripped(text, given.empty() ? " \t\n\r\v\f" : given[0], true, false), span);
     }},
    {"rstrip", 0, 1,
     [](Elaboration& e, const std::string& text, const std::vector<std::string>& given, Span span) {
         return e.make_text(stripped(text, given.empty() ? " \t\n\r\v\f" : given[0], false, true), span);
     }},
};

LanguageValue call_simple(Elaboration& elaboration, const Method& method, const std::string& text,
                          const CallArguments& arguments) {
    std::vector<std::string> given;
    for (const CallArgument& argument : arguments.list) {
        const std::string* written = argument.keyword.empty() ? argument.value.text() : nullptr;
        if (written == nullptr || given.size() == method.high) {
            elaboration.error(Code::bad_value, argument.span, "{}() takes {} text{}, not this", method.name,
                              method.high == 0 ? "no" : fmt::format("{}", method.high), method.high == 1 ? "" : "s");
            return Poison{};
        }
        given.push_back(*written);
    }
    if (given.size() >= method.low) return method.call(elaboration, text, given, arguments.call);
    elaboration.error(Code::missing_argument, arguments.call, "{}() takes {} text{}, not {}", method.name, method.low,
                      method.low == 1 ? "" : "s", given.size());
    return Poison{};
}

}  // namespace

const std::vector<std::string_view>& text_methods() {
    static const std::vector<std::string_view> names = [] {
        std::vector<std::string_view> result = {"format", "join"};
        for (const Method& method : simple_methods) result.push_back(method.name);
        return result;
    }();
    return names;
}

LanguageValue call_text_method(Elaboration& elaboration, const std::string& text, const BoundMethod& method,
                               const CallArguments& arguments) {
    for (const CallArgument& argument : arguments.list) {
        if (argument.value.is_poison()) return Poison{};
    }
    if (!elaboration.spend(1 + static_cast<std::int64_t>(text.size() / 64), arguments.call)) return Poison{};
    if (method.name == "format") return format_text(elaboration, text, arguments);
    if (method.name == "join") {
        if (arguments.list.size() == 1 && arguments.list[0].keyword.empty())
            return join_texts(elaboration, text, arguments);
        elaboration.error(Code::missing_argument, arguments.call, "join() takes 1 list of texts");
        return Poison{};
    }
    const auto* simple = std::find_if(std::begin(simple_methods), std::end(simple_methods),
                                      [&](const Method& known) { return known.name == method.name; });
    return call_simple(elaboration, *simple, text, arguments);
}

LanguageValue percent_format(Elaboration& elaboration, const Operand& format, const Operand& values, Span span) {
    const std::string& text = *format.value.text();
    const auto* tuple = values.value.get<const Tuple*>();
    const Elements given = tuple ? (*tuple)->elements : Elements{values.value};
    std::size_t next = 0;
    std::string result;
    for (std::size_t i = 0; i < text.size() && result.size() <= Elaboration::max_text; ++i) {
        if (text[i] != '%') {
            result += text[i];
            continue;
        }
        std::size_t end = i + 1;
        while (end < text.size() && std::string_view("-+ 0123456789.").find(text[end]) != std::string_view::npos) ++end;
        const char type = end < text.size() ? text[end] : '\0';
        std::string flags = text.substr(i + 1, end - i - 1);
        i = end;
        if (type == '%') {
            result += '%';
            continue;
        }
        if (type == '\0' || std::string_view("sridefgxX").find(type) == std::string_view::npos)
            return bad_template(elaboration, format.span, "a '%' is written '%%'");
        if (next == given.size()) return bad_template(elaboration, span, "there are fewer values than places");
        LanguageValue value = given[next++];
        const double* real = value.get<double>();
        if (real && (type == 'd' || type == 'i') && std::abs(*real) < 9.2e18) value = static_cast<std::int64_t>(*real);
        // '%5s' stands on the right, '%-5d' on the left; str.format has it the other way round.
        const bool textual = type == 's' || type == 'r';
        if (flags.starts_with('-')) {
            flags[0] = '<';
        } else if (textual && !flags.empty()) {
            flags.insert(0, ">");
        }
        const LanguageValue shown = textual ? to_string_value(elaboration, value, values.span) : value;
        const std::string pattern = flags.empty() && textual ? "" : flags + (textual ? 's' : type == 'i' ? 'd' : type);
        const LanguageValue part = format_value(elaboration, shown, pattern, values.span);
        if (part.is_poison()) return Poison{};
        result += *part.text();
    }
    if (next < given.size() && (tuple || !values.value.get<Dict*>()))
        return bad_template(elaboration, span, "there are more values than places");
    return elaboration.make_text(std::move(result), span);
}

}  // namespace halcyon::language
