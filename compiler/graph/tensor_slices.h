#pragma once

#include <optional>
#include <vector>

#include "graph/sequences.h"

namespace halcyon::language {

/// One part of a tensor's subscript: a slice, else a value.
struct TensorIndex {
    LanguageValue value;
    std::optional<SliceBounds> slice;
    Span span;
};

/// x[:, 1:, ..., ::-1] as in NumPy, counted with the batch, which stays whole: the layer GetItem. An index that is a number drops
/// its axis, None makes a new one. Poison after mistakes.
[[nodiscard]] LanguageValue slice_tensor(Elaboration& elaboration, const Operand& object,
                                         const std::vector<TensorIndex>& indices, Span span);

}  // namespace halcyon::language
