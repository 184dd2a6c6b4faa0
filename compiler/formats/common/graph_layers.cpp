#include "formats/common/graph_layers.h"

#include <algorithm>
#include <map>

namespace halcyon {
namespace {

struct Walk {
    const Graph& graph;
    std::vector<NodeId> finished;  ///< each after its inputs
    std::vector<bool> seen;
    std::map<std::string_view, std::size_t> met;  ///< layers in the order in which they were met

    /// Depth-first; a stack of one's own, since graphs can be deep.
    void from(NodeId output) {
        struct Frame {
            NodeId node;
            std::size_t next = 0;
        };
        std::vector<Frame> stack;
        const auto enter = [&](NodeId node) {
            if (seen[static_cast<std::size_t>(node)]) return;
            seen[static_cast<std::size_t>(node)] = true;
            met.try_emplace(graph.nodes[static_cast<std::size_t>(node)].name, met.size());
            stack.push_back({node});
        };
        enter(output);
        while (!stack.empty()) {
            Frame& top = stack.back();
            const std::vector<NodeId>& inputs = graph.nodes[static_cast<std::size_t>(top.node)].inputs;
            if (top.next < inputs.size()) {
                enter(inputs[top.next++]);
            } else {
                finished.push_back(top.node);
                stack.pop_back();
            }
        }
    }
};

}  // namespace

std::vector<GraphLayer> keras_order(const Graph& graph) {
    Walk walk{.graph = graph, .finished = {}, .seen = std::vector<bool>(graph.nodes.size()), .met = {}};
    for (const Graph::Output& output : graph.outputs) walk.from(output.node);

    std::vector<int> node_depth(graph.nodes.size(), 0);
    std::map<std::string_view, int> layer_depth;
    for (auto id = walk.finished.rbegin(); id != walk.finished.rend(); ++id) {
        const Node& node = graph.nodes[static_cast<std::size_t>(*id)];
        int& depth = layer_depth[node.name];
        depth = std::max(depth, node_depth[static_cast<std::size_t>(*id)]);
        for (const NodeId input : node.inputs) {
            int& input_depth = node_depth[static_cast<std::size_t>(input)];
            input_depth = std::max(input_depth, depth + 1);
        }
    }

    std::vector<const Node*> nodes;
    std::map<std::string_view, bool> listed;
    for (const NodeId id : walk.finished) {
        const Node& node = graph.nodes[static_cast<std::size_t>(id)];
        if (!node.weights.empty() && !std::exchange(listed[node.name], true)) nodes.push_back(&node);
    }
    std::ranges::sort(
        nodes, {}, [&](const Node* node) { return std::pair(-layer_depth.at(node->name), walk.met.at(node->name)); });
    std::vector<GraphLayer> layers;
    for (const Node* node : nodes) layers.push_back({node->name, snake_case(node->layer->name), node->weights});
    return layers;
}

}  // namespace halcyon
