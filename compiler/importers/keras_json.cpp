#include "importers/keras_json.h"

#include <charconv>
#include <cstdint>
#include <limits>
#include <string>

#include <fmt/format.h>

namespace halcyon::importers {

std::optional<Json> parse_json(std::string_view text) {
    // The library's own hook for this looks at all of a list's elements again and again.
    constexpr int max_depth = 200;
    int depth = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            if (c == '\\') ++i;
            in_string = c != '"';
        } else if (c == '"') {
            in_string = true;
        } else if (c == '[' || c == '{') {
            if (++depth > max_depth) return std::nullopt;
        } else if (c == ']' || c == '}') {
            --depth;
        }
    }
    Json json = Json::parse(text, nullptr, false);
    if (json.is_discarded()) return std::nullopt;
    return json;
}

const Json* member(const Json& object, std::string_view key) {
    if (!object.is_object()) return nullptr;
    const auto found = object.find(key);
    return found == object.end() ? nullptr : &*found;
}

std::string text_member(const Json& object, std::string_view key) {
    const Json* found = member(object, key);
    return found != nullptr && found->is_string() ? found->get<std::string>() : std::string();
}

const Json* array_member(const Json& object, std::string_view key) {
    const Json* found = member(object, key);
    return found != nullptr && found->is_array() ? found : nullptr;
}

const Json& elements_of(const Json& object, std::string_view key) {
    static const Json none = Json::array();
    const Json* found = array_member(object, key);
    return found != nullptr ? *found : none;
}

std::optional<int> small_number(const Json& json) {
    constexpr int most = 1'000'000;
    if (!json.is_number_unsigned() || json.get<std::uint64_t>() > most) return std::nullopt;
    return json.get<int>();
}

namespace {

/// 0.2 for 0.20000000298023224: Keras 2 writes what float32 made of a number.
double without_float32_digits(double number) {
    const auto single = static_cast<float>(number);
    if (static_cast<double>(single) != number) return number;
    const std::string text = fmt::format("{}", single);
    double shortest = number;
    std::from_chars(text.data(), text.data() + text.size(), shortest);
    return shortest;
}

}  // namespace

std::optional<Value> plain_value(const Json& json) {
    if (json.is_null()) return Value();
    if (json.is_boolean()) return Value(json.get<bool>());
    if (json.is_number_unsigned() &&
        json.get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
        return std::nullopt;
    if (json.is_number_integer()) return Value(json.get<std::int64_t>());
    if (json.is_number_float()) return Value(without_float32_digits(json.get<double>()));
    if (json.is_string()) return Value(json.get<std::string>());
    if (json.is_array()) {
        Value::Sequence sequence;
        for (const Json& element : json) {
            std::optional<Value> value = plain_value(element);
            if (!value) return std::nullopt;
            sequence.push_back(std::move(*value));
        }
        return Value(std::move(sequence));
    }
    const std::string type = text_member(json, "class_name");
    const Json* items = array_member(json, "items");
    if (type == "__tuple__" && items != nullptr) return plain_value(*items);
    const Json* value = member(json, "value");
    if (type == "__numpy__" && value != nullptr) return plain_value(*value);
    const Json* config = member(json, "config");
    if (type == "function" && config != nullptr && config->is_string()) return plain_value(*config);
    // Keras 3 keeps arrays as {"class_name": "__numpy__", "config": {"value": ...}}.
    if (type == "__numpy__" && config != nullptr && member(*config, "value") != nullptr)
        return plain_value(*member(*config, "value"));
    return std::nullopt;
}

std::string brief(const Json& json) {
    constexpr std::size_t most = 60;
    std::string text = json.dump(-1, ' ', true, Json::error_handler_t::replace);
    if (text.size() > most) text = text.substr(0, most) + "...";
    return text;
}

std::string printable(std::string_view text) {
    constexpr std::size_t most = 200;
    std::string result;
    for (char c : text.substr(0, most)) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte >= 0x7f) {
            result += fmt::format("\\x{:02x}", byte);
        } else {
            result += c;
        }
    }
    return text.size() > most ? result + "..." : result;
}

}  // namespace halcyon::importers
