#include "graph/language_value.h"

#include <fmt/format.h>

#include "graph/elaboration.h"

namespace halcyon::language {
namespace {

template <typename T>
T pointer_in(const LanguageValue& value) {
    const T* pointer = value.get<T>();
    return pointer ? *pointer : nullptr;
}

}  // namespace

const std::string* LanguageValue::text() const {
    return pointer_in<const std::string*>(*this);
}

List* LanguageValue::list() const {
    return pointer_in<List*>(*this);
}

LayerInstance* LanguageValue::layer() const {
    return pointer_in<LayerInstance*>(*this);
}

Model* LanguageValue::model() const {
    return pointer_in<Model*>(*this);
}

const Elements* LanguageValue::elements() const {
    if (const Tuple* tuple = pointer_in<const Tuple*>(*this)) return &tuple->elements;
    if (const List* list = pointer_in<List*>(*this)) return &list->elements;
    return nullptr;
}

bool LanguageValue::is_number() const {
    return get<bool>() || get<std::int64_t>() || get<double>();
}

std::optional<std::int64_t> LanguageValue::integer() const {
    if (const bool* b = get<bool>()) return *b ? 1 : 0;
    if (const std::int64_t* n = get<std::int64_t>()) return *n;
    return std::nullopt;
}

std::optional<double> LanguageValue::real() const {
    if (const double* x = get<double>()) return *x;
    if (const auto n = integer()) return static_cast<double>(*n);
    return std::nullopt;
}

std::string_view type_name(const LanguageValue& value) {
    struct Names {
        std::string_view operator()(Poison) const { return "mistake"; }
        std::string_view operator()(None) const { return "None"; }
        std::string_view operator()(Ellipsis) const { return "ellipsis"; }
        std::string_view operator()(bool) const { return "bool"; }
        std::string_view operator()(std::int64_t) const { return "int"; }
        std::string_view operator()(double) const { return "float"; }
        std::string_view operator()(const std::string*) const { return "str"; }
        std::string_view operator()(const Tuple*) const { return "tuple"; }
        std::string_view operator()(List*) const { return "list"; }
        std::string_view operator()(Dict*) const { return "dict"; }
        std::string_view operator()(const Range*) const { return "range"; }
        std::string_view operator()(Tensor) const { return "tensor"; }
        std::string_view operator()(LayerInstance*) const { return "layer"; }
        std::string_view operator()(const LayerDef*) const { return "class of layers"; }
        std::string_view operator()(const Value::Object*) const { return "object"; }
        std::string_view operator()(const KerasClass*) const { return "class"; }
        std::string_view operator()(const KerasFunction*) const { return "function"; }
        std::string_view operator()(const ActivationFunction*) const { return "activation function"; }
        std::string_view operator()(const Function*) const { return "function"; }
        std::string_view operator()(Model*) const { return "model"; }
        std::string_view operator()(const Builtin*) const { return "function"; }
        std::string_view operator()(const KerasNamespace*) const { return "module"; }
        std::string_view operator()(const LoadedModule*) const { return "module"; }
        std::string_view operator()(const BoundMethod*) const { return "method"; }
    };
    return std::visit(Names{}, value.kind);
}

std::string describe(const LanguageValue& value) {
    if (value.is_none()) return "None";
    if (value.is_number()) return display(value);
    if (value.text()) {
        std::string shown = display(value);
        return shown.size() <= 60 ? shown : "a long text";
    }
    if (value.get<Ellipsis>()) return "an ellipsis";
    if (const LayerInstance* layer = value.layer()) return fmt::format("a layer ({})", layer->def->name);
    if (const auto* def = value.get<const LayerDef*>()) return fmt::format("the class {}", (*def)->name);
    if (value.get<const ActivationFunction*>()) return "an activation function";
    return fmt::format("a {}", type_name(value));
}

}  // namespace halcyon::language
