#pragma once

#include <functional>
#include <string>
#include <vector>

#include "graph/value.h"

namespace halcyon {

/// What an argument may be: turns what was written into its normal form (3 -> (3, 3), "SAME" -> "same") or says what is
/// expected. Layers state one per argument; the checker, the errors and the reference page all read it.
struct ArgumentType {
    std::string description;  ///< "a positive integer or a pair of them": stands in errors and in the layer reference
    /// The normal form, or nothing when the value is not acceptable; `why` may then say more than the description.
    std::function<std::optional<Value>(const Value& written, std::string& why)> normalize;
};

namespace argument {
[[nodiscard]] ArgumentType integer(std::int64_t low, std::int64_t high = (std::int64_t{1} << 31) - 1);
[[nodiscard]] ArgumentType positive_integer();
[[nodiscard]] ArgumentType real();                         ///< any finite number, kept as double
[[nodiscard]] ArgumentType real(double low, double high);  ///< inclusive
[[nodiscard]] ArgumentType boolean();
[[nodiscard]] ArgumentType string();
[[nodiscard]] ArgumentType choice(std::vector<std::string> names);     ///< case is ignored, as in Keras
[[nodiscard]] ArgumentType tuple_of(ArgumentType element, int count);  ///< one element stands for all: 3 -> (3, 3)
[[nodiscard]] ArgumentType sequence_of(ArgumentType element);  ///< a tuple or list of any length, or one element
[[nodiscard]] ArgumentType optional(ArgumentType type);        ///< or None
/// "valid", "same", n, (rows, columns) or ((top, bottom), (left, right)); normal form: the lower-case word or a sequence of
/// `spatial_rank` pairs.
[[nodiscard]] ArgumentType window_padding(int spatial_rank);
/// n, one per axis, or one pair per axis; normal form: a sequence of `spatial_rank` pairs of non-negative integers.
[[nodiscard]] ArgumentType explicit_padding(int spatial_rank);
[[nodiscard]] ArgumentType data_format();  ///< None means "channels_last"
/// None ("linear") or the name of a scalar activation or "softmax"; see layers/common/activations.h.
[[nodiscard]] ArgumentType activation();
/// A name ("he_normal") or an object; normal form: an Object with its class name in CamelCase and all its arguments.
[[nodiscard]] ArgumentType initializer();
/// Accepted and meaningless at inference (regularizers, constraints, trainable): any value.
[[nodiscard]] ArgumentType ignored();
}  // namespace argument

struct ArgumentDef {
    std::string name;
    ArgumentType type;
    std::optional<Value> default_value;  ///< in its normal form; nothing: the argument is required
    std::string doc;
    bool training_only = false;  ///< gets one note when written
};

}  // namespace halcyon
