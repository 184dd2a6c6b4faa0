#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "graph/value.h"

namespace halcyon::importers {

using Json = nlohmann::json;

/// The text as JSON; nothing if it is none, or nests deeper than any architecture does.
[[nodiscard]] std::optional<Json> parse_json(std::string_view text);

/// The member of an object; null if there is none, or it is no object.
[[nodiscard]] const Json* member(const Json& object, std::string_view key);
/// A member that is text, else "".
[[nodiscard]] std::string text_member(const Json& object, std::string_view key);
/// A member that is an array, else null.
[[nodiscard]] const Json* array_member(const Json& object, std::string_view key);
/// The elements of such a member; none if there is none. They live as long as the object.
[[nodiscard]] const Json& elements_of(const Json& object, std::string_view key);
/// A whole number from 0 to a million.
[[nodiscard]] std::optional<int> small_number(const Json& json);

/// A plain datum as Keras stores it: numbers, text, lists, {"class_name": "__tuple__", "items": [...]}, NumPy scalars, and
/// functions by their name. Nothing for other objects.
[[nodiscard]] std::optional<Value> plain_value(const Json& json);

/// For messages: the JSON, cut when it is long.
[[nodiscard]] std::string brief(const Json& json);

/// For messages: control characters and what is no ASCII spelled out, cut when it is long.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace halcyon::importers
