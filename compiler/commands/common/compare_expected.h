#pragma once

#include <optional>
#include <string>
#include <vector>

#include "formats/tensor_file.h"
#include "graph/evaluate.h"
#include "graph/graph.h"

namespace halcyon {

/// How the reference compares with activations that another program computed, by layer name.
struct ExpectedComparison {
    struct Layer {
        NodeId node = 0;
        double error = 0.0;
    };
    std::vector<Layer> layers;             ///< those that the file has, in order
    std::vector<std::string> unknown;      ///< tensors that are no layer's
    std::vector<std::string> misshapen;    ///< sentences
    std::optional<Layer> first_different;  ///< beyond the limit
    std::string cause;                     ///< what was found by trying; empty: nothing explains it
    std::vector<std::string> tried;
};

/// Finds the first layer that differs by more than `limit`, then evaluates the network up to it as if a usual mistake had been
/// made (channels reversed, input scaled otherwise, kernel transposed, symmetric padding, another epsilon): the one under
/// which it agrees is the cause. Activations may have a batch axis in front; their first item is compared.
[[nodiscard]] ExpectedComparison compare_expected(const Graph& layers, const WeightSource& weights,
                                                  const std::vector<Array>& inputs, const std::vector<Array>& values,
                                                  const TensorFile& expected, double limit);

}  // namespace halcyon
