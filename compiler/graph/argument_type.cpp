#include "graph/argument_type.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "layers/common/activations.h"
#include "support/diagnostics.h"

namespace halcyon::argument {
namespace {

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

/// "an integer from 1 to 3" -> "integers from 1 to 3".
std::string plural(const ArgumentType& element) {
    std::string_view text = element.description;
    for (std::string_view article : {"a ", "an "}) {
        if (text.starts_with(article)) text.remove_prefix(article.size());
    }
    const std::size_t noun = std::min(text.find(" from "), text.size());
    return fmt::format("{}s{}", text.substr(0, noun), text.substr(noun));
}

const std::string& count_word(int count) {
    static const std::string words[] = {"no", "one", "two", "three", "four", "five"};
    return words[std::min(count, 5)];
}

}  // namespace

ArgumentType integer(std::int64_t low, std::int64_t high) {
    constexpr std::int64_t no_limit = (std::int64_t{1} << 31) - 1;
    std::string description = "an integer";
    if (low == 1 && high == no_limit) {
        description = "a positive integer";
    } else if (low == 0 && high == no_limit) {
        description = "a non-negative integer";
    } else if (high != no_limit) {
        description = fmt::format("an integer from {} to {}", low, high);
    } else if (low > -no_limit) {
        description = fmt::format("an integer of at least {}", low);
    }
    return {description, [low, high](const Value& written, std::string& why) -> std::optional<Value> {
                const std::int64_t* n = written.integer();
                if (n == nullptr) return std::nullopt;
                if (*n > high && high == no_limit) why = fmt::format("at most {} is possible", high);
                return *n >= low && *n <= high ? std::optional(written) : std::nullopt;
            }};
}

ArgumentType positive_integer() {
    return integer(1);
}

ArgumentType real() {
    constexpr double all = std::numeric_limits<double>::max();
    ArgumentType type = real(-all, all);
    type.description = "a number";
    return type;
}

ArgumentType real(double low, double high) {
    std::string description = high == std::numeric_limits<double>::max()
                                  ? fmt::format("a number of at least {}", low)
                                  : fmt::format("a number from {} to {}", low, high);
    return {description, [low, high](const Value& written, std::string&) -> std::optional<Value> {
                const std::optional<double> number = written.real();
                if (!number || !(*number >= low && *number <= high)) return std::nullopt;
                return Value(*number);
            }};
}

ArgumentType boolean() {
    return {"True or False", [](const Value& written, std::string&) {
                return written.boolean() != nullptr ? std::optional(written) : std::nullopt;
            }};
}

ArgumentType string() {
    return {"a string", [](const Value& written, std::string&) {
                return written.string() != nullptr ? std::optional(written) : std::nullopt;
            }};
}

ArgumentType choice(std::vector<std::string> names) {
    std::string description = fmt::format("'{}'", names[0]);
    for (std::size_t i = 1; i < names.size(); ++i) {
        description += fmt::format("{}'{}'", i + 1 == names.size() ? " or " : ", ", names[i]);
    }
    return {description, [names = std::move(names)](const Value& written, std::string&) -> std::optional<Value> {
                if (written.string() == nullptr) return std::nullopt;
                const std::string name = lower(*written.string());
                if (std::find(names.begin(), names.end(), name) == names.end()) return std::nullopt;
                return Value(name);
            }};
}

ArgumentType tuple_of(ArgumentType element, int count) {
    std::string description =
        count == 1 ? element.description : fmt::format("{} or a tuple of {}", element.description, count_word(count));
    return {description,
            [element = std::move(element), count](const Value& written, std::string& why) -> std::optional<Value> {
                Value::Sequence result;
                if (const Value::Sequence* sequence = written.sequence()) {
                    if (static_cast<int>(sequence->size()) != count) {
                        why = fmt::format("the tuple has {} elements", sequence->size());
                        return std::nullopt;
                    }
                    for (const Value& part : *sequence) {
                        std::optional<Value> normal = element.normalize(part, why);
                        if (!normal) return std::nullopt;
                        result.push_back(std::move(*normal));
                    }
                    return Value(std::move(result));
                }
                const std::optional<Value> normal = element.normalize(written, why);
                if (!normal) return std::nullopt;
                result.assign(static_cast<std::size_t>(count), *normal);
                return Value(std::move(result));
            }};
}

ArgumentType sequence_of(ArgumentType element) {
    std::string description = fmt::format("{} or a tuple of {}", element.description, plural(element));
    return {description,
            [element = std::move(element)](const Value& written, std::string& why) -> std::optional<Value> {
                const Value::Sequence one{written};
                Value::Sequence result;
                for (const Value& part : written.sequence() != nullptr ? *written.sequence() : one) {
                    std::optional<Value> normal = element.normalize(part, why);
                    if (!normal) return std::nullopt;
                    result.push_back(std::move(*normal));
                }
                return Value(std::move(result));
            }};
}

ArgumentType optional(ArgumentType type) {
    return {type.description + ", or None", [type](const Value& written, std::string& why) -> std::optional<Value> {
                return written.is_none() ? std::optional(written) : type.normalize(written, why);
            }};
}

ArgumentType explicit_padding(int spatial_rank) {
    std::string description =
        spatial_rank == 2 ? "a non-negative integer, (rows, columns) or ((top, bottom), (left, right))"
        : spatial_rank == 1
            ? "a non-negative integer or (before, after)"
            : fmt::format("a non-negative integer, {} of them, one per axis, or {} pairs", spatial_rank, spatial_rank);
    return {description, [spatial_rank](const Value& written, std::string& why) -> std::optional<Value> {
                const ArgumentType amount = integer(0);
                const ArgumentType pair = tuple_of(amount, 2);
                const auto rank = static_cast<std::size_t>(spatial_rank);
                if (written.sequence() == nullptr) {
                    const std::optional<Value> both = pair.normalize(written, why);
                    return both ? std::optional(Value(Value::Sequence(rank, *both))) : std::nullopt;
                }
                // With one axis, (before, after) is the axis's own pair; what holds that pair is the normal form.
                const Value::Sequence single{written};
                const Value::Sequence& whole = *written.sequence();
                const bool flat = rank == 1 && !(whole.size() == 1 && whole[0].sequence() != nullptr);
                const Value::Sequence& axes = flat ? single : whole;
                if (flat && whole.size() != 2) {
                    why = fmt::format("it has {} element{}, not two", whole.size(), whole.size() == 1 ? "" : "s");
                    return std::nullopt;
                }
                if (axes.size() != rank) {
                    why = fmt::format("it has {} elements for {} axes", axes.size(), rank);
                    return std::nullopt;
                }
                Value::Sequence result;
                for (const Value& axis : axes) {
                    std::optional<Value> normal = pair.normalize(axis, why);
                    if (!normal) return std::nullopt;
                    result.push_back(std::move(*normal));
                }
                return Value(std::move(result));
            }};
}

ArgumentType window_padding(int spatial_rank) {
    const ArgumentType word = choice({"valid", "same"});
    const ArgumentType pads = explicit_padding(spatial_rank);
    return {fmt::format("'valid', 'same', {}", pads.description),
            [word, pads](const Value& written, std::string& why) -> std::optional<Value> {
                return written.string() != nullptr ? word.normalize(written, why) : pads.normalize(written, why);
            }};
}

ArgumentType data_format() {
    const ArgumentType word = choice({"channels_last", "channels_first"});
    return {word.description + ", or None", [word](const Value& written, std::string& why) -> std::optional<Value> {
                return written.is_none() ? Value("channels_last") : word.normalize(written, why);
            }};
}

ArgumentType activation() {
    return {"the name of an activation, or None", [](const Value& written, std::string& why) -> std::optional<Value> {
                if (written.is_none()) return Value("linear");
                if (written.string() == nullptr) return std::nullopt;
                const std::string_view name = canonical_activation(*written.string());
                if (!name.empty()) return Value(std::string(name));
                const std::string_view meant = nearest(*written.string(), activation_names());
                why = meant.empty() ? fmt::format("known are {}", fmt::join(activation_names(), ", "))
                                    : fmt::format("did you mean '{}'?", meant);
                return std::nullopt;
            }};
}

ArgumentType ignored() {
    return {"anything: it only matters in training",
            [](const Value& written, std::string&) { return std::optional(written); }};
}

}  // namespace halcyon::argument
