#include "importers/keras_layers.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace halcyon::importers {
namespace {

/// What Keras keeps with every layer, or what only matters in training.
constexpr std::array<std::string_view, 15> meaningless = {"name",        "trainable",
                                                          "dtype",       "batch_input_shape",
                                                          "batch_shape", "input_shape",
                                                          "dynamic",     "autocast",
                                                          "ragged",      "activity_regularizer",
                                                          "sparse",      "supports_masking",
                                                          "seed",        "quantization_config",
                                                          "synchronized"};

/// Layers that pass their input through when the network is used.
constexpr std::array<std::string_view, 14> only_in_training = {
    "RandomFlip",       "RandomRotation", "RandomZoom",       "RandomTranslation", "RandomContrast",
    "RandomBrightness", "RandomHue",      "RandomSaturation", "RandomSharpness",   "RandomColorJitter",
    "RandomGrayscale",  "RandomShear",    "RandomErasing",    "StochasticDepth"};

/// Arguments that had another name in Keras 2.
constexpr std::array<std::array<std::string_view, 3>, 2> renamed = {
    {{"LeakyReLU", "alpha", "negative_slope"}, {"ThresholdedReLU", "theta", "threshold"}}};

template <typename Names>
bool contains(const Names& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// "keras.layers", "keras.src.layers.core", "tf_keras.layers", ...: what Keras itself brings.
bool is_kerass_own(std::string_view module) {
    for (std::string_view root : {"", "keras", "tensorflow", "tf_keras", "tensorflow.python.keras"}) {
        if (module == root || (!root.empty() && module.starts_with(fmt::format("{}.", root)))) return true;
    }
    return false;
}

bool is_model(std::string_view class_name) {
    return class_name == "Functional" || class_name == "Model" || class_name == "Sequential";
}

bool is_function(const KerasLayer& keras) {
    return keras.module.starts_with("keras.src.ops") || keras.module.starts_with("keras.ops") ||
           keras.class_name == "TFOpLambda" || keras.class_name == "SlicingOpLambda";
}

/// An activation that was given as a layer: ReLU() or LeakyReLU().
std::optional<Value> activation_layer_name(const Json& json) {
    const std::string type = text_member(json, "class_name");
    const Json* config = member(json, "config");
    const LayerDef* def = find_layer(type);
    if (def == nullptr || config == nullptr || !def->is_elementwise()) return std::nullopt;
    ImportedLayer layer;
    layer.def = def;
    std::vector<std::pair<std::string, Value>> values;
    for (const ArgumentDef& argument : def->arguments) {
        const Json* given = member(*config, argument.name);
        const std::optional<Value> value = given != nullptr ? plain_value(*given) : std::nullopt;
        if (value) values.emplace_back(argument.name, *value);
    }
    if (!set_arguments(layer, values).empty() || !layer.arguments.empty()) return std::nullopt;
    return Value(snake_case(type) == "re_lu"         ? "relu"
                 : snake_case(type) == "leaky_re_lu" ? "leaky_relu"
                                                     : snake_case(type));
}

std::optional<Value> argument_value(const ArgumentDef& argument, const Json& json) {
    std::optional<Value> value = plain_value(json);
    if (value || argument.name != "activation") return value;
    return activation_layer_name(json);
}

std::string note_of_dtype(const Json& config) {
    const Json* dtype = member(config, "dtype");
    if (dtype == nullptr || dtype->is_null()) return "";
    std::string name = dtype->is_string() ? dtype->get<std::string>() : "";
    if (const Json* policy = member(*dtype, "config")) name = text_member(*policy, "name");
    if (name.empty() || name == "float32") return "";
    return fmt::format("the file's layers compute in {}; Halcyon's compute in float32", name);
}

/// What a person leaves out of a network that is trained. Weights have their numbers, so initializers are among it.
bool only_matters_in_training(const ArgumentDef& argument) {
    const bool says_so = argument.training_only || argument.doc == "only matters in training";
    return argument.default_value && (says_so || argument.name.ends_with("_initializer"));
}

/// The file's arguments that the definition knows, by its names.
std::string read_arguments(const KerasLayer& keras, ImportedLayer& layer) {
    std::vector<std::pair<std::string, Value>> values;
    for (const auto& [key, json] : keras.config->items()) {
        std::string name = key;
        for (const auto& [type, before, now] : renamed) {
            if (keras.class_name == type && key == before) name = now;
        }
        const auto argument = std::find_if(layer.def->arguments.begin(), layer.def->arguments.end(),
                                           [&](const ArgumentDef& each) { return each.name == name; });
        if (argument == layer.def->arguments.end()) {
            const bool off = json.is_null() || (json.is_boolean() && !json.get<bool>());
            // Keras 2 writes every convolution's groups, also where it has no such argument.
            const bool undivided = name == "groups" && json == 1;
            if (off || undivided || contains(meaningless, name) || name.ends_with("_initializer") ||
                name.ends_with("_regularizer") || name.ends_with("_constraint"))
                continue;
            return fmt::format("Halcyon's {} has no argument '{}' (it is {} in the file)", layer.def->name, name,
                               brief(json));
        }
        if (only_matters_in_training(*argument)) continue;
        // Keras 2 makes a list of a batch normalization's axis.
        const bool listed =
            layer.def->name == "BatchNormalization" && name == "axis" && json.is_array() && json.size() == 1;
        const std::optional<Value> value = argument_value(*argument, listed ? json.front() : json);
        if (!value) {
            const bool code = text_member(json, "class_name") == "__lambda__";
            return fmt::format("its {} is {}", name, code ? "Python code, which is never run" : brief(json));
        }
        values.emplace_back(name, *value);
    }
    return set_arguments(layer, values);
}

LayerReading impossible(std::string reason) {
    LayerReading reading;
    reading.kind = LayerKind::impossible;
    reading.reason = std::move(reason);
    return reading;
}

LayerReading of_kind(LayerKind kind, std::string note = "") {
    LayerReading reading;
    reading.kind = kind;
    reading.note = std::move(note);
    return reading;
}

/// The definition of a layer's class, also of those that only Keras's own applications have.
const LayerDef* definition_of(const KerasLayer& keras) {
    if (keras.class_name.starts_with("BatchNormalizationV")) return find_layer("BatchNormalization");
    return find_layer(keras.class_name);
}

}  // namespace

std::string set_arguments(ImportedLayer& layer, const std::vector<std::pair<std::string, Value>>& values) {
    layer.arguments.clear();
    for (const ArgumentDef& argument : layer.def->arguments) {
        const auto given =
            std::find_if(values.begin(), values.end(), [&](const auto& each) { return each.first == argument.name; });
        if (given == values.end()) {
            if (!argument.default_value) return fmt::format("it has no {}", argument.name);
            continue;
        }
        std::string why;
        const std::optional<Value> normal = argument.type.normalize(given->second, why);
        if (!normal) {
            return fmt::format("{} must be {}, not {}{}{}", argument.name, argument.type.description,
                               to_text(given->second), why.empty() ? "" : ": ", why);
        }
        if (argument.default_value) {
            const std::optional<Value> by_default = argument.type.normalize(*argument.default_value, why);
            if (by_default && *by_default == *normal) continue;
        }
        // Keras fills a pool's strides in when they are left out.
        const auto pool =
            std::find_if(values.begin(), values.end(), [](const auto& each) { return each.first == "pool_size"; });
        if (argument.name == "strides" && argument.default_value && argument.default_value->is_none() &&
            pool != values.end() && argument.type.normalize(pool->second, why) == normal)
            continue;
        layer.arguments.emplace_back(argument.name, written_briefly(argument, *normal));
    }
    return "";
}

LayerReading read_layer(const KerasLayer& keras) {
    if (keras.config == nullptr || (!keras.config->is_object() && !is_model(keras.class_name)))
        return impossible("the file does not say how it is configured");
    if (keras.class_name == "Lambda") return impossible("a Lambda is Python code, which is never run");
    if (is_function(keras)) return of_kind(LayerKind::operation);
    if (is_kerass_own(keras.module) && is_model(keras.class_name)) return of_kind(LayerKind::model);
    if (keras.class_name == "InputLayer") return of_kind(LayerKind::input);
    if (!is_kerass_own(keras.module))
        return impossible(fmt::format("a class of one's own, from {}: Python code, which is never run", keras.module));
    if (contains(only_in_training, keras.class_name)) {
        return of_kind(LayerKind::skipped, fmt::format("{} '{}' only does something in training and is left out",
                                                       keras.class_name, keras.name));
    }
    if (keras.class_name == "CustomScaleLayer") return of_kind(LayerKind::operation);
    LayerReading reading;
    reading.layer.def = definition_of(keras);
    if (reading.layer.def == nullptr) {
        // Files of Keras 2 do not say where a class is from.
        return impossible(keras.module.empty()
                              ? "Halcyon has no such layer; a class of one's own is Python code, which is never run"
                              : "Halcyon has no such layer");
    }
    // Names of Keras 2 may be paths; those of Keras 3 have "_" there.
    reading.layer.name = keras.name;
    std::replace(reading.layer.name.begin(), reading.layer.name.end(), '/', '_');
    reading.layer.file_type = keras.class_name;
    const std::string mistake = read_arguments(keras, reading.layer);
    if (!mistake.empty()) return impossible(mistake);
    reading.note = note_of_dtype(*keras.config);
    return reading;
}

}  // namespace halcyon::importers
