// Sequential(...), Model(inputs, outputs), Input(...) and model.add(...): Keras's ways to write a model.

#include <algorithm>
#include <map>

#include "graph/interpreter.h"
#include "graph/layer_application.h"
#include "graph/models.h"
#include "graph/naming.h"

namespace halcyon::language {
namespace {

using Bound = std::map<std::string, const CallArgument*, std::less<>>;

/// Matches arguments with the parameters of a function of Keras; nothing after a mistake or where a value is poison.
std::optional<Bound> bind(Elaboration& elaboration, const CallArguments& arguments, std::string_view function,
                          const std::vector<std::string_view>& parameters) {
    Bound bound;
    std::size_t position = 0;
    bool good = true;
    for (const CallArgument& argument : arguments.list) {
        std::string parameter = argument.keyword;
        if (parameter.empty()) {
            if (position == parameters.size()) {
                elaboration.error(Code::too_many_arguments, argument.span, "{} takes at most {} positional arguments",
                                  function, position);
                return std::nullopt;
            }
            parameter = parameters[position++];
        } else if (std::find(parameters.begin(), parameters.end(), parameter) == parameters.end()) {
            Diagnostic& d = elaboration.error(Code::unknown_argument, argument.keyword_span, "{} has no argument '{}'",
                                              function, parameter);
            if (const auto similar = nearest(parameter, parameters); !similar.empty())
                d.hint = fmt::format("did you mean '{}'?", similar);
            good = false;
            continue;
        }
        if (!bound.try_emplace(parameter, &argument).second) {
            elaboration.error(Code::repeated_argument, argument.span, "'{}' is given twice", parameter);
            good = false;
        }
        good = good && !argument.value.is_poison();
    }
    if (!good) return std::nullopt;
    return bound;
}

const CallArgument* find(const Bound& bound, std::string_view name) {
    const auto found = bound.find(name);
    return found == bound.end() || found->second->value.is_none() ? nullptr : found->second;
}

/// name=, which becomes a name in C.
bool read_name(Elaboration& elaboration, const Bound& bound, std::string_view what, std::string& name,
               Span* span = nullptr) {
    const CallArgument* argument = find(bound, "name");
    if (argument == nullptr) return true;
    const std::string* text = argument->value.text();
    const std::string in_c = text ? as_c_identifier(*text) : "";
    if (!in_c.empty()) {
        name = in_c;
        if (span) *span = argument->span;
        if (in_c == *text) return true;
        elaboration.diag.add(Severity::note, Code::bad_name, argument->span,
                             fmt::format("'{}' is no name in C; there {} is named '{}'", *text, what, in_c));
        return true;
    }
    elaboration.error(Code::bad_name, argument->span, "{} cannot be named {}: that is no name in C", what,
                      display(argument->value));
    return false;
}

bool read_element_type(Elaboration& elaboration, const Bound& bound, ElementType& element) {
    const CallArgument* argument = find(bound, "dtype");
    if (argument == nullptr) return true;
    const std::string* text = argument->value.text();
    const auto known = text ? element_type_of(*text) : std::nullopt;
    if (known) {
        element = *known;
        return true;
    }
    elaboration.error(Code::bad_input, argument->span, "an input cannot have the type {}", display(argument->value))
        .hint = "possible are float32, float16, bfloat16, uint8 and int8";
    return false;
}

std::optional<Shape> read_shape(Elaboration& elaboration, const CallArgument& argument, bool with_batch) {
    Elements extents;
    if (const Elements* elements = argument.value.elements()) {
        extents = *elements;
    } else if (argument.value.integer()) {
        extents = {argument.value};
    } else {
        elaboration.error(Code::bad_input, argument.span, "a shape is a tuple of sizes like (28, 28, 1), not {}",
                          describe(argument.value));
        return std::nullopt;
    }
    if (with_batch && !extents.empty()) extents.erase(extents.begin());
    Shape shape;
    for (const LanguageValue& extent : extents) {
        const auto n = extent.integer();
        if (!n || *n < 1 || *n > max_elements) {
            elaboration.error(Code::bad_input, argument.span, "the sizes of an input are known and positive, got {}",
                              display(argument.value));
            return std::nullopt;
        }
        shape.push_back(*n);
    }
    if (!check_size(elaboration, shape, "the input", argument.span)) return std::nullopt;
    return shape;
}

/// One layer more at the end. False after a mistake.
bool add_part(Elaboration& elaboration, Model& model, const LanguageValue& value, Span span) {
    if (value.is_poison()) return false;
    if (const Tensor* tensor = value.get<Tensor>()) {
        const TensorNode& node = elaboration.node(*tensor);
        if (node.layer == nullptr && model.parts.empty() && !model.sequential_input) {
            model.sequential_input = node.type;
            model.sequential_input_name = node.input_name;
            return true;
        }
        elaboration.error(Code::bad_argument, span,
                          "a Sequential is made of layers; a tensor can only be its Input, at the front");
        return false;
    }
    if (LayerInstance* layer = value.layer()) {
        if (model.parts.empty() && layer->input_shape && !model.sequential_input) {
            model.sequential_input = TensorType{ElementType::float32, *layer->input_shape};
        }
        model.parts.push_back({value, layer->span});
        return true;
    }
    if (Model* part = value.model()) {
        part->called = true;
        model.parts.push_back({value, span});
        return true;
    }
    Diagnostic& d =
        elaboration.error(Code::bad_argument, span, "a Sequential is made of layers, not of {}", describe(value));
    if (const auto* def = value.get<const LayerDef*>())
        d.hint = fmt::format("write {}(...) to make a layer", (*def)->name);
    return false;
}

void end_session(Elaboration& elaboration) {
    if (elaboration.scope().top_level) ++elaboration.scope().session;
}

std::string variable_of(const ast::Expr* expr) {
    const auto* name = expr ? std::get_if<ast::Name>(&expr->kind) : nullptr;
    return name ? name->identifier : "";
}

/// Input(tensor=x): x itself.
LanguageValue wrapped_input(Elaboration& elaboration, const CallArgument& tensor) {
    if (tensor.value.get<Tensor>()) return tensor.value;
    elaboration.error(Code::bad_input, tensor.span, "'tensor' is what another Input(...) gave, not {}",
                      describe(tensor.value));
    return Poison{};
}

}  // namespace

LanguageValue make_input(Elaboration& elaboration, const CallArguments& arguments) {
    const auto bound =
        bind(elaboration, arguments, "Input",
             {"shape", "batch_size", "dtype", "sparse", "batch_shape", "name", "tensor", "optional", "input_shape"});
    if (!bound) return Poison{};
    if (const CallArgument* tensor = find(*bound, "tensor")) return wrapped_input(elaboration, *tensor);
    TensorNode node;
    node.span = arguments.call;
    bool good = read_name(elaboration, *bound, "an input", node.input_name);
    good = read_element_type(elaboration, *bound, node.type.element) && good;
    const CallArgument* batched = find(*bound, "batch_shape");
    const CallArgument* shape = batched                 ? batched
                                : find(*bound, "shape") ? find(*bound, "shape")
                                                        : find(*bound, "input_shape");
    if (shape == nullptr) {
        elaboration.error(Code::missing_argument, arguments.call, "Input needs 'shape'");
        return Poison{};
    }
    const auto extents = read_shape(elaboration, *shape, batched != nullptr);
    if (!extents || !good) return Poison{};
    node.type.shape = *extents;
    return elaboration.add_node(std::move(node));
}

LanguageValue make_sequential(Elaboration& elaboration, const CallArguments& arguments) {
    const auto bound = bind(elaboration, arguments, "Sequential", {"layers", "trainable", "name"});
    end_session(elaboration);
    if (!bound) return Poison{};
    Model& model = elaboration.models.emplace_back();
    model.kind = Model::Kind::sequential;
    model.span = arguments.call;
    model.name_span = arguments.call;
    model.scope = &elaboration.scope();
    bool good = read_name(elaboration, *bound, "a model", model.name, &model.name_span);
    if (const CallArgument* layers = find(*bound, "layers")) {
        const Elements* elements = layers->value.elements();
        if (elements == nullptr) {
            elaboration
                .error(Code::bad_argument, layers->span, "Sequential takes a list of layers, not {}",
                       describe(layers->value))
                .hint = "write the layers in brackets: Sequential([...])";
            return Poison{};
        }
        const auto* list = layers->expr ? std::get_if<ast::List>(&layers->expr->kind) : nullptr;
        for (std::size_t i = 0; i < elements->size(); ++i) {
            const bool by_place = list && list->elements.size() == elements->size();
            good =
                add_part(elaboration, model, (*elements)[i], by_place ? list->elements[i]->span : layers->span) && good;
        }
    }
    if (!good) return Poison{};
    return &model;
}

LanguageValue add_to_sequential(Elaboration& elaboration, Model& model, const CallArguments& arguments) {
    if (model.kind != Model::Kind::sequential) {
        elaboration.error(Code::unknown_attribute, arguments.callee, "only a Sequential has 'add'");
        return Poison{};
    }
    const auto bound = bind(elaboration, arguments, "add", {"layer"});
    const CallArgument* layer = bound ? find(*bound, "layer") : nullptr;
    if (model.state == Model::State::failed) return None{};
    if (model.state != Model::State::untouched || model.called) {
        elaboration.error(Code::not_supported, arguments.call,
                          "this Sequential has been applied already; nothing can be added any more");
    } else if (layer != nullptr) {
        if (!add_part(elaboration, model, layer->value, layer->span)) model.state = Model::State::failed;
    } else {
        model.state = Model::State::failed;
        if (bound) elaboration.error(Code::missing_argument, arguments.call, "add() needs a layer");
    }
    return None{};
}

LanguageValue make_functional(Elaboration& elaboration, const CallArguments& arguments) {
    const auto bound = bind(elaboration, arguments, "Model", {"inputs", "outputs", "name", "trainable"});
    end_session(elaboration);
    if (!bound) return Poison{};
    const CallArgument* inputs = find(*bound, "inputs");
    const CallArgument* outputs = find(*bound, "outputs");
    if (inputs == nullptr || outputs == nullptr) {
        elaboration.error(Code::missing_argument, arguments.call, "Model needs 'inputs' and 'outputs'");
        return Poison{};
    }
    Model& model = elaboration.models.emplace_back();
    model.kind = Model::Kind::functional;
    model.span = arguments.call;
    model.name_span = arguments.call;
    model.scope = &elaboration.scope();
    bool good = read_name(elaboration, *bound, "a model", model.name, &model.name_span);

    // Inputs are collected as outputs are: a tensor, several, or a dict of them.
    Model doors;
    doors.scope = model.scope;
    good = collect_outputs(elaboration, doors, inputs->value, inputs->expr, inputs->span) && good;
    std::set<int> seen;
    for (std::size_t i = 0; i < doors.outputs.size() && good; ++i) {
        const TensorNode& node = elaboration.node(Tensor{doors.outputs[i].node});
        if (node.layer != nullptr || !seen.insert(doors.outputs[i].node).second) {
            elaboration
                .error(Code::bad_input, inputs->span, "the inputs of a model are different results of Input(...)")
                .notes.emplace_back(node.span, "this one is not");
            return Poison{};
        }
        model.inputs.push_back(doors.outputs[i].node);
        const bool explicit_name = doors.result != Model::Result::dict && !node.input_name.empty();
        const std::string& name = explicit_name ? node.input_name : doors.outputs[i].name;
        const std::string by_position = i == 0 ? "input" : fmt::format("input_{}", i);
        model.input_names.push_back(doors.output_variables[i].empty() && !explicit_name ? by_position : name);
    }
    good = collect_outputs(elaboration, model, outputs->value, outputs->expr, outputs->span) && good;
    if (!good) return Poison{};
    return &model;
}

bool collect_outputs(Elaboration& elaboration, Model& model, const LanguageValue& value, const ast::Expr* expr,
                     Span span) {
    const auto add = [&](const LanguageValue& element, std::string variable) {
        if (element.is_poison()) return false;
        const Tensor* tensor = element.get<Tensor>();
        if (tensor == nullptr) {
            Diagnostic& d =
                elaboration.error(Code::bad_output, span, "a model works on tensors, not on {}", describe(element));
            if (element.layer()) d.hint = "apply the layer to a tensor";
            return false;
        }
        const TensorNode& node = elaboration.node(*tensor);
        if (node.scope != model.scope) {
            elaboration.error(Code::foreign_tensor, span, "this tensor belongs to another model")
                .notes.emplace_back(node.span, "it was made here");
            return false;
        }
        model.outputs.push_back({"", tensor->node});
        model.output_variables.push_back(std::move(variable));
        return true;
    };
    bool good = true;
    bool written = false;
    if (const Elements* elements = value.elements()) {
        model.result = Model::Result::sequence;
        const auto* tuple = expr ? std::get_if<ast::Tuple>(&expr->kind) : nullptr;
        const auto* list = expr ? std::get_if<ast::List>(&expr->kind) : nullptr;
        const std::vector<ast::ExprPtr>* exprs = tuple ? &tuple->elements : list ? &list->elements : nullptr;
        const bool by_place = exprs && exprs->size() == elements->size();
        for (std::size_t i = 0; i < elements->size(); ++i) {
            good = add((*elements)[i], by_place ? variable_of((*exprs)[i].get()) : "") && good;
        }
    } else if (const auto* dict = value.get<Dict*>()) {
        model.result = Model::Result::dict;
        written = true;
        for (const auto& [key, element] : (*dict)->items) {
            if (!key.text()) {
                elaboration.error(Code::bad_output, span, "outputs are named by texts, not by {}", describe(key));
                good = false;
                continue;
            }
            good = add(element, *key.text()) && good;
        }
    } else {
        good = add(value, variable_of(expr));
    }
    if (good && model.outputs.empty()) {
        elaboration.error(Code::bad_output, span, "a model needs at least one tensor here");
        return false;
    }
    return good && name_outputs(elaboration, model, model.output_variables, written, span);
}

}  // namespace halcyon::language
