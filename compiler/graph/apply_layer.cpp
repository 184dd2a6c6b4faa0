// layer(x): what a layer is applied to, the type that comes out, and the weights.

#include <algorithm>

#include "graph/interpreter.h"
#include "graph/keras_functions.h"
#include "graph/layer_application.h"
#include "support/check.h"

namespace halcyon::language {
namespace {

/// "an input" or "the inputs" of a failed layer, each with the place it comes from.
void add_input_notes(Elaboration& elaboration, Diagnostic& diagnostic, const std::vector<int>& inputs) {
    constexpr std::size_t max_shown = 4;
    for (std::size_t i = 0; i < std::min(inputs.size(), max_shown); ++i) {
        const TensorNode& node = elaboration.node(Tensor{inputs[i]});
        const bool shown = std::find(inputs.begin(), inputs.begin() + static_cast<std::ptrdiff_t>(i), inputs[i]) !=
                           inputs.begin() + static_cast<std::ptrdiff_t>(i);
        if (shown || !node.span.known()) continue;
        const std::string_view which = inputs.size() == 1 ? "the input" : "an input";
        diagnostic.notes.emplace_back(node.span,
                                      fmt::format("{}, {}, comes from here", which, to_text(node.type.shape)));
    }
}

/// What the layer computes from these types, its mistakes reported.
std::optional<TensorType> inferred_type(Elaboration& elaboration, const LayerInstance& layer,
                                        const std::vector<int>& inputs, const std::vector<TensorType>& types,
                                        Span call) {
    const LayerCall layer_call(layer.attributes, types, [&](Code code, std::string_view argument, std::string message) {
        const auto written = layer.argument_spans.find(argument);
        const Span span = written == layer.argument_spans.end() ? call : written->second;
        Diagnostic& d = elaboration.error(code, span, "{}", message);
        add_input_notes(elaboration, d, inputs);
    });
    if (layer.def->infer_type != nullptr) return layer.def->infer_type(layer_call);
    Shape shape = types[0].shape;
    for (const TensorType& type : types) {
        const auto joined = broadcast(shape, type.shape);
        if (!joined) {
            Diagnostic& d = elaboration.error(Code::shape_mismatch, call, "{} cannot combine the shapes {} and {}",
                                              layer.def->name, to_text(shape), to_text(type.shape));
            add_input_notes(elaboration, d, inputs);
            return std::nullopt;
        }
        shape = *joined;
    }
    return TensorType{ElementType::float32, shape};
}

std::vector<WeightDef> weights_for(const LayerInstance& layer, const std::vector<TensorType>& types) {
    if (layer.def->weights == nullptr) return {};
    const LayerCall call(layer.attributes, types, [](Code, std::string_view, std::string message) {
        internal_error(__FILE__, __LINE__, "the weights of a layer whose type was inferred are refused: " + message);
    });
    return layer.def->weights(call);
}

/// Makes the weights at the first call; later ones must fit them.
bool build(Elaboration& elaboration, LayerInstance& layer, const std::vector<TensorType>& types, Span call) {
    const std::vector<WeightDef> weights = weights_for(layer, types);
    if (!layer.built) {
        for (const WeightDef& weight : weights) {
            if (!check_size(elaboration, weight.shape, fmt::format("the weight '{}'", weight.name), call)) return false;
        }
        layer.built = true;
        layer.built_for = types;
        layer.weights = weights;
        layer.first_call = call;
        return true;
    }
    bool same = weights.size() == layer.weights.size();
    for (std::size_t i = 0; same && i < weights.size(); ++i) same = weights[i].shape == layer.weights[i].shape;
    if (same) return true;
    Diagnostic& d = elaboration.error(Code::shared_weights_mismatch, call,
                                      "this {} made its weights for an input of shape {}; they do not fit {}",
                                      layer.def->name, to_text(layer.built_for[0].shape), to_text(types[0].shape));
    d.notes.emplace_back(layer.first_call, "its first call");
    return false;
}

bool report_bad_input(Elaboration& elaboration, const LayerInstance& layer, const LanguageValue& value, Span span) {
    if (value.is_poison()) return false;
    const std::string_view wanted = layer.def->max_inputs > 1 ? "a list of tensors" : "a tensor";
    Diagnostic& d = elaboration.error(Code::bad_layer_call, span, "{} is applied to {}, not to {}", layer.def->name,
                                      wanted, describe(value));
    if (value.is_none()) d.hint = "a block without 'return' gives None";
    if (value.layer()) d.hint = "apply that layer to a tensor first";
    return false;
}

/// The tensors of layer(x) or layer([a, b]); false after a mistake.
bool collect_inputs(Elaboration& elaboration, const LayerInstance& layer, const CallArgument& argument,
                    std::vector<int>& inputs) {
    const LayerDef& def = *layer.def;
    const LanguageValue& value = argument.value;
    if (const Tensor* tensor = value.get<Tensor>()) {
        inputs.push_back(tensor->node);
        if (def.min_inputs <= 1 && def.max_inputs == 1) return true;
        elaboration
            .error(Code::bad_layer_call, argument.span, "{} is applied to a list of tensors, not to one", def.name)
            .hint = fmt::format("{}()([a, b])", def.name);
        return false;
    }
    const Elements* elements = value.elements();
    if (elements == nullptr) return report_bad_input(elaboration, layer, value, argument.span);
    for (const LanguageValue& element : *elements) {
        const Tensor* tensor = element.get<Tensor>();
        if (tensor == nullptr) return report_bad_input(elaboration, layer, element, argument.span);
        inputs.push_back(tensor->node);
    }
    const auto count = static_cast<int>(inputs.size());
    if (def.max_inputs == 1) {
        elaboration.error(Code::bad_layer_call, argument.span, "{} is applied to one tensor, not to a {}", def.name,
                          type_name(value));
        return false;
    }
    if (count >= def.min_inputs && count <= def.max_inputs && count > 0) return true;
    const std::string wanted = def.max_inputs == LayerDef::many_inputs ? fmt::format("at least {}", def.min_inputs)
                               : def.min_inputs == def.max_inputs
                                   ? fmt::format("{}", def.min_inputs)
                                   : fmt::format("{} to {}", def.min_inputs, def.max_inputs);
    elaboration.error(Code::bad_layer_call, argument.span, "{} needs {} tensors, not {}", def.name, wanted, count);
    return false;
}

/// training= and mask= mean nothing here.
bool check_keywords(Elaboration& elaboration, const LayerInstance& layer, const CallArguments& arguments) {
    bool good = true;
    for (const CallArgument& argument : arguments.list) {
        if (argument.keyword.empty() || argument.keyword == "inputs") continue;
        if (argument.keyword == "training") {
            const bool* training = argument.value.get<bool>();
            if (training && *training) note_training_only(elaboration, "training", argument.keyword_span);
        } else if (argument.keyword == "mask" && argument.value.is_none()) {
            continue;
        } else {
            elaboration
                .error(Code::unknown_argument, argument.keyword_span, "a call of {} has no argument '{}'",
                       layer.def->name, argument.keyword)
                .hint = "arguments of the layer stand in its own parentheses, before those with the tensor";
            good = false;
        }
    }
    return good;
}

}  // namespace

LanguageValue apply_layer(Elaboration& elaboration, LayerInstance& layer, const std::vector<int>& inputs, Span call) {
    std::vector<TensorType> types;
    for (const int input : inputs) {
        const TensorNode& node = elaboration.node(Tensor{input});
        if (node.scope != &elaboration.scope()) {
            elaboration
                .error(Code::foreign_tensor, call, "the input of this {} belongs to another model", layer.def->name)
                .notes.emplace_back(node.span, "it was made here");
            return Poison{};
        }
        types.push_back(node.type);
    }
    if (layer.input_shape && *layer.input_shape != types[0].shape) {
        Diagnostic& d = elaboration.error(Code::shape_mismatch, layer.input_shape_span,
                                          "the input of this {} has the shape {}, not {}", layer.def->name,
                                          to_text(types[0].shape), to_text(*layer.input_shape));
        add_input_notes(elaboration, d, inputs);
        return Poison{};
    }
    std::optional<TensorType> type = inferred_type(elaboration, layer, inputs, types, call);
    CHECK_INTERNAL(type || elaboration.diag.has_errors());
    if (!type || !check_size(elaboration, type->shape, fmt::format("the result of this {}", layer.def->name), call))
        return Poison{};
    if (!build(elaboration, layer, types, call)) return Poison{};
    TensorNode node;
    node.layer = &layer;
    node.inputs = inputs;
    node.type = std::move(*type);
    node.span = call;
    return elaboration.add_node(std::move(node));
}

LanguageValue call_layer(Elaboration& elaboration, LayerInstance& layer, const CallArguments& arguments) {
    if (!check_keywords(elaboration, layer, arguments)) return Poison{};
    const CallArgument* input = nullptr;
    for (const CallArgument& argument : arguments.list) {
        if (!argument.keyword.empty() && argument.keyword != "inputs") continue;
        if (argument.value.is_poison()) return Poison{};
        if (input != nullptr) {
            Diagnostic& d = elaboration.error(Code::bad_layer_call, argument.span,
                                              "{} is applied to one {}, not to several arguments", layer.def->name,
                                              layer.def->max_inputs > 1 ? "list of tensors" : "tensor");
            if (layer.def->max_inputs > 1) d.hint = fmt::format("write {}(...)([a, b])", layer.def->name);
            return Poison{};
        }
        input = &argument;
    }
    if (input == nullptr) {
        elaboration.error(Code::bad_layer_call, arguments.call, "{} is applied to nothing", layer.def->name).hint =
            "a layer is made first, then applied to a tensor: Conv2D(8, 3)(x)";
        return Poison{};
    }
    std::vector<int> inputs;
    if (!collect_inputs(elaboration, layer, *input, inputs)) return Poison{};
    return apply_layer(elaboration, layer, inputs, arguments.call);
}

LanguageValue call_activation(Elaboration& elaboration, const ActivationFunction& activation,
                              const CallArguments& arguments) {
    const LayerDef* def = find_layer("Activation");
    CHECK_INTERNAL(def != nullptr);
    const KerasFunction* function = find_keras_function("keras.ops", activation.name);
    const bool named = std::all_of(arguments.list.begin() + (arguments.list.empty() ? 0 : 1), arguments.list.end(),
                                   [](const CallArgument& argument) { return !argument.keyword.empty(); });
    if (arguments.list.size() > 1 && named && function) return call_keras_function(elaboration, *function, arguments);
    if (arguments.list.size() != 1) {
        for (const CallArgument& argument : arguments.list) {
            if (argument.value.is_poison()) return Poison{};
        }
        elaboration
            .error(Code::not_supported, arguments.call, "arguments of activation functions are not supported yet")
            .hint = "most activations are layers too: LeakyReLU(0.1)(x)";
        return Poison{};
    }
    LayerInstance& layer =
        make_layer(elaboration, *def, {{"activation", Value(activation.name)}}, activation.name, arguments.call);
    CallArguments positional = arguments;
    positional.list[0].keyword.clear();
    return call_layer(elaboration, layer, positional);
}

}  // namespace halcyon::language
