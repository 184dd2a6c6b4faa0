#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "exporters/axis_order.h"
#include "exporters/onnx_model.h"
#include "graph/evaluate.h"
#include "graph/graph.h"

namespace halcyon {

/// Grows an ONNX model node by node. Names are made unique; a value of the graph is known under several ONNX values if
/// it is wanted with its axes in several orders.
class OnnxWriter {
public:
    OnnxWriter(const Graph& graph, std::int64_t batch, const WeightSource& weights);

    /// A node that is called, like its result, `name` or something that begins so. Returns the result's name.
    std::string add(std::string_view op, const std::string& name, std::vector<std::string> inputs,
                    OnnxAttributes attributes = {});
    /// Initializers. Equal numbers, lists and constants are written once.
    std::string number(double value);
    std::string integers(const std::string& name, const std::vector<std::int64_t>& values);
    /// `expr` evaluated in double and rounded; called after its weight if it is one, else LAYER/ROLE.
    std::string constant(const ConstantExpr& expr, const std::string& layer, std::string_view role);

    /// Says which ONNX value has the graph's value, and how.
    void define(NodeId id, AxisOrder order, std::string value);
    /// The order in which it was computed: the one that costs nothing.
    [[nodiscard]] AxisOrder order_of(NodeId id) const;
    /// The value in this order, after a Transpose if nobody has asked for it before.
    std::string in_order(NodeId id, const AxisOrder& order);
    /// The value in this order, fit to broadcast against values of `order`'s rank.
    std::string broadcast_in_order(NodeId id, const AxisOrder& order);
    /// The value under other extents (the batch goes in front); `value` is row-major in these axes.
    std::string reshape(const std::string& value, const std::string& name, const Shape& shape);

    [[nodiscard]] const Node& node(NodeId id) const { return graph_.nodes[static_cast<std::size_t>(id)]; }
    [[nodiscard]] const Shape& shape_of(NodeId id) const { return node(id).type.shape; }
    [[nodiscard]] Shape with_batch(const Shape& shape) const;

    /// Adds the doors: everything is there then.
    OnnxModel finish();

private:
    struct Form {
        AxisOrder order;
        std::string value;
    };
    std::string unique(const std::string& name);
    void name_output(const Graph::Output& output);

    const Graph& graph_;
    std::int64_t batch_;
    const WeightSource& weights_;
    OnnxModel model_;
    std::set<std::string> names_;
    std::map<NodeId, std::vector<Form>> forms_;           // the first is the one that was computed
    std::map<std::string, std::string> written_tensors_;  // text of what a tensor holds: its name
};

}  // namespace halcyon
