#include "graph/models.h"

#include <algorithm>
#include <array>

#include "graph/interpreter.h"
#include "graph/layer_application.h"
#include "graph/naming.h"

namespace halcyon::language {
namespace {

constexpr auto foreign_types =
    std::to_array<std::string_view>({"float64", "float", "double", "half", "int16", "int32", "int64", "int", "uint16",
                                     "uint32", "uint64", "bool", "Tensor"});

/// The name in front of the brackets of `float32[28, 28, 1]`, or a bare `float32`; nothing if it is no tensor type at all.
std::optional<std::string_view> annotated_element(const ast::Expr& annotation) {
    const auto* subscript = std::get_if<ast::Subscript>(&annotation.kind);
    const ast::Expr& element = subscript ? *subscript->object : annotation;
    const auto* name = std::get_if<ast::Name>(&element.kind);
    if (name == nullptr) return std::nullopt;
    if (element_type_of(name->identifier)) return name->identifier;
    const bool foreign = std::find(foreign_types.begin(), foreign_types.end(), name->identifier) != foreign_types.end();
    if (foreign && subscript) return name->identifier;
    return std::nullopt;
}

std::optional<TensorType> read_annotation(Elaboration& elaboration, const ast::Expr& annotation) {
    const std::string_view name = *annotated_element(annotation);
    const auto element = element_type_of(name);
    const auto* subscript = std::get_if<ast::Subscript>(&annotation.kind);
    if (!element) {
        elaboration.error(Code::bad_input, subscript->object->span, "an input cannot have the type '{}'", name).hint =
            "possible are float32, float16, bfloat16, uint8 and int8";
        return std::nullopt;
    }
    if (subscript == nullptr) {
        elaboration.error(Code::bad_input, annotation.span, "the sizes of this input are missing").hint =
            fmt::format("for an image: {}[height, width, channels]", name);
        return std::nullopt;
    }
    TensorType type{*element, {}};
    for (const ast::ExprPtr& index : subscript->indices) {
        const LanguageValue extent = evaluate_expr(elaboration, *index);
        if (extent.is_poison()) return std::nullopt;
        const auto n = extent.integer();
        if (!n || *n < 1 || *n > max_elements || extent.get<bool>()) {
            Diagnostic& d = elaboration.error(Code::bad_input, index->span,
                                              "the sizes of an input are whole numbers from 1 to {}, got {}",
                                              max_elements, n ? display(extent) : describe(extent));
            if (extent.is_none()) d.hint = "sizes are fixed when the spec is compiled, and the batch is not written";
            return std::nullopt;
        }
        type.shape.push_back(*n);
    }
    if (!check_size(elaboration, type.shape, "the input", annotation.span)) return std::nullopt;
    return type;
}

/// Runs the body of a model that is a def, with its inputs as parameters.
bool run_def_model(Elaboration& elaboration, Model& model, Span wanted_by) {
    const ast::FunctionDef& def = *model.function->def;
    model.scope = &elaboration.scopes.emplace_back();
    Environment& environment = elaboration.environments.emplace_back();
    environment.parent = model.function->closure;
    environment.own = &elaboration.own_names.at(&def);
    if (elaboration.frames.size() > static_cast<std::size_t>(Elaboration::max_calls)) {
        elaboration.error(Code::limit_exceeded, wanted_by, "calls are nested more than {} deep",
                          Elaboration::max_calls);
        return false;
    }
    elaboration.frames.push_back({&environment, model.scope, &def, wanted_by, std::nullopt, nullptr});
    for (std::size_t i = 0; i < def.parameters.size(); ++i) {
        TensorNode node;
        node.type = model.parameter_types[i];
        node.span = def.parameters[i].span;
        const LanguageValue input = elaboration.add_node(std::move(node));
        environment.names[def.parameters[i].name] = input;
        if (const Tensor* tensor = input.get<Tensor>()) model.inputs.push_back(tensor->node);
        model.input_names.push_back(def.parameters[i].name);
    }
    const int errors_before = elaboration.diag.error_count();
    run_block(elaboration, def.body);
    const Frame frame = elaboration.frame();
    bool good = !elaboration.aborted();
    if (good && frame.returned) {
        const Span span = frame.return_expr ? frame.return_expr->span : def.name_span;
        good = collect_outputs(elaboration, model, *frame.returned, frame.return_expr, span);
    } else if (good) {
        good = false;
        if (elaboration.diag.error_count() == errors_before) {
            elaboration.error(Code::bad_output, def.name_span, "the model '{}' returns nothing", def.name);
        }
    }
    elaboration.frames.pop_back();
    return good && elaboration.diag.error_count() == errors_before;
}

std::optional<TensorType> input_of(const Elaboration& elaboration, const Model& model) {
    if (model.kind == Model::Kind::def) {
        return model.parameter_types.size() == 1 ? std::optional(model.parameter_types[0]) : std::nullopt;
    }
    if (model.kind == Model::Kind::functional) {
        return model.inputs.size() == 1 ? std::optional(elaboration.node(Tensor{model.inputs[0]}).type) : std::nullopt;
    }
    return model.sequential_input;
}

/// The layers one after the other.
LanguageValue apply_parts(Elaboration& elaboration, Model& model, LanguageValue value, Span call) {
    const Elaboration::Nested nested(elaboration, call);
    if (!nested.ok()) return Poison{};
    if (model.state == Model::State::running) {
        elaboration.error(Code::recursion, call, "a Sequential contains itself");
        return Poison{};
    }
    const Model::State before = model.state;
    model.state = Model::State::running;
    for (const Model::Part& part : model.parts) {
        CallArguments arguments{{{"", {}, value, call, nullptr}}, part.span, part.span};
        value = part.value.layer() ? call_layer(elaboration, *part.value.layer(), arguments)
                                   : call_model(elaboration, *part.value.model(), arguments);
        if (value.is_poison()) break;
    }
    model.state = before;
    return value;
}

bool run_sequential(Elaboration& elaboration, Model& model) {
    std::optional<TensorType> type = model.sequential_input;
    if (!type && !model.parts.empty() && model.parts[0].value.model())
        type = input_of(elaboration, *model.parts[0].value.model());
    if (!type) {
        elaboration.error(Code::unknown_input_shape, model.span, "the input shape of this Sequential is not known")
            .hint = "give its first layer input_shape=, or put an Input(...) first";
        return false;
    }
    if (model.parts.empty()) {
        elaboration.error(Code::bad_output, model.span, "this Sequential has no layers");
        return false;
    }
    Frame frame = elaboration.frame();
    frame.scope = model.scope;
    frame.def = nullptr;
    elaboration.frames.push_back(frame);
    TensorNode node;
    node.type = *type;
    const LanguageValue input = elaboration.add_node(std::move(node));
    model.state = Model::State::untouched;
    const LanguageValue output = input.is_poison() ? input : apply_parts(elaboration, model, input, model.span);
    bool good = !output.is_poison();
    if (good) {
        model.inputs = {input.get<Tensor>()->node};
        model.input_names = {model.sequential_input_name.empty() ? "input" : model.sequential_input_name};
        good = collect_outputs(elaboration, model, output, nullptr, model.span);
    }
    elaboration.frames.pop_back();
    return good;
}

/// A functional model's outputs may depend on its own inputs only.
bool check_connected(Elaboration& elaboration, const Model& model, const std::vector<int>& nodes) {
    for (const int id : nodes) {
        const TensorNode& node = elaboration.node(Tensor{id});
        if (node.layer != nullptr || std::find(model.inputs.begin(), model.inputs.end(), id) != model.inputs.end())
            continue;
        elaboration
            .error(Code::disconnected, model.span, "an output depends on an input that is not among the model's inputs")
            .notes.emplace_back(node.span, "this input");
        return false;
    }
    return true;
}

void warn_unused_inputs(Elaboration& elaboration, const Model& model, const std::vector<int>& nodes) {
    for (std::size_t i = 0; i < model.inputs.size(); ++i) {
        if (std::find(nodes.begin(), nodes.end(), model.inputs[i]) != nodes.end()) continue;
        elaboration.diag.warning(Code::unused_input, elaboration.node(Tensor{model.inputs[i]}).span,
                                 "no output depends on the input '{}'", model.input_names[i]);
    }
}

bool check_input_names(Elaboration& elaboration, const Model& model) {
    std::set<std::string> taken;
    for (std::size_t i = 0; i < model.inputs.size(); ++i) {
        const std::string& name = model.input_names[i];
        std::string lower = name;
        std::transform(lower.begin(), lower.end(), lower.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        const Span span = elaboration.node(Tensor{model.inputs[i]}).span;
        if (!is_c_identifier(name)) {
            elaboration.error(Code::bad_name, span, "an input cannot be named '{}': that is no name in C", name);
            return false;
        }
        if (!taken.insert(lower).second) {
            elaboration.error(Code::bad_name, span, "two inputs are named '{}', capital letters aside", name);
            return false;
        }
    }
    return true;
}

/// Whether call arguments mean "no training", which is what happens anyway.
bool is_training_flag(const CallArgument& argument) {
    return argument.keyword == "training" || argument.keyword == "mask";
}

/// The tensors that a model is applied to, in order of its inputs; nothing after mistakes.
std::optional<std::vector<int>> model_operands(Elaboration& elaboration, const Model& model,
                                               const CallArguments& arguments) {
    std::vector<LanguageValue> values;
    std::vector<Span> spans;
    std::map<std::string, LanguageValue> by_name;
    for (const CallArgument& argument : arguments.list) {
        if (is_training_flag(argument)) continue;
        if (argument.value.is_poison()) return std::nullopt;
        if (!argument.keyword.empty() && argument.keyword != "inputs") {
            by_name[argument.keyword] = argument.value;
        } else if (const Elements* elements = argument.value.elements()) {
            values.insert(values.end(), elements->begin(), elements->end());
        } else if (const auto* dict = argument.value.get<Dict*>()) {
            for (const auto& [key, value] : (*dict)->items) by_name[key.text() ? *key.text() : display(key)] = value;
        } else {
            values.push_back(argument.value);
        }
    }
    for (std::size_t i = values.size(); i < model.input_names.size(); ++i) {
        const auto found = by_name.find(model.input_names[i]);
        if (found == by_name.end()) break;
        values.push_back(found->second);
        by_name.erase(found);
    }
    const std::size_t count = std::max<std::size_t>(model.input_names.size(), 1);
    if (!by_name.empty()) {
        elaboration.error(Code::unknown_argument, arguments.call, "this model has no input '{}'",
                          by_name.begin()->first);
        return std::nullopt;
    }
    if (values.size() != count) {
        elaboration.error(Code::bad_layer_call, arguments.call, "this model has {} input{}, not {}", count,
                          count == 1 ? "" : "s", values.size());
        return std::nullopt;
    }
    std::vector<int> nodes;
    for (const LanguageValue& value : values) {
        if (value.is_poison()) return std::nullopt;
        const Tensor* tensor = value.get<Tensor>();
        if (tensor == nullptr) {
            elaboration.error(Code::bad_layer_call, arguments.call, "a model is applied to tensors, not to {}",
                              describe(value));
            return std::nullopt;
        }
        const TensorNode& node = elaboration.node(*tensor);
        if (node.scope != &elaboration.scope()) {
            elaboration.error(Code::foreign_tensor, arguments.call, "the input of this model belongs to another one")
                .notes.emplace_back(node.span, "it was made here");
            return std::nullopt;
        }
        nodes.push_back(tensor->node);
    }
    return nodes;
}

bool check_input_shape(Elaboration& elaboration, const TensorType& expected, int given, Span call, Span declared) {
    const TensorNode& node = elaboration.node(Tensor{given});
    if (node.type.shape == expected.shape) return true;
    Diagnostic& d = elaboration.error(Code::shape_mismatch, call, "this model takes an input of shape {}, not {}",
                                      to_text(expected.shape), to_text(node.type.shape));
    if (node.span.known()) d.notes.emplace_back(node.span, "the input comes from here");
    if (declared.known()) d.notes.emplace_back(declared, "the model says so here");
    return false;
}

/// The model's nodes once more, on other inputs.
LanguageValue inline_model(Elaboration& elaboration, const Model& model, const std::vector<int>& operands, Span call) {
    std::map<int, int> copies;
    for (std::size_t i = 0; i < operands.size(); ++i) copies[model.inputs[i]] = operands[i];
    for (const int id : reachable_nodes(elaboration, model)) {
        if (copies.contains(id)) continue;
        TensorNode copy = elaboration.node(Tensor{id});
        for (int& input : copy.inputs) input = copies.at(input);
        copy.inlined_from = &model;
        const LanguageValue added = elaboration.add_node(std::move(copy));
        if (added.is_poison()) return Poison{};
        copies[id] = added.get<Tensor>()->node;
    }
    Elements results;
    Dict named;
    for (const Model::Output& output : model.outputs) {
        const Tensor result{copies.at(output.node)};
        results.push_back(result);
        if (model.result == Model::Result::dict)
            named.items.emplace_back(elaboration.make_text(output.name, call), result);
    }
    if (model.result == Model::Result::tensor) return results[0];
    if (model.result == Model::Result::sequence) return elaboration.make_tuple(std::move(results), call);
    return static_cast<Dict*>(elaboration.heap.make(std::move(named)));
}

}  // namespace

bool is_model_def(const ast::FunctionDef& def) {
    const auto is_tensor = [](const ast::Parameter& parameter) {
        return parameter.annotation && annotated_element(*parameter.annotation);
    };
    return !def.parameters.empty() && std::all_of(def.parameters.begin(), def.parameters.end(), is_tensor);
}

Model* make_def_model(Elaboration& elaboration, const Function& function) {
    const ast::FunctionDef& def = *function.def;
    Model& model = elaboration.models.emplace_back();
    model.name = def.name;
    model.name_span = def.name_span;
    model.span = function.span;
    model.function = &function;
    if (elaboration.frame().def == nullptr) model.home = elaboration.importing.back();
    if (!def.body.empty()) {
        const auto* first = std::get_if<ast::ExpressionStatement>(&def.body.front().kind);
        const auto* doc = first ? std::get_if<ast::String>(&first->value->kind) : nullptr;
        if (doc) model.doc = doc->value;
    }
    for (const ast::Parameter& parameter : def.parameters) {
        const auto type = read_annotation(elaboration, *parameter.annotation);
        if (!type) model.state = Model::State::failed;
        model.parameter_types.push_back(type.value_or(TensorType{}));
        if (parameter.default_value) {
            elaboration.error(Code::bad_input, parameter.default_value->span, "an input has no default");
            model.state = Model::State::failed;
        }
    }
    return &model;
}

void name_after_variable(Elaboration& elaboration, Model& model, const std::string& variable, Span span) {
    const Frame& frame = elaboration.frame();
    const bool top_level = frame.def == nullptr && frame.environment == &elaboration.importing.back()->globals;
    if (!top_level || model.home != nullptr || model.kind == Model::Kind::def) return;
    model.home = elaboration.importing.back();
    if (!model.name.empty()) return;
    model.name = variable;
    model.name_span = span;
}

bool finish_model(Elaboration& elaboration, Model& model, Span wanted_by) {
    if (model.state == Model::State::ready) return true;
    if (model.state == Model::State::failed || elaboration.aborted()) return false;
    if (model.state == Model::State::running) {
        elaboration.error(Code::recursion, wanted_by, "the model '{}' contains itself", model.name);
        return false;
    }
    model.state = Model::State::running;
    bool good = true;
    if (model.kind == Model::Kind::def) good = run_def_model(elaboration, model, wanted_by);
    if (model.kind == Model::Kind::sequential) good = run_sequential(elaboration, model);
    if (good) {
        const std::vector<int> nodes = reachable_nodes(elaboration, model);
        good = check_input_names(elaboration, model) && check_connected(elaboration, model, nodes);
        good = good && name_layers(elaboration, model, nodes);
        if (good) warn_unused_inputs(elaboration, model, nodes);
    }
    model.state = good ? Model::State::ready : Model::State::failed;
    return good;
}

LanguageValue call_model(Elaboration& elaboration, Model& model, const CallArguments& arguments) {
    const Elaboration::Nested nested(elaboration, arguments.call);
    if (!nested.ok()) return Poison{};
    model.called = true;
    const bool sequential = model.kind == Model::Kind::sequential;
    if (sequential && model.state == Model::State::failed) return Poison{};
    if (!sequential && !finish_model(elaboration, model, arguments.call)) return Poison{};
    const auto operands = model_operands(elaboration, model, arguments);
    if (!operands) return Poison{};
    if (sequential) {
        const auto& expected = model.sequential_input;
        if (expected && !check_input_shape(elaboration, *expected, operands->front(), arguments.call, model.span))
            return Poison{};
        return apply_parts(elaboration, model, Tensor{operands->front()}, arguments.call);
    }
    for (std::size_t i = 0; i < operands->size(); ++i) {
        const TensorNode door = elaboration.node(Tensor{model.inputs[i]});
        if (!check_input_shape(elaboration, door.type, (*operands)[i], arguments.call, door.span)) return Poison{};
    }
    return inline_model(elaboration, model, *operands, arguments.call);
}

}  // namespace halcyon::language
