// What stands after a dot: properties of tensors, methods of lists and dicts, names of modules.

#include <array>

#include "graph/interpreter.h"
#include "graph/keras_names.h"
#include "graph/models.h"
#include "graph/sequences.h"

namespace halcyon::language {
namespace {

constexpr std::array<std::string_view, 3> tensor_attributes = {"shape", "ndim", "dtype"};
constexpr std::array<std::string_view, 3> list_methods = {"append", "extend", "pop"};
constexpr std::array<std::string_view, 4> dict_methods = {"items", "keys", "values", "get"};
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
    if (object.list()) return {list_methods.begin(), list_methods.end()};
    if (object.get<const Dict*>()) return {dict_methods.begin(), dict_methods.end()};
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

LanguageValue unknown_attribute(Elaboration& elaboration, const LanguageValue& object, const std::string& name,
                                Span span) {
    Diagnostic* d = nullptr;
    if (const auto* keras = object.get<const KerasNamespace*>()) {
        if ((*keras)->name == "keras.ops") {
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

LanguageValue call_dict_method(Elaboration& elaboration, const BoundMethod& method, const CallArguments& arguments) {
    const Dict& dict = **method.object.get<const Dict*>();
    if (method.name == "get") {
        if (!no_keywords(elaboration, method, arguments, 1, 2)) return Poison{};
        const LanguageValue* found = nullptr;
        if (!find_key(elaboration, dict, arguments.list[0].value, arguments.list[0].span, found)) return Poison{};
        if (found) return *found;
        return arguments.list.size() == 2 ? arguments.list[1].value : LanguageValue(None{});
    }
    if (!no_keywords(elaboration, method, arguments, 0, 0)) return Poison{};
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

LanguageValue attribute_value(Elaboration& elaboration, const LanguageValue& object, Span, const std::string& name,
                              Span name_span) {
    if (object.is_poison()) return Poison{};
    if (const Tensor* tensor = object.get<Tensor>(); tensor && is_among(tensor_attributes, name)) {
        return tensor_attribute(elaboration, *tensor, name, name_span);
    }
    if (const auto* keras = object.get<const KerasNamespace*>()) {
        if (const auto value = find_in_namespace(elaboration, **keras, name)) return *value;
    }
    if (const auto* module = object.get<const LoadedModule*>()) {
        const auto found = (*module)->globals.names.find(name);
        if (found != (*module)->globals.names.end()) return found->second;
        if ((*module)->failed) return Poison{};
    }
    const bool is_method = (object.list() && is_among(list_methods, name)) ||
                           (object.get<const Dict*>() && is_among(dict_methods, name)) ||
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
    if (method.object.list()) return call_list_method(elaboration, method, arguments);
    if (method.object.get<const Dict*>()) return call_dict_method(elaboration, method, arguments);
    return add_to_sequential(elaboration, *method.object.model(), arguments);
}

}  // namespace halcyon::language
