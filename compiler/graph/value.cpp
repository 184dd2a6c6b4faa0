#include "graph/value.h"

#include <cmath>

#include <fmt/format.h>

#include "support/check.h"

namespace halcyon {
namespace {

std::string quoted(const std::string& text) {
    const char quote = text.find('\'') != std::string::npos && text.find('"') == std::string::npos ? '"' : '\'';
    std::string result(1, quote);
    for (char c : text) {
        if (c == quote || c == '\\') result += '\\';
        if (c == '\n') {
            result += "\\n";
        } else {
            result += c;
        }
    }
    return result + quote;
}

// Python's repr: the shortest text that reads back, with ".0" where it would look like an integer.
std::string real_text(double number) {
    if (std::isnan(number)) return "nan";
    if (std::isinf(number)) return number > 0 ? "inf" : "-inf";
    std::string text = fmt::format("{}", number);
    if (text.find_first_of(".e") == std::string::npos) text += ".0";
    return text;
}

std::string sequence_text(const Value::Sequence& sequence) {
    std::vector<std::string> parts;
    for (const Value& element : sequence) parts.push_back(to_text(element));
    return fmt::format("({}{})", fmt::join(parts, ", "), parts.size() == 1 ? "," : "");
}

std::string object_text(const Value::Object& object) {
    std::vector<std::string> parts;
    for (const auto& [name, value] : object.arguments) parts.push_back(fmt::format("{}={}", name, to_text(value)));
    return fmt::format("{}({})", object.class_name, fmt::join(parts, ", "));
}

}  // namespace

std::optional<double> Value::real() const {
    if (const auto* number = std::get_if<double>(&data)) return *number;
    if (const std::int64_t* number = integer()) return static_cast<double>(*number);
    return std::nullopt;
}

std::string to_text(const Value& value) {
    if (value.is_none()) return "None";
    if (const bool* b = value.boolean()) return *b ? "True" : "False";
    if (const std::int64_t* n = value.integer()) return fmt::format("{}", *n);
    if (const std::string* s = value.string()) return quoted(*s);
    if (const Value::Sequence* s = value.sequence()) return sequence_text(*s);
    if (const Value::Object* o = value.object()) return object_text(*o);
    return real_text(*value.real());
}

const Value* Attributes::find(const std::string& name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? nullptr : &found->second;
}

const Value& Attributes::operator[](const std::string& name) const {
    const Value* value = find(name);
    CHECK_INTERNAL(value != nullptr);
    return *value;
}

std::int64_t Attributes::integer(const std::string& name) const {
    const std::int64_t* value = (*this)[name].integer();
    CHECK_INTERNAL(value != nullptr);
    return *value;
}

double Attributes::real(const std::string& name) const {
    const std::optional<double> value = (*this)[name].real();
    CHECK_INTERNAL(value.has_value());
    return *value;
}

bool Attributes::boolean(const std::string& name) const {
    const bool* value = (*this)[name].boolean();
    CHECK_INTERNAL(value != nullptr);
    return *value;
}

const std::string& Attributes::string(const std::string& name) const {
    const std::string* value = (*this)[name].string();
    CHECK_INTERNAL(value != nullptr);
    return *value;
}

std::vector<std::int64_t> Attributes::integers(const std::string& name) const {
    const Value::Sequence* sequence = (*this)[name].sequence();
    CHECK_INTERNAL(sequence != nullptr);
    std::vector<std::int64_t> result;
    for (const Value& element : *sequence) {
        CHECK_INTERNAL(element.integer() != nullptr);
        result.push_back(*element.integer());
    }
    return result;
}

bool Attributes::is_none(const std::string& name) const {
    return (*this)[name].is_none();
}

}  // namespace halcyon
