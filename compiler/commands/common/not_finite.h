#pragma once

#include <optional>
#include <string>
#include <vector>

#include "graph/evaluate.h"
#include "graph/graph.h"

namespace halcyon {

/// Where numbers first go astray.
struct NotFinite {
    NodeId node = 0;
    std::string sentence;  ///< "'log' gives NaN at (0, 3) from finite inputs between -1 and 4"
};

/// The first layer whose inputs are all finite and whose result is not; `values` are the reference's, one per node, for one
/// item. What float32 cannot hold counts as infinite. Inputs of the model that are not finite come first; weights that are not
/// are said to be the reason.
[[nodiscard]] std::optional<NotFinite> find_not_finite(const Graph& layers, const WeightSource& weights,
                                                       const std::vector<Array>& values);

}  // namespace halcyon
