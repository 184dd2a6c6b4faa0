#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "commands/common/explain_difference.h"
#include "formats/tensor_file.h"
#include "graph/evaluate.h"
#include "graph/graph.h"

namespace halcyon {

/// How the double-precision reference compares with activations that another program computed, by layer name.
class ExpectedComparison {
public:
    struct Layer {
        NodeId node = 0;
        double error = 0.0;  ///< the largest of all items; infinite where the shapes differ
        double own = 0.0;    ///< the layer alone, from its inputs as they were expected; NaN where these are not known
        double magnitude = 0.0;  ///< the largest that it gives so
        Shape expected_shape;    ///< of an item
        std::size_t worst_item = 0;
    };
    struct Difference {
        Layer layer;
        double magnitude = 0.0;            ///< the largest, of what was expected
        std::optional<Layer> exceeded_at;  ///< where contributions that are each within the limit first exceed it
        Explanation explanation;
    };

    /// `tensors` must outlive it. Arrays may have a batch axis in front: then all have it. A shared layer has several calls
    /// and one entry: agreeing with any call is enough.
    ExpectedComparison(const Graph& layers, const WeightSource& weights,
                       const std::map<std::string, StoredTensor>& tensors);

    /// How many items the arrays hold; 1 without a batch axis.
    [[nodiscard]] std::size_t items() const { return items_; }
    [[nodiscard]] const std::vector<std::string>& unknown() const { return unknown_; }  ///< arrays that are no layer's
    [[nodiscard]] bool empty() const { return calls_.empty(); }

    /// Compares one item's reference values, one per node of the graph.
    void add_item(std::size_t item, const std::vector<Array>& values);

    /// The layers that were expected, in the order of the graph.
    [[nodiscard]] std::vector<Layer> layers() const;

    /// The first layer that differs by more than `limit`, or contributes most to what does, with its likely cause. Fills in
    /// Layer::own and Layer::magnitude of all. `inputs_of` gives the model's inputs for an item.
    [[nodiscard]] std::optional<Difference>
    first_difference(double limit, const std::function<std::vector<Array>(std::size_t)>& inputs_of);

private:
    [[nodiscard]] const Node& node(NodeId id) const { return layers_.nodes[static_cast<std::size_t>(id)]; }
    [[nodiscard]] Array item_of(const std::string& name, std::size_t item) const;
    ExpectedValues values_of(std::size_t item, std::vector<Array> inputs);

    const Graph& layers_;
    const WeightSource& weights_;
    const std::map<std::string, StoredTensor>& tensors_;
    bool batch_ = false;
    std::size_t items_ = 1;
    std::vector<std::string> unknown_;
    std::map<std::string, std::vector<Layer>> calls_;  ///< by layer name, every call of the layer
};

}  // namespace halcyon
