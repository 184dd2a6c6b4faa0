// argument::initializer(): the initializers that Keras has, their names and their arguments.
#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "graph/argument_type.h"
#include "graph/layer_def.h"

namespace halcyon::argument {
namespace {

struct InitializerDef {
    std::string_view name;
    std::vector<std::string_view> aliases;  ///< further words that Keras knows, besides the name in snake_case
    std::vector<ArgumentDef> arguments;     ///< in Keras's positional order
};

const std::vector<InitializerDef>& initializers() {
    constexpr double largest = std::numeric_limits<double>::max();
    static const ArgumentDef seed{"seed", optional(integer(0)), Value(), "the same seed gives the same numbers", false};
    static const ArgumentDef mean{"mean", real(), Value(0.0), "", false};
    static const ArgumentDef stddev{"stddev", real(0.0, largest), Value(0.05), "", false};
    static const std::vector<InitializerDef> table{
        {"Zeros", {"zero"}, {}},
        {"Ones", {"one"}, {}},
        {"Constant", {}, {{"value", real(), Value(0.0), "", false}}},
        {"RandomNormal", {"normal"}, {mean, stddev, seed}},
        {"TruncatedNormal", {}, {mean, stddev, seed}},
        {"RandomUniform",
         {"uniform"},
         {{"minval", real(), Value(-0.05), "", false}, {"maxval", real(), Value(0.05), "", false}, seed}},
        {"VarianceScaling",
         {},
         {{"scale", real(std::numeric_limits<double>::min(), largest), Value(1.0), "", false},
          {"mode", choice({"fan_in", "fan_out", "fan_avg"}), Value("fan_in"), "", false},
          {"distribution", choice({"truncated_normal", "untruncated_normal", "uniform"}), Value("truncated_normal"), "",
           false},
          seed}},
        {"GlorotUniform", {}, {seed}},
        {"GlorotNormal", {}, {seed}},
        {"HeUniform", {}, {seed}},
        {"HeNormal", {}, {seed}},
        {"LecunUniform", {}, {seed}},
        {"LecunNormal", {}, {seed}},
    };
    return table;
}

const InitializerDef* find(const std::string& name, std::string& why) {
    static const std::vector<std::string> words = [] {
        std::vector<std::string> all;
        for (const InitializerDef& def : initializers()) all.push_back(snake_case(def.name));
        return all;
    }();
    for (std::size_t i = 0; i < words.size(); ++i) {
        const InitializerDef& def = initializers()[i];
        const bool alias = std::find(def.aliases.begin(), def.aliases.end(), name) != def.aliases.end();
        if (name == def.name || name == words[i] || alias) return &def;
    }
    const std::string_view meant = nearest(snake_case(name), {words.begin(), words.end()});
    why =
        meant.empty() ? fmt::format("known are {}", fmt::join(words, ", ")) : fmt::format("did you mean '{}'?", meant);
    return nullptr;
}

std::optional<Value> complete(const Value::Object& written, std::string& why) {
    const InitializerDef* def = find(written.class_name, why);
    if (def == nullptr) return std::nullopt;
    Value::Object result{std::string(def->name), {}};
    std::size_t used = 0;
    for (std::size_t i = 0; i < def->arguments.size(); ++i) {
        const ArgumentDef& argument = def->arguments[i];
        auto found = written.arguments.find(argument.name);
        if (found == written.arguments.end()) found = written.arguments.find(fmt::format("{}", i));
        if (found == written.arguments.end()) {
            result.arguments[argument.name] = *argument.default_value;
            continue;
        }
        ++used;
        const std::optional<Value> normal = argument.type.normalize(found->second, why);
        if (!normal) {
            why = fmt::format("'{}' of {} must be {}, got {}", argument.name, def->name, argument.type.description,
                              to_text(found->second));
            return std::nullopt;
        }
        result.arguments[argument.name] = *normal;
    }
    if (used != written.arguments.size()) {
        std::vector<std::string_view> names;
        for (const ArgumentDef& argument : def->arguments) names.push_back(argument.name);
        why = names.empty() ? fmt::format("{} takes no arguments", def->name)
                            : fmt::format("{} takes {}", def->name, fmt::join(names, ", "));
        return std::nullopt;
    }
    return Value(std::move(result));
}

}  // namespace

ArgumentType initializer() {
    return {"an initializer, such as 'he_normal'", [](const Value& written, std::string& why) -> std::optional<Value> {
                if (const std::string* name = written.string()) return complete({*name, {}}, why);
                if (written.object() != nullptr) return complete(*written.object(), why);
                return std::nullopt;
            }};
}

}  // namespace halcyon::argument
