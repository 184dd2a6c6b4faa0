#include "graph/evaluate.h"

#include <algorithm>

#include "graph/apply_scalar.h"
#include "support/check.h"

namespace halcyon {
namespace {

void report_impossible(Code, std::string_view, std::string message) {
    internal_error(__FILE__, __LINE__, "a layer that elaboration accepted is refused: " + message);
}

}  // namespace

Array evaluate_layer(const LayerDef& layer, const Attributes& attributes, const TensorType& output,
                     std::span<const Array> weights, std::span<const Array> inputs) {
    if (layer.is_elementwise()) {
        std::vector<TensorType> types;
        for (const Array& input : inputs) types.push_back({ElementType::float32, input.shape()});
        const LayerCall call(attributes, types, report_impossible);
        return apply_scalar(layer.scalar(call), inputs, weights, output.shape);
    }
    CHECK_INTERNAL(layer.reference != nullptr);
    Array result(output.shape);
    layer.reference(attributes, weights, inputs, result);
    CHECK_INTERNAL(result.shape() == output.shape);
    return result;
}

std::vector<Array> evaluate(const Graph& graph, const WeightSource& weights, const std::vector<Array>& inputs) {
    CHECK_INTERNAL(!graph.lowered && inputs.size() == graph.inputs.size());
    std::vector<Array> values;
    values.reserve(graph.nodes.size());
    for (NodeId id = 0; id < static_cast<NodeId>(graph.nodes.size()); ++id) {
        const Node& node = graph.nodes[static_cast<std::size_t>(id)];
        const auto door = std::find(graph.inputs.begin(), graph.inputs.end(), id);
        if (door != graph.inputs.end()) {
            values.push_back(inputs[static_cast<std::size_t>(door - graph.inputs.begin())]);
            CHECK_INTERNAL(values.back().shape() == node.type.shape);
            continue;
        }
        std::vector<Array> node_weights;
        for (const Weight& weight : node.weights) {
            node_weights.push_back(weights(weight.name));
            CHECK_INTERNAL(node_weights.back().shape() == weight.shape);
        }
        std::vector<Array> operands;
        for (NodeId input : node.inputs) operands.push_back(values[static_cast<std::size_t>(input)]);
        values.push_back(evaluate_layer(*node.layer, node.attributes, node.type, node_weights, operands));
    }
    return values;
}

}  // namespace halcyon
