#pragma once

#include <string>

#include "graph/argument_type.h"

namespace halcyon {

// Arguments that several layers take, with Keras's names and meaning.

[[nodiscard]] ArgumentDef data_format_argument();
[[nodiscard]] ArgumentDef activation_argument();
[[nodiscard]] ArgumentDef use_bias_argument();
/// `rank` spatial axes; default "valid".
[[nodiscard]] ArgumentDef padding_argument(int rank);
/// One spatial axis, or "causal": all before, so that no result depends on later elements.
[[nodiscard]] ArgumentDef causal_padding_argument();
[[nodiscard]] ArgumentDef strides_argument(int rank);
[[nodiscard]] ArgumentDef dilation_argument(int rank);
[[nodiscard]] ArgumentDef kernel_size_argument(int rank);
/// `by_default` is a class without arguments, or one whose only argument is its seed: "Zeros", "GlorotUniform".
[[nodiscard]] ArgumentDef initializer_argument(std::string name, std::string by_default);
/// A regularizer, a constraint: it gets a note, and means nothing.
[[nodiscard]] ArgumentDef training_argument(std::string name);
/// Something of Keras that Halcyon does not have: only None (or False) may be written.
[[nodiscard]] ArgumentDef unavailable_argument(std::string name);

/// (n, n, ...) `rank` times, as a default.
[[nodiscard]] Value repeated(int n, int rank);

}  // namespace halcyon
