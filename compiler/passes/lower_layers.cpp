#include "passes/lower_layers.h"

#include <numeric>

#include "passes/common.h"
#include "support/check.h"

namespace halcyon {
namespace {

/// Axes that bring [C, spatial...] to [spatial..., C], and back.
std::vector<int> channels_last_axes(int rank) {
    std::vector<int> axes(static_cast<std::size_t>(rank));
    std::iota(axes.begin(), axes.end(), 1);
    axes.back() = 0;
    return axes;
}
std::vector<int> channels_first_axes(int rank) {
    std::vector<int> axes(static_cast<std::size_t>(rank));
    std::iota(axes.begin(), axes.end(), -1);
    axes.front() = rank - 1;
    return axes;
}

/// Appends the operations of one layer to the graph.
class GraphLowering final : public Lowering {
public:
    GraphLowering(Graph& graph, const Node& layer, std::vector<NodeId> values)
        : graph_(graph), layer_(layer), values_(std::move(values)) {
        for (NodeId value : values_) inputs.push_back(graph_.nodes[static_cast<std::size_t>(value)].type);
        for (const Weight& weight : layer.weights) weights.push_back(ConstantExpr::weight(weight.name, weight.shape));
    }

    TensorType type_of(int value) const override { return graph_.nodes[static_cast<std::size_t>(node(value))].type; }

    int add(Operation operation, std::vector<int> operands, std::vector<ConstantExpr> constants, ScalarExpr epilogue,
            Shape shape) override {
        Node added;
        added.name = layer_.name;
        added.members = {layer_.name};
        added.layer = layer_.layer;
        added.span = layer_.span;
        for (int operand : operands) added.inputs.push_back(node(operand));
        added.operand_count = static_cast<int>(operands.size());
        added.operation = std::move(operation);
        added.constants = std::move(constants);
        added.epilogue = std::move(epilogue);
        // A view of a door shows the door's own numbers; whatever computes converts them.
        added.type = {is_view(added.operation.op) ? type_of(operands[0]).element : ElementType::float32,
                      std::move(shape)};
        return push(std::move(added));
    }

    int elementwise(ScalarExpr expr, std::vector<int> operands, std::vector<ConstantExpr> constants,
                    Shape shape) override {
        return add({.op = Op::elementwise}, std::move(operands), std::move(constants), std::move(expr),
                   std::move(shape));
    }

    int push(Node added) {
        graph_.nodes.push_back(std::move(added));
        values_.push_back(static_cast<NodeId>(graph_.nodes.size()) - 1);
        return static_cast<int>(values_.size()) - 1;
    }

    [[nodiscard]] NodeId node(int value) const { return values_.at(static_cast<std::size_t>(value)); }

private:
    Graph& graph_;
    const Node& layer_;
    std::vector<NodeId> values_;
};

/// An elementwise layer is its scalar expression; its weights broadcast as they are.
int lower_scalar(const Node& layer, GraphLowering& lowering) {
    const LayerCall call(layer.attributes, lowering.inputs, [](Code, std::string_view, const std::string& message) {
        internal_error(__FILE__, __LINE__, "a mistake found only while lowering: " + message);
    });
    std::vector<int> operands(lowering.inputs.size());
    std::iota(operands.begin(), operands.end(), 0);
    return lowering.elementwise(layer.layer->scalar(call), operands, lowering.weights, layer.type.shape);
}

bool says_channels_first(const Node& layer) {
    const Value* format = layer.attributes.find("data_format");
    return layer.layer->to_channels_last && format && format->string() && *format->string() == "channels_first";
}

NodeId lower_node(Graph& graph, const Node& layer, std::vector<NodeId> inputs) {
    const bool flip = says_channels_first(layer) && layer.type.rank() >= 1 &&
                      graph.nodes[static_cast<std::size_t>(inputs[0])].type.rank() >= 2;
    Attributes attributes = layer.attributes;
    TensorType output = layer.type;
    if (flip) {
        for (NodeId& input : inputs) {
            const int rank = graph.nodes[static_cast<std::size_t>(input)].type.rank();
            input = add_transpose(graph, input, channels_last_axes(rank));
        }
        attributes =
            layer.layer->to_channels_last(attributes, graph.nodes[static_cast<std::size_t>(inputs[0])].type.rank());
        if (output.rank() > 1) output.shape = permuted(output.shape, channels_last_axes(output.rank()));
    }

    GraphLowering lowering(graph, layer, std::move(inputs));
    lowering.attributes = &attributes;
    lowering.output = output;
    const int result = layer.layer->lower ? layer.layer->lower(lowering) : lower_scalar(layer, lowering);
    NodeId node = lowering.node(result);
    CHECK_INTERNAL(graph.nodes[static_cast<std::size_t>(node)].type.shape == output.shape);

    const bool is_new = result >= static_cast<int>(lowering.inputs.size());
    const bool back = flip && output.rank() > 1;
    if (is_new)
        graph.nodes[static_cast<std::size_t>(node)].origin = {-1, back ? channels_last_axes(output.rank())
                                                                       : std::vector<int>{}};
    return back ? add_transpose(graph, node, channels_first_axes(output.rank())) : node;
}

}  // namespace

Graph lower_layers(const Graph& layers) {
    Graph graph;
    graph.name = layers.name;
    graph.doc = layers.doc;
    graph.span = layers.span;
    graph.lowered = true;

    std::vector<NodeId> lowered;  // by number of the layer node
    for (std::size_t i = 0; i < layers.nodes.size(); ++i) {
        const Node& layer = layers.nodes[i];
        const bool is_door =
            std::find(layers.inputs.begin(), layers.inputs.end(), static_cast<NodeId>(i)) != layers.inputs.end();
        const std::size_t before = graph.nodes.size();
        if (is_door) {
            Node door = layer;
            door.operation = {.op = Op::input};
            door.operand_count = 0;
            graph.nodes.push_back(std::move(door));
            lowered.push_back(static_cast<NodeId>(before));
        } else {
            std::vector<NodeId> inputs;
            for (NodeId input : layer.inputs) inputs.push_back(lowered[static_cast<std::size_t>(input)]);
            lowered.push_back(lower_node(graph, layer, std::move(inputs)));
        }
        // The value itself is the layer's; a channels-last one before the last transpose is it with other axes.
        const NodeId result = lowered.back();
        if (static_cast<std::size_t>(result) >= before) {
            Node& value = graph.nodes[static_cast<std::size_t>(result)];
            value.origin.node = static_cast<NodeId>(i);
            if (value.operation.op == Op::transpose && !value.inputs.empty()) {
                Node& inner = graph.nodes[static_cast<std::size_t>(value.inputs[0])];
                if (static_cast<std::size_t>(value.inputs[0]) >= before && !inner.origin.axes.empty())
                    inner.origin.node = static_cast<NodeId>(i);
            }
        }
    }
    for (NodeId input : layers.inputs) graph.inputs.push_back(lowered[static_cast<std::size_t>(input)]);
    for (const Graph::Output& output : layers.outputs)
        graph.outputs.push_back({output.name, lowered[static_cast<std::size_t>(output.node)]});
    return graph;
}

}  // namespace halcyon
