#include "graph/layer_def.h"

#include <algorithm>

namespace halcyon {
namespace {

bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}
bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}

}  // namespace

const LayerDef* find_layer(std::string_view name) {
    for (const LayerDef* layer : layer_table()) {
        if (layer->name == name) return layer;
        if (std::find(layer->aliases.begin(), layer->aliases.end(), name) != layer->aliases.end()) return layer;
    }
    return nullptr;
}

// Keras's to_snake_case: re.sub("(.)([A-Z][a-z]+)", r"\1_\2"), then re.sub("([a-z])([A-Z])", r"\1_\2"), then lower.
std::string snake_case(std::string_view name) {
    std::string words;
    for (std::size_t i = 0; i < name.size(); ++i) {
        words += name[i];
        if (i + 2 >= name.size() || !is_upper(name[i + 1]) || !is_lower(name[i + 2])) continue;
        words += '_';
        words += name[++i];
        while (i + 1 < name.size() && is_lower(name[i + 1])) words += name[++i];
    }
    std::string result;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const char c = words[i];
        if (i > 0 && is_lower(words[i - 1]) && is_upper(c)) result += '_';
        result += is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return result;
}

}  // namespace halcyon
