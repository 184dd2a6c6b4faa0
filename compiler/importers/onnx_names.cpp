#include "importers/onnx_names.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include <fmt/format.h>

#include "importers/spec_tree.h"

namespace halcyon::importers {
namespace {

constexpr std::size_t most_letters = 200;

std::vector<std::string> parts_of(std::string_view text, char separator) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const std::string_view part = text.substr(0, text.find(separator));
        if (!part.empty()) parts.emplace_back(part);
        text.remove_prefix(std::min(part.size() + 1, text.size()));
    }
    return parts;
}

std::string lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return result;
}

/// "Relu", "Relu_12", "relu3", "node_Relu_4": what any such node might be called.
bool says_nothing(std::string_view name, std::string_view type) {
    std::string word = lower(name);
    for (std::string_view prefix : {"node_", "onnx::", "n"}) {
        if (word.size() > prefix.size() && word.starts_with(prefix) &&
            (prefix.size() > 1 || std::isdigit(static_cast<unsigned char>(word[1])) != 0))
            word.erase(0, prefix.size());
    }
    while (!word.empty() && (std::isdigit(static_cast<unsigned char>(word.back())) != 0 || word.back() == '_'))
        word.pop_back();
    return word.empty() || word == lower(type);
}

/// "activation_7" of an Activation: what the text would call it by itself. "add", "multiply_3": operators take these, since the
/// text cannot name them.
bool is_automatic(const ImportedLayer& layer) {
    std::string_view stem = layer.name;
    while (!stem.empty() && std::isdigit(static_cast<unsigned char>(stem.back())) != 0) stem.remove_suffix(1);
    if (stem.ends_with('_')) stem.remove_suffix(1);
    static constexpr std::string_view operators[] = {"add", "subtract", "multiply", "divide", "power", "get_item"};
    return stem == automatic_prefix(layer) ||
           std::find(std::begin(operators), std::end(operators), stem) != std::end(operators);
}

/// Letters and digits with single '_' between them.
std::string identifier(std::string_view text) {
    std::string name;
    for (char c : text.substr(0, most_letters)) {
        if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
            name += c;
        } else if (!name.empty() && name.back() != '_') {
            name += '_';
        }
    }
    while (name.ends_with('_')) name.pop_back();
    return name;
}

/// PyTorch writes the module's path with each step's own path: /layer1/layer1.0/conv1/Conv.
std::string module_path(const std::vector<std::string>& parts) {
    std::string path;
    std::string last;
    for (const std::string& part : parts) {
        if (!last.empty() && part.starts_with(last + ".")) path.resize(path.size() - last.size());
        if (!path.empty() && !path.ends_with('.')) path += '.';
        path += part;
        last = part;
    }
    return path;
}

/// "conv1.weight", "conv1/kernel:0", "conv1_w" -> "conv1"; "" where it is none of these.
std::string owner_of(const std::string& weight) {
    static constexpr std::string_view endings[] = {"weight", "kernel:0", "kernel", "w", "W", "gamma", "scale"};
    for (std::string_view ending : endings) {
        if (weight.size() <= ending.size() + 1 || !weight.ends_with(ending)) continue;
        const std::string owner = weight.substr(0, weight.size() - ending.size());
        if (owner.back() == '.' || owner.back() == '/' || owner.back() == '_') return owner.substr(0, owner.size() - 1);
    }
    return "";
}

/// "dense_2_1", where "dense_2" is a layer with weights: what a part of that layer is called.
bool is_part(const ImportedLayer& layer, const std::set<std::string>& with_weights) {
    std::string stem = layer.name;
    while (!stem.empty() && std::isdigit(static_cast<unsigned char>(stem.back())) != 0) stem.pop_back();
    if (layer.def->weights || stem == layer.name || !stem.ends_with('_')) return false;
    stem.pop_back();
    return with_weights.contains(stem);
}

}  // namespace

std::string layer_name(const onnx_file::Node& node, const std::string& weight) {
    const std::string owner = owner_of(weight);
    if (!owner.empty() && !says_nothing(owner, node.type)) {
        if (std::string name = identifier(owner); !name.empty()) return name;
    }
    std::vector<std::string> parts = parts_of(node.name, '/');
    // The last step is the operation itself, if there are others before it.
    if (parts.size() > 1 && says_nothing(parts.back(), node.type)) parts.pop_back();
    if (parts.size() == 1 && says_nothing(parts[0], node.type)) return "";
    return identifier(module_path(parts));
}

void name_layers(ImportedNetwork& network) {
    std::set<std::string> with_weights;
    for (const ImportedLayer& layer : network.layers)
        if (layer.operation == 0 && layer.def->weights) with_weights.insert(layer.name);
    std::set<std::string> known, taken;
    for (ImportedLayer& layer : network.layers) {
        // Of layers with the same name the first keeps it: a convolution, not the activation that the file counts to it.
        if (layer.operation != 0 || layer.name.empty()) continue;
        if (!known.insert(layer.name).second || is_part(layer, with_weights) || is_automatic(layer)) {
            layer.name.clear();
        } else {
            taken.insert(layer.name);
        }
    }
    std::map<std::string, int> next;
    std::vector<bool> seen(network.layers.size(), false);
    for (const ImportedCall& call : network.calls) {
        const auto index = static_cast<std::size_t>(call.layer);
        if (seen[index]) continue;
        seen[index] = true;
        ImportedLayer& layer = network.layers[index];
        const std::string prefix = automatic_prefix(layer);
        int& number = next[prefix];
        const std::string automatic = number == 0 ? prefix : fmt::format("{}_{}", prefix, number);
        if (layer.operation != 0 || layer.name == automatic) {
            ++number;
        } else if (layer.name.empty()) {
            layer.name = automatic;
            if (taken.insert(automatic).second) {
                ++number;
                continue;
            }
            for (int i = 2; !taken.insert(layer.name).second; ++i) layer.name = fmt::format("{}_no{}", prefix, i);
        }
    }
}

std::vector<int> order_calls(ImportedNetwork& network) {
    const auto inputs = static_cast<int>(network.inputs.size());
    std::vector<int> place(network.inputs.size() + network.calls.size(), -1);
    for (int i = 0; i < inputs; ++i) place[static_cast<std::size_t>(i)] = i;
    std::vector<ImportedCall> ordered;
    const auto call_of = [&](int value) -> const ImportedCall& {
        return network.calls[static_cast<std::size_t>(value - inputs)];
    };
    std::vector<std::pair<int, std::size_t>> open;
    for (const auto& [name, output] : network.outputs) {
        if (place[static_cast<std::size_t>(output)] < 0) open.emplace_back(output, 0);
        while (!open.empty()) {
            auto& [value, next] = open.back();
            const ImportedCall& call = call_of(value);
            if (next < call.inputs.size()) {
                const int needed = call.inputs[next++];
                if (place[static_cast<std::size_t>(needed)] < 0) open.emplace_back(needed, 0);
                continue;
            }
            if (place[static_cast<std::size_t>(value)] < 0) {
                place[static_cast<std::size_t>(value)] = inputs + static_cast<int>(ordered.size());
                ordered.push_back(call);
                for (int& input : ordered.back().inputs) input = place[static_cast<std::size_t>(input)];
            }
            open.pop_back();
        }
    }
    network.calls = std::move(ordered);
    std::vector<int> new_place(network.layers.size(), -1);
    std::vector<ImportedLayer> layers;
    for (ImportedCall& call : network.calls) {
        int& layer = new_place[static_cast<std::size_t>(call.layer)];
        if (layer < 0) {
            layer = static_cast<int>(layers.size());
            layers.push_back(std::move(network.layers[static_cast<std::size_t>(call.layer)]));
        }
        call.layer = layer;
    }
    network.layers = std::move(layers);
    for (auto& [name, output] : network.outputs) output = place[static_cast<std::size_t>(output)];
    return new_place;
}

}  // namespace halcyon::importers
