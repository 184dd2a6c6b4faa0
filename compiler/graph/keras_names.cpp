#include "graph/keras_names.h"

#include <algorithm>

#include "graph/builtins.h"
#include "graph/keras_functions.h"
#include "graph/layer_application.h"
#include "graph/models.h"
#include "graph/python_library.h"
#include "layers/common/activations.h"

namespace halcyon::language {
namespace {

// Names and positional order as in Keras 3.
const std::vector<KerasClass>& keras_classes() {
    static const std::vector<KerasClass> table = {
        {"Zeros", "keras.initializers", {}},
        {"Ones", "keras.initializers", {}},
        {"Constant", "keras.initializers", {"value"}},
        {"RandomNormal", "keras.initializers", {"mean", "stddev", "seed"}},
        {"RandomUniform", "keras.initializers", {"minval", "maxval", "seed"}},
        {"TruncatedNormal", "keras.initializers", {"mean", "stddev", "seed"}},
        {"VarianceScaling", "keras.initializers", {"scale", "mode", "distribution", "seed"}},
        {"GlorotUniform", "keras.initializers", {"seed"}},
        {"GlorotNormal", "keras.initializers", {"seed"}},
        {"HeUniform", "keras.initializers", {"seed"}},
        {"HeNormal", "keras.initializers", {"seed"}},
        {"LecunUniform", "keras.initializers", {"seed"}},
        {"LecunNormal", "keras.initializers", {"seed"}},
        {"Orthogonal", "keras.initializers", {"gain", "seed"}},
        {"Identity", "keras.initializers", {"gain"}},
        {"L1", "keras.regularizers", {"l1"}},
        {"L2", "keras.regularizers", {"l2"}},
        {"L1L2", "keras.regularizers", {"l1", "l2"}},
        {"OrthogonalRegularizer", "keras.regularizers", {"factor", "mode"}},
        {"MaxNorm", "keras.constraints", {"max_value", "axis"}},
        {"NonNeg", "keras.constraints", {}},
        {"UnitNorm", "keras.constraints", {"axis"}},
        {"MinMaxNorm", "keras.constraints", {"min_value", "max_value", "rate", "axis"}},
    };
    return table;
}

const std::vector<Builtin>& model_functions() {
    static const std::vector<Builtin> table = {{"Sequential", make_sequential},
                                               {"Model", make_functional},
                                               {"Functional", make_functional},
                                               {"Input", make_input},
                                               {"InputLayer", make_input}};
    return table;
}

const std::vector<KerasNamespace>& namespaces() {
    static const std::vector<KerasNamespace> table = {{"keras"},
                                                      {"tensorflow"},
                                                      {"keras.layers"},
                                                      {"keras.models"},
                                                      {"keras.activations"},
                                                      {"keras.initializers"},
                                                      {"keras.regularizers"},
                                                      {"keras.constraints"},
                                                      {"keras.ops"},
                                                      {"keras.backend"},
                                                      {"keras.config"},
                                                      {"keras.utils"},
                                                      {"keras.image"},
                                                      {"keras.applications"},
                                                      {"keras.imagenet_utils"},
                                                      {"keras.operation_utils"},
                                                      {"keras.file_utils"},
                                                      {"math"},
                                                      {"numpy"},
                                                      {"copy"},
                                                      {"warnings"},
                                                      {"keras.optimizers", true},
                                                      {"keras.losses", true},
                                                      {"keras.metrics", true},
                                                      {"keras.callbacks", true},
                                                      {"keras.datasets", true},
                                                      {"keras.mixed_precision", true},
                                                      {"keras.preprocessing", true},
                                                      {"keras.random", true},
                                                      {"tensorflow.data", true},
                                                      {"tensorflow.random", true},
                                                      {"tensorflow.config", true},
                                                      {"tensorflow_datasets", true},
                                                      {"datetime", true},
                                                      {"json", true},
                                                      {"matplotlib", true},
                                                      {"os", true},
                                                      {"pandas", true},
                                                      {"pathlib", true},
                                                      {"PIL", true},
                                                      {"random", true},
                                                      {"sklearn", true},
                                                      {"sys", true},
                                                      {"time", true}};
    return table;
}

const KerasNamespace* find_namespace(std::string_view name) {
    if (name == "tf") name = "tensorflow";
    if (name == "np") name = "numpy";
    if (name == "keras.src") name = "keras";
    for (const KerasNamespace& keras : namespaces()) {
        if (keras.name == name) return &keras;
    }
    return nullptr;
}

const KerasClass* find_class(std::string_view home, std::string_view name) {
    for (const KerasClass& type : keras_classes()) {
        if ((home.empty() || type.home == home) && (type.name == name || snake_case(type.name) == name)) return &type;
    }
    return nullptr;
}

std::optional<LanguageValue> find_model_function(std::string_view name) {
    for (const Builtin& function : model_functions()) {
        if (function.name == name) return &function;
    }
    return std::nullopt;
}

}  // namespace

std::optional<LanguageValue> find_global_name(std::string_view name) {
    for (const Builtin& builtin : builtins()) {
        if (builtin.name == name) return &builtin;
    }
    if (const auto function = find_model_function(name)) return function;
    if (const LayerDef* layer = find_layer(name)) return layer;
    if (const KerasNamespace* keras = find_namespace(name)) return keras;
    if (const KerasNamespace* keras = find_namespace(fmt::format("keras.{}", name))) return keras;
    for (const KerasClass& type : keras_classes()) {
        if (type.name == name) return &type;
    }
    return std::nullopt;
}

void list_global_names(std::vector<std::string_view>& names) {
    for (const Builtin& builtin : builtins()) names.push_back(builtin.name);
    for (const Builtin& function : model_functions()) names.push_back(function.name);
    for (const LayerDef* layer : layer_table()) {
        names.push_back(layer->name);
        names.insert(names.end(), layer->aliases.begin(), layer->aliases.end());
    }
    for (const KerasClass& type : keras_classes()) names.push_back(type.name);
}

std::optional<LanguageValue> find_in_namespace(Elaboration& elaboration, const KerasNamespace& keras,
                                               std::string_view name) {
    if (keras.training_only) return Poison{};
    if (const auto entry = find_in_library(keras.name, name)) return entry;
    if (const KerasFunction* function = find_keras_function(keras.name, name)) return function;
    if (keras.name == "tensorflow") {
        if (name == "keras") return find_namespace("keras");
        if (name == "nn") return find_namespace("keras.activations");
        if (const KerasNamespace* part = find_namespace(fmt::format("tensorflow.{}", name))) return part;
        return std::nullopt;
    }
    // keras.layers, and keras.applications.imagenet_utils: which module a module lies in does not matter.
    if (keras.name.starts_with("keras")) {
        if (const KerasNamespace* part = find_namespace(fmt::format("keras.{}", name))) return part;
    }
    if (keras.name == "keras") return find_model_function(name);
    if (keras.name == "keras.layers") {
        if (name == "Input" || name == "InputLayer") return find_model_function(name);
        if (const LayerDef* layer = find_layer(name)) return layer;
        return std::nullopt;
    }
    if (keras.name == "keras.models") return find_model_function(name);
    if (keras.name == "keras.activations") {
        const std::string_view canonical = canonical_activation(name);
        if (canonical.empty()) return std::nullopt;
        return static_cast<const ActivationFunction*>(
            elaboration.heap.make(ActivationFunction{std::string(canonical)}));
    }
    if (const KerasClass* type = find_class(keras.name, name)) return type;
    return std::nullopt;
}

std::vector<std::string_view> names_in(const KerasNamespace& keras) {
    std::vector<std::string_view> names;
    if (keras.name == "keras") {
        for (const KerasNamespace& part : namespaces()) {
            if (part.name.starts_with("keras.")) names.push_back(part.name.substr(6));
        }
    }
    if (keras.name == "tensorflow") names.push_back("keras");
    if (keras.name == "keras" || keras.name == "keras.models") {
        for (const Builtin& function : model_functions()) names.push_back(function.name);
    }
    if (keras.name == "keras.layers") {
        for (const LayerDef* layer : layer_table()) names.push_back(layer->name);
        names.push_back("Input");
    }
    for (const LibraryEntry& entry : library_entries()) {
        if (entry.home == keras.name) names.push_back(entry.function.name);
    }
    for (const KerasFunction& function : keras_functions()) {
        if (function.home == keras.name) names.push_back(function.name);
    }
    if (keras.name == "keras.activations") {
        names.insert(names.end(), activation_names().begin(), activation_names().end());
    }
    for (const KerasClass& type : keras_classes()) {
        if (type.home == keras.name) names.push_back(type.name);
    }
    return names;
}

Value class_value(const KerasClass& type) {
    return Value(Value::Object{std::string(type.name), {}});
}

LanguageValue construct_object(Elaboration& elaboration, const KerasClass& type, const CallArguments& arguments) {
    Value::Object object{std::string(type.name), {}};
    bool poisoned = false;
    std::size_t position = 0;
    for (const CallArgument& argument : arguments.list) {
        std::string_view parameter = argument.keyword;
        if (argument.keyword.empty()) {
            if (position == type.parameters.size()) {
                elaboration.error(Code::too_many_arguments, argument.span, "{} takes {} argument{}", type.name,
                                  position, position == 1 ? "" : "s");
                return Poison{};
            }
            parameter = type.parameters[position++];
        } else if (std::find(type.parameters.begin(), type.parameters.end(), parameter) == type.parameters.end()) {
            Diagnostic& d = elaboration.error(Code::unknown_argument, argument.keyword_span, "{} has no argument '{}'",
                                              type.name, parameter);
            if (const auto similar = nearest(parameter, type.parameters); !similar.empty())
                d.hint = fmt::format("did you mean '{}'?", similar);
            return Poison{};
        }
        if (object.arguments.contains(std::string(parameter))) {
            elaboration.error(Code::repeated_argument, argument.span, "'{}' is given twice", parameter);
            return Poison{};
        }
        const auto value = to_plain_value(argument.value);
        if (!value && !argument.value.is_poison()) {
            elaboration.error(Code::bad_argument, argument.span, "{} cannot be {}", parameter,
                              describe(argument.value));
        }
        poisoned = poisoned || !value;
        object.arguments[std::string(parameter)] = value.value_or(Value());
    }
    if (poisoned) return Poison{};
    return static_cast<const Value::Object*>(elaboration.heap.make(std::move(object)));
}

}  // namespace halcyon::language
