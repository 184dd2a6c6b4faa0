#include "importers/spec_names.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "graph/keras_names.h"
#include "graph/naming.h"

namespace halcyon::importers {
namespace {

constexpr std::string_view python_words =
    " False None True and as assert async await break class continue def del elif else except finally for from global "
    "if "
    "import in is lambda nonlocal not or pass raise return try while with yield print input type id float32 float16 "
    "bfloat16 uint8 int8 x y ";

std::string lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return result;
}

/// "input_layer_3", "input_1", "conv2d_input": nobody chose it.
bool is_numbered_input(std::string_view name) {
    std::string_view stem = name;
    while (!stem.empty() && stem.back() >= '0' && stem.back() <= '9') stem.remove_suffix(1);
    if (stem.ends_with('_')) stem.remove_suffix(1);
    return stem == "input" || stem == "input_layer" || stem == "inputs" || name.ends_with("_input") ||
           stem == "keras_tensor";
}

/// The words with everything else made '_', as a name in C.
std::string identifier(std::string_view words, std::string_view fallback) {
    constexpr std::size_t most = 60;
    std::string name;
    for (char c : words) {
        if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
            name += c;
        } else if (!name.empty() && name.back() != '_') {
            name += '_';
        }
    }
    while (name.ends_with('_')) name.pop_back();
    if (!name.empty() && std::isdigit(static_cast<unsigned char>(name[0])) != 0)
        name = fmt::format("{}_{}", fallback, name);
    if (name.empty() || name.size() > most) return std::string(fallback);
    return language::is_c_identifier(name) ? name : std::string(fallback);
}

}  // namespace

bool is_usable_name(std::string_view word) {
    // Namespaces such as keras.image are not used in what is written here, and `image` is what people call one.
    const std::optional<language::LanguageValue> known = language::find_global_name(word);
    const bool means_something = known && known->get<const language::KerasNamespace*>() == nullptr;
    return language::is_c_identifier(word) && !means_something &&
           python_words.find(fmt::format(" {} ", word)) == std::string_view::npos;
}

std::string usable_name(std::string_view words, std::string_view fallback) {
    const std::string name = identifier(words, fallback);
    return is_usable_name(name) ? name : is_usable_name(name + "_") ? name + "_" : std::string(fallback);
}

std::string unique_name(const std::string& wanted, std::set<std::string>& taken) {
    std::string name = wanted;
    for (int i = 2; !taken.insert(name).second; ++i) name = fmt::format("{}{}", wanted, i);
    return name;
}

std::vector<std::string> input_names(const ImportedNetwork& network) {
    std::set<std::string> taken;
    std::vector<std::string> names;
    for (const ImportedInput& input : network.inputs) {
        const Shape& shape = input.type.shape;
        const bool image = shape.size() == 3 && (shape[2] <= 4 || shape[0] <= 4);
        const std::string_view fallback = image ? "image" : shape.size() == 1 ? "features" : "inputs";
        std::string name = is_numbered_input(input.name) ? std::string(fallback) : usable_name(input.name, fallback);
        // Inputs and outputs may not differ in capitals alone.
        for (std::string each = lower(name); taken.contains(each); each = lower(name)) name += '_';
        taken.insert(lower(name));
        names.push_back(name);
    }
    return names;
}

std::vector<std::string> output_names(const ImportedNetwork& network, const std::vector<std::string>& inputs) {
    std::set<std::string> taken;
    for (const std::string& input : inputs) taken.insert(lower(input));
    std::vector<std::string> names;
    for (std::size_t i = 0; i < network.outputs.size(); ++i) {
        const std::string fallback = i == 0 ? "output" : fmt::format("output_{}", i);
        const std::string& given = network.outputs[i].first;
        const bool numbered =
            std::any_of(network.layers.begin(), network.layers.end(), [&](const ImportedLayer& layer) {
                const std::string prefix = snake_case(layer.def->name);
                return layer.name == given && given.starts_with(prefix) &&
                       given.find_first_not_of("_0123456789", prefix.size()) == std::string::npos;
            });
        std::string name = numbered ? fallback : identifier(given, fallback);
        for (std::string each = lower(name); taken.contains(each); each = lower(name)) name += '_';
        taken.insert(lower(name));
        names.push_back(name);
    }
    return names;
}

std::vector<std::string> name_tokens(std::string_view name) {
    const auto kind = [](char c) {
        return std::isdigit(static_cast<unsigned char>(c)) != 0   ? 0
               : std::isalpha(static_cast<unsigned char>(c)) != 0 ? 1
                                                                  : 2;
    };
    std::vector<std::string> tokens;
    for (char c : name) {
        if (tokens.empty() || kind(c) == 2 || kind(tokens.back().back()) != kind(c)) tokens.emplace_back();
        tokens.back() += c;
    }
    return tokens;
}

}  // namespace halcyon::importers
