#include "formats/common/keras_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "graph/layer_def.h"

namespace halcyon {
namespace {

using Json = nlohmann::json;
using Layers = std::vector<KerasLayerPlace>;

FormatError damaged(std::string message) {
    return {.code = Code::bad_keras_file, .message = std::move(message)};
}

std::string below(const std::string& path, std::string_view name) {
    return path.empty() ? std::string(name) : fmt::format("{}/{}", path, name);
}

/// "conv2d_3" -> {"conv2d", 3}; a name without a number counts as 0.
std::pair<std::string_view, std::uint64_t> split_number(std::string_view name) {
    const std::size_t bar = name.rfind('_');
    std::uint64_t number = 0;
    if (bar == std::string_view::npos || bar + 1 == name.size()) return {name, 0};
    const auto [end, error] = std::from_chars(name.data() + bar + 1, name.data() + name.size(), number);
    if (error != std::errc{} || end != name.data() + name.size()) return {name, 0};
    return {name.substr(0, bar), number};
}

// ---------------------------------------------------------------------------------------------------------------------
// Keras 3: what the architecture says of the places.

struct NamedPlace {
    std::string place, name;
};

const Json* member(const Json& object, const char* key) {
    if (!object.is_object()) return nullptr;
    const auto found = object.find(key);
    return found == object.end() ? nullptr : &*found;
}

std::string text_member(const Json& object, const char* key) {
    const Json* found = member(object, key);
    return found != nullptr && found->is_string() ? found->get<std::string>() : std::string();
}

/// The places that Keras gives to the layers of this model, in its order: each class counts by itself.
void list_places(const Json& model, const std::string& path, int depth, std::vector<NamedPlace>& places) {
    constexpr int deepest = 32;
    const Json* config = member(model, "config");
    const Json* layers = config == nullptr ? nullptr : member(*config, "layers");
    if (layers == nullptr || !layers->is_array() || depth > deepest) return;
    std::map<std::string, int> counts;
    for (const Json& layer : *layers) {
        // Operators between tensors are listed among the layers, but none of Keras's layers.
        const std::string module = text_member(layer, "module");
        if (module.starts_with("keras.src.ops") || module.starts_with("keras.ops")) continue;
        std::string class_name = text_member(layer, "class_name");
        class_name.erase(0, class_name.rfind('>') + 1);  // "Package>Class"
        const std::string stem = snake_case(class_name);
        const int count = counts[stem]++;
        const std::string place = fmt::format("{}/{}", below(path, "layers"), stem) +
                                  (count == 0 ? std::string() : fmt::format("_{}", count));
        const Json* layer_config = member(layer, "config");
        std::string name = layer_config == nullptr ? "" : text_member(*layer_config, "name");
        if (name.empty()) name = text_member(layer, "name");
        places.push_back({place, std::move(name)});
        list_places(layer, place, depth + 1, places);
    }
}

// ---------------------------------------------------------------------------------------------------------------------
// Keras 3: the file.

/// What Keras stores beside layers: optimizer, losses and metrics of training, and random numbers' state.
bool holds_no_layer(std::string_view name, bool at_root) {
    if (name.find("seed_generator") != std::string_view::npos ||
        name.find("random_generator") != std::string_view::npos)
        return true;
    return at_root && (name.find("optimizer") != std::string_view::npos ||
                       name.find("metric") != std::string_view::npos || name.find("loss") != std::string_view::npos);
}

/// Early versions have another word for a model's layers.
bool is_list_of_layers(std::string_view name) {
    return name == "layers" || name == "_layer_checkpoint_dependencies";
}

/// A layer's own numbers: "0", "1", ... in order, then what it named itself.
void read_vars(const Hdf5Group& vars, KerasLayerPlace& layer) {
    std::vector<std::pair<std::uint64_t, const Hdf5Dataset*>> numbered;
    std::vector<KerasLayerPlace::Tensor> named;
    for (const auto& [name, dataset] : vars.datasets) {
        std::uint64_t number = 0;
        const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
        if (error == std::errc{} && end == name.data() + name.size()) {
            numbered.emplace_back(number, &dataset);
        } else {
            named.push_back({name, &dataset});
        }
    }
    std::ranges::sort(numbered, {}, [](const auto& each) { return each.first; });
    for (const auto& [number, dataset] : numbered) layer.tensors.push_back({"", dataset});
    layer.tensors.insert(layer.tensors.end(), named.begin(), named.end());
}

/// `in_list`: this group's groups are layers named after their classes.
void read_groups(const Hdf5Group& group, const std::string& place, bool in_list, Layers& layers) {
    std::vector<const std::pair<const std::string, Hdf5Group>*> children;
    for (const auto& child : group.groups) children.push_back(&child);
    if (in_list) std::ranges::sort(children, {}, [](const auto* child) { return split_number(child->first); });
    for (const auto* child : children) {
        const auto& [name, inner] = *child;
        if (name == "vars" || holds_no_layer(name, place.empty())) continue;
        const std::string inner_place = below(place, is_list_of_layers(name) ? "layers" : name);
        const auto vars = inner.groups.find("vars");
        if (vars != inner.groups.end() && !vars->second.datasets.empty()) {
            KerasLayerPlace layer;
            layer.place = inner_place;
            if (in_list) layer.class_name = split_number(name).first;
            const auto own_name = vars->second.texts.find("name");
            if (own_name != vars->second.texts.end()) layer.names = own_name->second;
            read_vars(vars->second, layer);
            layers.push_back(std::move(layer));
        }
        read_groups(inner, inner_place, is_list_of_layers(name), layers);
    }
}

Layers read_numbered_layout(const Hdf5Group& root, const std::string& architecture) {
    Layers found;
    read_groups(root, "", false, found);
    const Json model = Json::parse(architecture, nullptr, /*allow_exceptions=*/false);
    std::vector<NamedPlace> places;
    list_places(model, "", 0, places);

    std::map<std::string_view, std::size_t> by_place;
    for (std::size_t i = 0; i < found.size(); ++i) by_place.emplace(found[i].place, i);
    std::vector<std::size_t> order;
    std::set<std::size_t> ordered;
    for (NamedPlace& place : places) {
        const auto layer = by_place.find(place.place);
        if (layer == by_place.end() || !ordered.insert(layer->second).second) continue;
        order.push_back(layer->second);
        if (!place.name.empty()) found[layer->second].names = {std::move(place.name)};
    }
    for (std::size_t i = 0; i < found.size(); ++i) {
        if (!ordered.contains(i)) order.push_back(i);
    }
    Layers layers;
    for (const std::size_t i : order) layers.push_back(std::move(found[i]));
    return layers;
}

// ---------------------------------------------------------------------------------------------------------------------
// Keras 2.

/// A list of names, which Keras splits where it is too long for one attribute: weight_names0, weight_names1, ...
std::optional<std::vector<std::string>> name_list(const Hdf5Group& group, const std::string& attribute) {
    const auto whole = group.texts.find(attribute);
    if (whole != group.texts.end()) return whole->second;
    std::vector<std::string> names;
    for (std::size_t part = 0;; ++part) {
        const auto found = group.texts.find(fmt::format("{}{}", attribute, part));
        if (found == group.texts.end()) return part == 0 ? std::nullopt : std::optional(names);
        names.insert(names.end(), found->second.begin(), found->second.end());
    }
}

/// "enc/conv/kernel:0" -> {"enc/conv", "kernel"}.
std::pair<std::string, std::string> split_weight_name(std::string_view name) {
    const std::size_t slash = name.rfind('/');
    std::string_view weight = slash == std::string_view::npos ? name : name.substr(slash + 1);
    weight = weight.substr(0, weight.rfind(':'));
    return {std::string(slash == std::string_view::npos ? "" : name.substr(0, slash)), std::string(weight)};
}

/// One group is one layer, or a model with layers of its own, whose weights' names then begin differently.
std::optional<FormatError> read_named_group(const Hdf5Group& group, const std::string& name, Layers& layers) {
    const auto weight_names = name_list(group, "weight_names");
    if (!weight_names) return damaged(fmt::format("group '{}' does not list its weights", printable(group.path)));
    Layers inside;
    for (const std::string& weight_name : *weight_names) {
        const Hdf5Dataset* dataset = group.dataset(weight_name);
        if (dataset == nullptr) {
            return damaged(fmt::format("the weight '{}' that group '{}' lists is not there", printable(weight_name),
                                       printable(group.path)));
        }
        auto [prefix, weight] = split_weight_name(weight_name);
        const std::string last = prefix.substr(prefix.rfind('/') + 1);
        if (holds_no_layer(last, false)) continue;
        auto layer = std::ranges::find(inside, prefix, &KerasLayerPlace::place);
        if (layer == inside.end()) {
            layer = inside.emplace(inside.end());
            layer->place = prefix;
            layer->names = {last};
        }
        layer->tensors.push_back({std::move(weight), dataset});
    }
    // A single layer is called as its group is; weights keep an older name when a layer is renamed.
    if (inside.size() == 1 && !name.empty() && inside.front().names.front() != name) {
        inside.front().names.insert(inside.front().names.begin(), name);
    }
    for (KerasLayerPlace& layer : inside) {
        layer.place = layer.place.empty() ? group.path : below(group.path, layer.place);
        std::erase(layer.names, "");
        layers.push_back(std::move(layer));
    }
    return std::nullopt;
}

std::variant<Layers, FormatError> read_named_layout(const Hdf5Group& model) {
    const auto layer_names = name_list(model, "layer_names");
    Layers layers;
    std::set<std::string> seen;
    for (const std::string& name : *layer_names) {
        const Hdf5Group* group = model.group(name);
        if (group == nullptr || !seen.insert(name).second) {
            return damaged(fmt::format("the layer '{}' that it lists is {}", printable(name),
                                       group == nullptr ? "not there" : "listed twice"));
        }
        if (auto mistake = read_named_group(*group, name, layers)) return *mistake;
    }
    const auto top = model.groups.find("top_level_model_weights");
    if (top != model.groups.end() && !seen.contains(top->first)) {
        if (auto mistake = read_named_group(top->second, "", layers)) return *mistake;
    }
    return layers;
}

bool lists_layers(const Hdf5Group& group) {
    return group.texts.contains("layer_names") || group.texts.contains("layer_names0");
}

bool has_vars(const Hdf5Group& group) {
    return group.groups.contains("vars") ||
           std::ranges::any_of(group.groups, [](const auto& child) { return has_vars(child.second); });
}

}  // namespace

std::variant<Layers, FormatError> find_keras_layers(const Hdf5Group& root, const std::string& architecture) {
    const auto whole_model = root.groups.find("model_weights");
    if (whole_model != root.groups.end() && lists_layers(whole_model->second))
        return read_named_layout(whole_model->second);
    if (lists_layers(root)) return read_named_layout(root);
    if (!has_vars(root)) return damaged("the HDF5 file holds no weights in any of Keras's layouts");
    return read_numbered_layout(root, architecture);
}

}  // namespace halcyon
