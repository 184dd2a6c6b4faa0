#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "graph/graph.h"

namespace halcyon {

/// One layer with everything that a mistake could have changed about it.
struct LayerTrial {
    const LayerDef* layer = nullptr;
    Attributes attributes;
    std::vector<Array> weights;  ///< as LayerDef::weights lists them
    std::vector<Array> inputs;
    std::function<Array(const Array&)> after;  ///< what happens to the result; may be empty
    bool after_is_elementwise = false;         ///< it does so to each number by itself
};

/// What it gives in double precision; nothing where the layer does not take these inputs, attributes or weights.
[[nodiscard]] std::optional<Array> result_of(const LayerTrial& trial);

/// A part of the filters of a convolution, or of the units of a dense layer, with what was expected of them: what they give
/// does not depend on the others. Nothing where the layer is not of that kind, or has no more.
struct FewFilters {
    LayerTrial trial;
    Array expected;
};
[[nodiscard]] std::optional<FewFilters> with_few_filters(const LayerTrial& trial, const Array& expected);
inline constexpr std::int64_t few_filters = 4;

/// max |a - b| / max |b|; infinite where there is no result, or one of another shape.
[[nodiscard]] double trial_error(const std::optional<Array>& result, const Array& expected);

}  // namespace halcyon
