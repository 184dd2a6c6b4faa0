// What stands after a dot: properties of tensors, methods of lists and dicts, names of modules.

#include <array>

#include "graph/interpreter.h"
#include "graph/keras_names.h"
#include "graph/layer_application.h"
#include "graph/models.h"
#include "graph/sequences.h"
#include "graph/text_methods.h"

namespace halcyon::language {
namespace {

constexpr std::array<std::string_view, 3> tensor_attributes = {"shape", "ndim", "dtype"};
constexpr std::array<std::string_view, 5> list_methods = {"append", "extend", "insert", "pop", "copy"};
constexpr std::array<std::string_view, 7> dict_methods = {"items", "keys", "values", "get", "pop", "update", "copy"};
constexpr std::array<std::string_view, 1> model_methods = {"add"};
constexpr std::array<std::string_view, 10> training_methods = {"compile", "fit",         "evaluate",     "predict",
                                                               "summary", "save",        "save_weights", "load_weights",
                                                               "build",   "count_params"};

template <typename Names>
bool is_among(const Names& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::vector<std::string_view> attribute_names(const LanguageValue& object) {
    if (object.get<Tensor>()) return {tensor_attributes.begin(), tensor_attributes.end()};
    if (object.text()) return text_methods();
    if (object.list()) return {list_methods.begin(), list_methods.end()};
    if (object.get<Dict*>()) return {dict_methods.begin(), dict_methods.end()};
    if (object.model()) return {model_methods.begin(), model_methods.end()};
    if (const auto* keras = object.get<const KerasNamespace*>()) return names_in(**keras);
    std::vector<std::string_view> names;
    if (const auto* module = object.get<const LoadedModule*>()) {
        for (const auto& [name, value] : (*module)->globals.names) names.push_back(name);
    }
    return names;
}

LanguageValue tensor_attribute(Elaboration& elaboration, Tensor tensor, const std::string& name, Span span) {
    const TensorType type = elaboration.node(tensor).type;
    if (name == "ndim") return static_cast<std::int64_t>(type.rank()) + 1;
    if (name == "dtype") return elaboration.make_text(std::string(to_text(type.element)), span);
    Elements shape = {None{}};
    for (const std::int64_t extent : type.shape) shape.push_back(extent);
    return elaboration.make_tuple(std::move(shape), span);
}

/// What stands as a text at the beginning of a function.
std::string docstring_of(const ast::FunctionDef& def) {
    const auto* first = def.body.empty() ? nullptr : std::get_if<ast::ExpressionStatement>(&def.body.front().kind);
    const auto* doc = first ? std::get_if<ast::String>(&first->value->kind) : nullptr;
    return doc ? doc->value : "";
}

LanguageValue unknown_attribute(Elaboration& elaboration, const LanguageValue& object, const std::string& name,
                                Span span) {
    Diagnostic* d = nullptr;
    if (const auto* keras = object.get<const KerasNamespace*>()) {
        if ((*keras)->name == "keras.ops" && nearest(name, names_in(**keras)).empty()) {
            elaboration.error(Code::not_supported, span, "functions of keras.ops such as '{}' are not supported yet",
                              name);
            return Poison{};
        }
        d = &elaboration.error(Code::unknown_attribute, span, "{} has no '{}', or Halcyon does not know it",
                               (*keras)->name, name);
    } else {
        d = &elaboration.error(Code::unknown_attribute, span, "{} has no attribute '{}'", describe(object), name);
    }
    const std::vector<std::string_view> known = attribute_names(object);
    if (const auto similar = nearest(name, known); !similar.empty())
        d->hint = fmt::format("did you mean '{}'?", similar);
    return Poison{};
}

bool no_keywords(Elaboration& elaboration, const BoundMethod& method, const CallArguments& arguments, std::size_t low,
                 std::size_t high) {
    for (const CallArgument& argument : arguments.list) {
        if (argument.value.is_poison()) return false;
        if (argument.keyword.empty()) continue;
        elaboration.error(Code::unknown_argument, argument.keyword_span, "{}() has no parameter '{}'", method.name,
                          argument.keyword);
        return false;
    }
    const std::size_t count = arguments.list.size();
    if (count >= low && count <= high) return true;
    const std::string expected = low == high ? fmt::format("{}", low) : fmt::format("{} to {}", low, high);
    elaboration.error(count < low ? Code::missing_argument : Code::too_many_arguments, arguments.call,
                      "{}() takes {} argument{}, not {}", method.name, expected, high == 1 ? "" : "s", count);
    return false;
}

LanguageValue call_list_method(Elaboration& elaboration, const BoundMethod& method, const CallArguments& arguments) {
    List& list = *method.object.list();
    if (method.name == "append") {
        // A mistaken element is appended too: the length stays what was meant.
        if (arguments.list.size() == 1 && arguments.list[0].value.is_poison()) {
            list.elements.push_back(Poison{});
            return None{};
        }
        if (!no_keywords(elaboration, method, arguments, 1, 1)) return Poison{};
        if (list.elements.size() >= Elaboration::max_list) {
            elaboration.error(Code::limit_exceeded, arguments.call, "the list is longer than {} elements",
                              Elaboration::max_list);
            return Poison{};
        }
        list.elements.push_back(arguments.list[0].value);
        return None{};
    }
    if (method.name == "insert") {
        if (!no_keywords(elaboration, method, arguments, 2, 2)) return Poison{};
        const auto position = arguments.list[0].value.integer();
        if (!position || list.elements.size() >= Elaboration::max_list) {
            elaboration.error(Code::bad_index, arguments.list[0].span, "a place in the list is a whole number, not {}",
                              describe(arguments.list[0].value));
            return Poison{};
        }
        const auto size = static_cast<std::int64_t>(list.elements.size());
        if (!elaboration.spend(size / 64, arguments.call)) return Poison{};
        const std::int64_t place = std::clamp<std::int64_t>(*position < 0 ? *position + size : *position, 0, size);
        list.elements.insert(list.elements.begin() + place, arguments.list[1].value);
        return None{};
    }
    if (method.name == "copy") {
        if (!no_keywords(elaboration, method, arguments, 0, 0)) return Poison{};
        return elaboration.make_list(list.elements, arguments.call);
    }
    if (method.name == "extend") {
        if (!no_keywords(elaboration, method, arguments, 1, 1)) return Poison{};
        const auto added = elements_of(elaboration, {arguments.list[0].value, arguments.list[0].span});
        if (!added) return Poison{};
        if (list.elements.size() + added->size() > Elaboration::max_list) {
            elaboration.error(Code::limit_exceeded, arguments.call, "the list is longer than {} elements",
                              Elaboration::max_list);
            return Poison{};
        }
        list.elements.insert(list.elements.end(), added->begin(), added->end());
        return None{};
    }
    if (!no_keywords(elaboration, method, arguments, 0, 1)) return Poison{};
    const Operand index = arguments.list.empty() ? Operand{std::int64_t{-1}, arguments.call}
                                                 : Operand{arguments.list[0].value, arguments.list[0].span};
    const LanguageValue taken = index_value(elaboration, {method.object, arguments.callee}, index, arguments.call);
    const auto position = index.value.integer();
    if (taken.is_poison() && (!position || list.elements.empty())) return Poison{};
    const auto size = static_cast<std::int64_t>(list.elements.size());
    if (!position || *position < -size || *position >= size) return Poison{};
    if (!elaboration.spend(size / 64, arguments.call)) return Poison{};
    list.elements.erase(list.elements.begin() + (*position < 0 ? *position + size : *position));
    return taken;
}

/// update({"a": 1}) and update(a=1).
LanguageValue update_dict(Elaboration& elaboration, Dict& dict, const CallArguments& arguments) {
    for (const CallArgument& argument : arguments.list) {
        if (argument.value.is_poison()) return Poison{};
        Dict added;
        if (!argument.keyword.empty()) {
            added.items.emplace_back(elaboration.make_text(argument.keyword, argument.span), argument.value);
        } else if (const auto* other = argument.value.get<Dict*>()) {
            added = **other;
        } else {
            elaboration.error(Code::bad_value, argument.span, "update() takes a dict, not {}",
                              describe(argument.value));
            return Poison{};
        }
        for (const auto& [key, value] : added.items) {
            if (!set_key(elaboration, dict, key, value, argument.span)) return Poison{};
        }
    }
    return None{};
}

LanguageValue call_dict_method(Elaboration& elaboration, const BoundMethod& method, const CallArguments& arguments) {
    Dict& dict = **method.object.get<Dict*>();
    if (method.name == "update") return update_dict(elaboration, dict, arguments);
    if (method.name == "pop") {
        if (!no_keywords(elaboration, method, arguments, 1, 2)) return Poison{};
        const CallArgument& key = arguments.list[0];
        const LanguageValue* found = nullptr;
        if (!find_key(elaboration, dict, key.value, key.span, found)) return Poison{};
        if (!found && arguments.list.size() == 2) return arguments.list[1].value;
        const LanguageValue taken =
            index_value(elaboration, {method.object, arguments.callee}, {key.value, key.span}, arguments.call);
        if (found) std::erase_if(dict.items, [&](const auto& item) { return &item.second == found; });
        return taken;
    }
    if (method.name == "get") {
        if (!no_keywords(elaboration, method, arguments, 1, 2)) return Poison{};
        const LanguageValue* found = nullptr;
        if (!find_key(elaboration, dict, arguments.list[0].value, arguments.list[0].span, found)) return Poison{};
        if (found) return *found;
        return arguments.list.size() == 2 ? arguments.list[1].value : LanguageValue(None{});
    }
    if (!no_keywords(elaboration, method, arguments, 0, 0)) return Poison{};
    if (method.name == "copy") {
        if (!elaboration.spend(1 + static_cast<std::int64_t>(dict.items.size() / 4), arguments.call)) return Poison{};
        return elaboration.heap.make(Dict{dict});
    }
    Elements result;
    for (const auto& [key, value] : dict.items) {
        if (method.name == "items") result.push_back(elaboration.make_tuple({key, value}, arguments.call));
        if (method.name == "keys") result.push_back(key);
        if (method.name == "values") result.push_back(value);
    }
    return elaboration.make_list(std::move(result), arguments.call);
}

}  // namespace

bool is_training_only(const BoundMethod& method) {
    return method.object.model() && is_among(training_methods, method.name);
}

LanguageValue attribute_value(Elaboration& elaboration, const LanguageValue& object, Span object_span,
                              const std::string& name, Span name_span) {
    if (object.is_poison()) return Poison{};
    if (const auto* function = object.get<const Function*>(); function && (name == "__doc__" || name == "__name__")) {
        const ast::FunctionDef& def = *(*function)->def;
        return elaboration.make_text(name == "__name__" ? def.name : docstring_of(def), name_span);
    }
    if (const Tensor* tensor = object.get<Tensor>(); tensor && is_among(tensor_attributes, name)) {
        return tensor_attribute(elaboration, *tensor, name, name_span);
    }
    if (const auto* keras = object.get<const KerasNamespace*>()) {
        if ((*keras)->training_only) note_training_only(elaboration, (*keras)->name, object_span);
        if (const auto value = find_in_namespace(elaboration, **keras, name)) return *value;
    }
    if (const auto* module = object.get<const LoadedModule*>()) {
        const auto found = (*module)->globals.names.find(name);
        if (found != (*module)->globals.names.end()) return found->second;
        if ((*module)->failed) return Poison{};
    }
    const bool is_method = (object.text() && is_among(text_methods(), name)) ||
                           (object.list() && is_among(list_methods, name)) ||
                           (object.get<Dict*>() && is_among(dict_methods, name)) ||
                           (object.model() && (is_among(model_methods, name) || is_among(training_methods, name)));
    if (!is_method) return unknown_attribute(elaboration, object, name, name_span);
    return static_cast<const BoundMethod*>(elaboration.heap.make(BoundMethod{object, name}));
}

LanguageValue call_method(Elaboration& elaboration, const BoundMethod& method, const CallArguments& arguments) {
    if (is_training_only(method)) {
        elaboration.diag.add(Severity::note, Code::training_only, arguments.callee,
                             fmt::format("'{}' has no meaning here and is ignored", method.name));
        return Poison{};
    }
    if (const std::string* text = method.object.text()) return call_text_method(elaboration, *text, method, arguments);
    if (method.object.list()) return call_list_method(elaboration, method, arguments);
    if (method.object.get<Dict*>()) return call_dict_method(elaboration, method, arguments);
    return add_to_sequential(elaboration, *method.object.model(), arguments);
}

}  // namespace halcyon::language
