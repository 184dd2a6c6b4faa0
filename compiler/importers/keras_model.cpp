#include "importers/keras_model.h"

#include <algorithm>

#include <fmt/format.h>

namespace halcyon::importers {
namespace {

constexpr std::size_t most_layers = 100'000;
constexpr int deepest_model = 32;

using Names = std::map<std::string, int>;

/// A layer that a call refers to, by name; calls are checked when all are known.
int layer_named(const Names& names, const Json& json) {
    if (!json.is_string()) throw BadArchitecture{"a layer is referred to by something that is no name"};
    const auto found = names.find(json.get<std::string>());
    if (found == names.end())
        throw BadArchitecture{fmt::format("it speaks of a layer '{}' that it does not have", json.get<std::string>())};
    return found->second;
}

/// ["conv1", 0, 0], with whatever follows.
KerasTensor tensor_of(const Names& names, const Json& json) {
    if (!json.is_array() || json.size() < 3)
        throw BadArchitecture{fmt::format("{} is no reference to a layer", brief(json))};
    const std::optional<int> call = small_number(json[1]), output = small_number(json[2]);
    const int layer = layer_named(names, json[0]);
    if (!call || !output) throw BadArchitecture{fmt::format("{} is no reference to a layer", brief(json))};
    return {layer, *call, *output};
}

/// Whether JSON of Keras 2 is ["name", 0, 0] of a layer that is there.
bool is_tensor(const Names& names, const Json& json) {
    return json.is_array() && json.size() >= 3 && json[0].is_string() && json[1].is_number_unsigned() &&
           json[2].is_number_unsigned() && names.contains(json[0].get<std::string>());
}

// Keras 3: {"args": [{"class_name": "__keras_tensor__", "config": {"keras_history": ["conv1", 0, 0]}}], "kwargs": {}}.
KerasInput input_of_keras3(const Names& names, const Json& json) {
    KerasInput input;
    if (text_member(json, "class_name") == "__keras_tensor__") {
        const Json* config = member(json, "config");
        const Json* history = config == nullptr ? nullptr : member(*config, "keras_history");
        if (history == nullptr) throw BadArchitecture{"a tensor does not say which layer it comes from"};
        input.tensors.push_back(tensor_of(names, *history));
        for (const Json& extent : elements_of(*config, "shape"))
            input.shape.push_back(small_number(extent).value_or(-1));
        return input;
    }
    const Json* items = json.is_array() ? &json : array_member(json, "items");
    if (items != nullptr) {
        for (const Json& element : *items) {
            if (text_member(element, "class_name") != "__keras_tensor__") {
                if (input.tensors.empty()) break;
                throw BadArchitecture{"a layer is applied to a list of tensors and other things"};
            }
            input.tensors.push_back(input_of_keras3(names, element).tensors.front());
        }
    }
    input.is_list = !input.tensors.empty();
    if (input.tensors.empty()) input.constant = &json;
    return input;
}

KerasCall call_of_keras3(const Names& names, const Json& json) {
    KerasCall call;
    for (const Json& argument : elements_of(json, "args")) call.positional.push_back(input_of_keras3(names, argument));
    if (const Json* keywords = member(json, "kwargs"); keywords != nullptr && keywords->is_object()) {
        for (const auto& [key, argument] : keywords->items()) call.keywords[key] = input_of_keras3(names, argument);
    }
    return call;
}

// Keras 2: [["conv1", 0, 0, {}], ["conv2", 0, 0, {}]], or one of them alone. A function's further arguments stand in the
// object: ["conv1", 0, 0, {"y": ["conv2", 0, 0]}]; its first may be ["_CONSTANT_VALUE", -1, 3.0, {...}].
KerasCall call_of_keras2(const Names& names, const Json& json) {
    if (!json.is_array() || json.empty()) throw BadArchitecture{fmt::format("{} is no call of a layer", brief(json))};
    std::vector<const Json*> tensors;
    if (json[0].is_string()) {
        tensors.push_back(&json);
    } else {
        for (const Json& tensor : json) tensors.push_back(&tensor);
    }
    KerasCall call;
    KerasInput first;
    first.is_list = tensors.size() > 1;
    for (const Json* tensor : tensors) {
        if (tensor->is_array() && tensor->size() >= 3 && (*tensor)[0] == "_CONSTANT_VALUE" && !first.is_list) {
            first.constant = &(*tensor)[2];
        } else {
            first.tensors.push_back(tensor_of(names, *tensor));
        }
        if (!tensor->is_array() || tensor->size() < 4 || !(*tensor)[3].is_object()) continue;
        for (const auto& [key, value] : (*tensor)[3].items()) {
            KerasInput input;
            if (is_tensor(names, value)) {
                input.tensors.push_back(tensor_of(names, value));
            } else {
                input.constant = &value;
            }
            call.keywords[key] = std::move(input);
        }
    }
    call.positional.push_back(std::move(first));
    return call;
}

std::string name_of(const Json& json, const Json& config) {
    std::string name = text_member(json, "name");
    if (name.empty()) name = text_member(config, "name");
    return name;
}

KerasModelLayer layer_of(const Json& json, int depth) {
    KerasModelLayer result;
    result.layer.class_name = text_member(json, "class_name");
    result.layer.module = text_member(json, "module");
    result.layer.config = member(json, "config");
    if (result.layer.class_name.empty()) throw BadArchitecture{"a layer has no class"};
    if (result.layer.config != nullptr) result.layer.name = name_of(json, *result.layer.config);
    if (result.layer.name.empty()) throw BadArchitecture{fmt::format("a {} has no name", result.layer.class_name)};
    result.reading = read_layer(result.layer);
    if (result.reading.kind == LayerKind::model)
        result.model =
            std::make_unique<KerasModel>(parse_keras_model(result.layer.class_name, *result.layer.config, depth + 1));
    return result;
}

/// Keras counts the calls of a Functional inside another model from 1: its own construction was the first.
void count_calls_from_0(KerasModel& model) {
    std::vector<int> largest(model.layers.size(), -1);
    const auto each_tensor = [&](const auto& visit) {
        const auto visit_input = [&](KerasInput& input) {
            for (KerasTensor& tensor : input.tensors) visit(tensor);
        };
        for (KerasModelLayer& layer : model.layers) {
            for (KerasCall& call : layer.calls) {
                for (KerasInput& input : call.positional) visit_input(input);
                for (auto& [key, input] : call.keywords) visit_input(input);
            }
        }
        for (KerasTensor& tensor : model.inputs) visit(tensor);
        for (KerasTensor& tensor : model.outputs) visit(tensor);
    };
    each_tensor([&](KerasTensor& tensor) {
        int& most = largest[static_cast<std::size_t>(tensor.layer)];
        most = std::max(most, tensor.call);
    });
    each_tensor([&](KerasTensor& tensor) {
        const auto index = static_cast<std::size_t>(tensor.layer);
        const auto calls = static_cast<int>(model.layers[index].calls.size());
        if (model.layers[index].model != nullptr && largest[index] == calls && tensor.call > 0) --tensor.call;
        if (tensor.call >= calls) {
            throw BadArchitecture{fmt::format("it speaks of call {} of the layer '{}', which is called {} times",
                                              tensor.call, model.layers[index].layer.name, calls)};
        }
    });
}

/// [["input_1", 0, 0]], or one of them alone, or {"name": ["input_1", 0, 0]}.
std::vector<KerasTensor> doors_of(const Names& names, const Json* json) {
    std::vector<KerasTensor> doors;
    if (json == nullptr || (!json->is_array() && !json->is_object()) || json->empty())
        throw BadArchitecture{"the model has no inputs or no outputs"};
    if (json->is_array() && json->front().is_string()) return {tensor_of(names, *json)};
    for (const Json& door : *json) doors.push_back(tensor_of(names, door));
    return doors;
}

KerasModel parse_functional(const Json& config, int depth) {
    KerasModel model;
    model.name = text_member(config, "name");
    const Json* layers = array_member(config, "layers");
    if (layers == nullptr) throw BadArchitecture{"the model has no list of layers"};
    if (layers->size() > most_layers) throw BadArchitecture{fmt::format("it has more than {} layers", most_layers)};
    Names names;
    for (const Json& json : *layers) {
        model.layers.push_back(layer_of(json, depth));
        const std::string& name = model.layers.back().layer.name;
        if (!names.emplace(name, static_cast<int>(model.layers.size()) - 1).second)
            throw BadArchitecture{fmt::format("two of its layers are named '{}'", name)};
    }
    for (std::size_t i = 0; i < layers->size(); ++i) {
        KerasModelLayer& layer = model.layers[i];
        if (layer.reading.kind == LayerKind::input) {
            layer.calls.emplace_back();
            continue;
        }
        for (const Json& call : elements_of((*layers)[i], "inbound_nodes")) {
            layer.calls.push_back(call.is_object() ? call_of_keras3(names, call) : call_of_keras2(names, call));
        }
    }
    model.inputs = doors_of(names, member(config, "input_layers"));
    model.outputs = doors_of(names, member(config, "output_layers"));
    count_calls_from_0(model);
    return model;
}

/// A chain, which may leave its input to the first layer.
KerasModel parse_sequential(const Json& config, int depth) {
    KerasModel model;
    model.name = text_member(config, "name");
    const Json* layers = config.is_array() ? &config : array_member(config, "layers");
    if (layers == nullptr || layers->empty()) throw BadArchitecture{"a Sequential has no layers"};
    if (layers->size() > most_layers) throw BadArchitecture{fmt::format("it has more than {} layers", most_layers)};
    std::map<std::string, int> names;
    for (const Json& json : *layers) {
        KerasModelLayer layer = layer_of(json, depth);
        if (!names.emplace(layer.layer.name, 0).second)
            throw BadArchitecture{fmt::format("two of its layers are named '{}'", layer.layer.name)};
        if (model.layers.empty() && layer.reading.kind != LayerKind::input) {
            // What the first layer or the model itself says of its input.
            KerasModelLayer input;
            input.layer = {fmt::format("{}_input", layer.layer.name), "InputLayer", "", layer.layer.config};
            if (layer.model != nullptr) {
                const auto inner = static_cast<std::size_t>(layer.model->inputs.front().layer);
                input.layer.config = layer.model->layers[inner].layer.config;
            } else if (member(config, "build_input_shape") != nullptr) {
                input.layer.config = &config;
            }
            input.reading.kind = LayerKind::input;
            input.calls.emplace_back();
            model.layers.push_back(std::move(input));
        }
        KerasCall call;
        if (!model.layers.empty()) {
            KerasInput before;
            before.tensors.push_back({static_cast<int>(model.layers.size()) - 1, 0, 0});
            call.positional.push_back(std::move(before));
        }
        layer.calls.push_back(std::move(call));
        model.layers.push_back(std::move(layer));
    }
    model.inputs = {{0, 0, 0}};
    model.outputs = {{static_cast<int>(model.layers.size()) - 1, 0, 0}};
    return model;
}

}  // namespace

KerasModel parse_keras_model(const std::string& class_name, const Json& config, int depth) {
    if (depth > deepest_model) throw BadArchitecture{fmt::format("models are nested more than {} deep", deepest_model)};
    return class_name == "Sequential" ? parse_sequential(config, depth) : parse_functional(config, depth);
}

}  // namespace halcyon::importers
