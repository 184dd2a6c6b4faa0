// Calls: of blocks with Python's rules for arguments, and of everything else that can stand before parentheses.

#include <algorithm>

#include "graph/builtins.h"
#include "graph/interpreter.h"
#include "graph/keras_functions.h"
#include "graph/keras_names.h"
#include "graph/layer_application.h"
#include "graph/models.h"
#include "graph/sequences.h"

namespace halcyon::language {
namespace {

/// One span over all that was passed too much.
Span span_of_rest(const CallArguments& arguments, std::size_t first) {
    Span span = arguments.list[first].span;
    for (std::size_t i = first; i < arguments.list.size(); ++i) {
        if (arguments.list[i].keyword.empty()) span = join(span, arguments.list[i].span);
    }
    return span;
}

void report_unknown_keyword(Elaboration& elaboration, const ast::FunctionDef& def, const CallArgument& argument) {
    std::vector<std::string_view> known;
    for (const ast::Parameter& parameter : def.parameters) known.push_back(parameter.name);
    Diagnostic& d = elaboration.error(Code::unknown_argument, argument.keyword_span, "'{}' has no parameter '{}'",
                                      def.name, argument.keyword);
    if (const auto similar = nearest(argument.keyword, known); !similar.empty())
        d.hint = fmt::format("did you mean '{}'?", similar);
}

/// The parameters' values, or nothing after a mistake.
std::optional<std::vector<LanguageValue>> bind_parameters(Elaboration& elaboration, const Function& function,
                                                          const CallArguments& arguments) {
    using Collects = ast::Parameter::Collects;
    const ast::FunctionDef& def = *function.def;
    std::vector<std::optional<LanguageValue>> bound(def.parameters.size());
    Elements rest;  // what *args takes
    Dict keywords;  // what **kwargs takes
    const auto collects = [&](Collects what) {
        return std::any_of(def.parameters.begin(), def.parameters.end(),
                           [&](const ast::Parameter& parameter) { return parameter.collects == what; });
    };
    std::size_t positional_parameters = 0;
    while (positional_parameters < def.parameters.size() && !def.parameters[positional_parameters].keyword_only &&
           def.parameters[positional_parameters].collects == Collects::nothing) {
        ++positional_parameters;
    }
    bool good = true;
    std::size_t position = 0;
    for (std::size_t i = 0; i < arguments.list.size(); ++i) {
        const CallArgument& argument = arguments.list[i];
        std::size_t parameter = 0;
        if (argument.keyword.empty()) {
            parameter = position++;
            if (parameter >= positional_parameters && collects(Collects::positional)) {
                rest.push_back(argument.value);
                continue;
            }
            if (parameter == positional_parameters) {
                elaboration
                    .error(Code::too_many_arguments, span_of_rest(arguments, i), "'{}' takes {} positional argument{}",
                           def.name, positional_parameters, positional_parameters == 1 ? "" : "s")
                    .notes.emplace_back(def.name_span, "defined here");
                good = false;
            }
            if (parameter >= positional_parameters) continue;
        } else {
            const auto takes = [&](const ast::Parameter& known) {
                return known.name == argument.keyword && known.collects == Collects::nothing;
            };
            while (parameter < def.parameters.size() && !takes(def.parameters[parameter])) ++parameter;
            if (parameter == def.parameters.size() && collects(Collects::keywords)) {
                const LanguageValue key = elaboration.make_text(argument.keyword, argument.span);
                good = !key.is_poison() && set_key(elaboration, keywords, key, argument.value, argument.span) && good;
                continue;
            }
            if (parameter == def.parameters.size()) {
                report_unknown_keyword(elaboration, def, argument);
                good = false;
                continue;
            }
        }
        if (bound[parameter]) {
            elaboration.error(Code::repeated_argument, argument.keyword.empty() ? argument.span : argument.keyword_span,
                              "'{}' is given twice", def.parameters[parameter].name);
            good = false;
        }
        bound[parameter] = argument.value;
    }

    std::vector<LanguageValue> result;
    std::string missing;
    for (std::size_t i = 0; i < def.parameters.size(); ++i) {
        const ast::Parameter& parameter = def.parameters[i];
        if (parameter.collects == Collects::positional) bound[i] = elaboration.make_tuple(rest, arguments.call);
        if (parameter.collects == Collects::keywords) bound[i] = elaboration.heap.make(Dict{keywords});
        if (!bound[i] && !parameter.default_value)
            missing += fmt::format("{}'{}'", missing.empty() ? "" : ", ", parameter.name);
        result.push_back(bound[i].value_or(function.defaults[i]));
    }
    if (!missing.empty() && good) {
        elaboration.error(Code::missing_argument, arguments.call, "'{}' needs {}", def.name, missing)
            .notes.emplace_back(def.name_span, "defined here");
        good = false;
    }
    if (!good) return std::nullopt;
    return result;
}

bool check_depth(Elaboration& elaboration, const ast::FunctionDef& def, Span call) {
    std::string chain;
    for (const Frame& frame : elaboration.frames) {
        if (frame.def == &def || !chain.empty()) chain += fmt::format("{} -> ", frame.def ? frame.def->name : "");
    }
    if (!chain.empty()) {
        elaboration.error(Code::recursion, call, "'{}' calls itself: {}{}", def.name, chain, def.name);
        return false;
    }
    if (elaboration.frames.size() <= static_cast<std::size_t>(Elaboration::max_calls)) return true;
    elaboration.error(Code::limit_exceeded, call, "calls are nested more than {} deep", Elaboration::max_calls);
    return false;
}

}  // namespace

const Function* make_function(Elaboration& elaboration, const ast::FunctionDef& def, Span span) {
    Function function;
    function.def = &def;
    function.closure = elaboration.frame().environment;
    function.span = span;
    for (const ast::Parameter& parameter : def.parameters) {
        function.defaults.push_back(parameter.default_value ? evaluate_expr(elaboration, *parameter.default_value)
                                                            : LanguageValue(Poison{}));
    }
    if (auto [names, is_new] = elaboration.own_names.try_emplace(&def); is_new) {
        for (const ast::Parameter& parameter : def.parameters) names->second.insert(parameter.name);
        collect_assigned(def.body, names->second);
    }
    return elaboration.heap.make(std::move(function));
}

LanguageValue call_function(Elaboration& elaboration, const Function& function, const CallArguments& arguments) {
    if (!check_depth(elaboration, *function.def, arguments.call)) return Poison{};
    auto values = bind_parameters(elaboration, function, arguments);
    if (!values) return Poison{};

    Environment& environment = elaboration.environments.emplace_back();
    environment.parent = function.closure;
    environment.own = &elaboration.own_names.at(function.def);
    for (std::size_t i = 0; i < values->size(); ++i) environment.names[function.def->parameters[i].name] = (*values)[i];

    const int errors_before = elaboration.diag.error_count();
    elaboration.frames.push_back(
        {&environment, &elaboration.scope(), function.def, arguments.call, std::nullopt, nullptr});
    run_block(elaboration, function.def->body);
    const std::optional<LanguageValue> returned = elaboration.frame().returned;
    elaboration.frames.pop_back();

    if (elaboration.aborted()) return Poison{};
    if (returned) return *returned;
    // A mistake may have kept the block from its return.
    if (elaboration.diag.error_count() > errors_before) return Poison{};
    return None{};
}

LanguageValue call_value(Elaboration& elaboration, const LanguageValue& callee, const CallArguments& arguments) {
    if (LayerInstance* layer = callee.layer()) return call_layer(elaboration, *layer, arguments);
    if (const auto* def = callee.get<const LayerDef*>()) return construct_layer(elaboration, **def, arguments);
    if (const auto* function = callee.get<const Function*>()) return call_function(elaboration, **function, arguments);
    if (Model* model = callee.model()) return call_model(elaboration, *model, arguments);
    if (const auto* builtin = callee.get<const Builtin*>()) return (*builtin)->call(elaboration, arguments);
    if (const auto* method = callee.get<const BoundMethod*>()) return call_method(elaboration, **method, arguments);
    if (const auto* type = callee.get<const KerasClass*>()) return construct_object(elaboration, **type, arguments);
    if (const auto* keras = callee.get<const KerasFunction*>())
        return call_keras_function(elaboration, **keras, arguments);
    if (const auto* activation = callee.get<const ActivationFunction*>()) {
        return call_activation(elaboration, **activation, arguments);
    }
    Diagnostic& d = elaboration.error(Code::not_callable, arguments.callee, "{} cannot be called", describe(callee));
    if (callee.get<Tensor>()) d.hint = "a layer is applied to a tensor: layer(tensor)";
    return Poison{};
}

}  // namespace halcyon::language
