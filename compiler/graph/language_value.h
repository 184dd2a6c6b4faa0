#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "graph/layer_def.h"
#include "syntax/ast.h"

// What an expression of a spec can be while it is evaluated. A finished graph holds none of this.

namespace halcyon::language {

class LanguageValue;
struct Builtin;
struct Environment;
struct KerasClass;
struct KerasFunction;
struct KerasNamespace;
struct LayerInstance;
struct LoadedModule;
struct Model;

/// A mistake was reported here already: whatever is computed from it is poison too, and silent.
struct Poison {};
struct None {};
struct Ellipsis {};
/// A value of the network, by its index in Elaboration::nodes.
struct Tensor {
    int node = 0;
};

using Elements = std::vector<LanguageValue>;
struct Tuple {
    Elements elements;
};
/// Lists are shared and can grow, as in Python.
struct List {
    Elements elements;
};
struct Dict {
    std::vector<std::pair<LanguageValue, LanguageValue>> items;
};
struct Range {
    std::int64_t start = 0, step = 1, count = 0;
};
/// A block: a `def` with the values of its defaults and the names around it.
struct Function {
    const ast::FunctionDef* def = nullptr;
    std::vector<LanguageValue> defaults;  ///< by parameter; poison where there is none
    Environment* closure = nullptr;
    Span span;
};
/// keras.activations.relu: a name to give to a layer, or a function to call on a tensor.
struct ActivationFunction {
    std::string name;
};
/// xs.append before it is called.
struct BoundMethod;

class LanguageValue {
public:
    using Kind = std::variant<Poison, None, Ellipsis, bool, std::int64_t, double, const std::string*, const Tuple*,
                              List*, Dict*, const Range*, Tensor, LayerInstance*, const LayerDef*, const Value::Object*,
                              const KerasClass*, const KerasFunction*, const ActivationFunction*, const Function*,
                              Model*, const Builtin*, const KerasNamespace*, const LoadedModule*, const BoundMethod*>;
    LanguageValue() = default;
    template <typename T>
        requires(!std::is_same_v<std::decay_t<T>, LanguageValue> && std::is_constructible_v<Kind, T>)
    LanguageValue(T v) : kind(v) {}  // NOLINT: values should convert silently

    Kind kind;

    template <typename T>
    [[nodiscard]] const T* get() const {
        return std::get_if<T>(&kind);
    }
    [[nodiscard]] bool is_poison() const { return std::holds_alternative<Poison>(kind); }
    [[nodiscard]] bool is_none() const { return std::holds_alternative<None>(kind); }
    [[nodiscard]] const std::string* text() const;
    [[nodiscard]] List* list() const;
    [[nodiscard]] LayerInstance* layer() const;
    [[nodiscard]] Model* model() const;
    /// Of a tuple or a list, else null.
    [[nodiscard]] const Elements* elements() const;
    [[nodiscard]] bool is_number() const;  ///< bool, int or float
    /// bool and int as Python's int.
    [[nodiscard]] std::optional<std::int64_t> integer() const;
    [[nodiscard]] std::optional<double> real() const;
};

struct BoundMethod {
    LanguageValue object;
    std::string name;
};

/// Owns what values point to until elaboration ends, so that values are small and cycles of lists are harmless. Its size
/// is bounded by the limit of steps: whoever makes something large pays steps for it.
class Heap {
public:
    template <typename T>
    T* make(T value) {
        return &std::get<std::deque<T>>(pools_).emplace_back(std::move(value));
    }

private:
    std::tuple<std::deque<std::string>, std::deque<Tuple>, std::deque<List>, std::deque<Dict>, std::deque<Range>,
               std::deque<Value::Object>, std::deque<ActivationFunction>, std::deque<Function>, std::deque<BoundMethod>>
        pools_;
};

/// "a tensor", "the text 'same'", "3": what stands in messages.
[[nodiscard]] std::string describe(const LanguageValue& value);
/// "tensor", "list", "int": Python's name of the type where there is one.
[[nodiscard]] std::string_view type_name(const LanguageValue& value);

}  // namespace halcyon::language
