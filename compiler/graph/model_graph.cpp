// A finished model as a graph of layers.

#include <map>

#include "graph/models.h"
#include "graph/naming.h"
#include "support/check.h"

namespace halcyon::language {
namespace {

/// The door of a model as the layer that it is in Keras.
Node input_node(const TensorNode& input, const std::string& name) {
    Node node{};
    node.name = name;
    node.layer = find_layer("InputLayer");
    CHECK_INTERNAL(node.layer != nullptr);
    for (const ArgumentDef& argument : node.layer->arguments)
        node.attributes.set(argument.name, argument.default_value.value_or(Value()));
    node.attributes.set("shape", Value(Value::Sequence(input.type.shape.begin(), input.type.shape.end())));
    node.attributes.set("dtype", Value(std::string(to_text(input.type.element))));
    node.type = input.type;
    node.span = input.span;
    node.operand_count = 0;
    return node;
}

}  // namespace

Graph to_graph(const Elaboration& elaboration, const Model& model) {
    Graph graph;
    graph.name = model.name;
    graph.doc = model.doc;
    graph.span = model.span;
    std::map<int, NodeId> places;
    const auto add = [&](int id, Node node) {
        places[id] = static_cast<NodeId>(graph.nodes.size());
        node.origin.node = places[id];
        graph.nodes.push_back(std::move(node));
    };
    for (std::size_t i = 0; i < model.inputs.size(); ++i) {
        add(model.inputs[i], input_node(elaboration.node(Tensor{model.inputs[i]}), model.input_names[i]));
        graph.inputs.push_back(places[model.inputs[i]]);
    }
    for (const int id : reachable_nodes(elaboration, model)) {
        if (places.contains(id)) continue;
        const TensorNode& source = elaboration.node(Tensor{id});
        Node node{};
        node.name = model.layer_names.at(source.layer);
        node.layer = source.layer->def;
        node.attributes = source.layer->attributes;
        for (const int input : source.inputs) node.inputs.push_back(places.at(input));
        node.type = source.type;
        node.span = source.span;
        node.operand_count = static_cast<int>(node.inputs.size());
        for (const WeightDef& weight : source.layer->weights) {
            node.weights.push_back({fmt::format("{}/{}", node.name, weight.name), weight.shape, weight.initializer});
        }
        add(id, std::move(node));
    }
    for (const Model::Output& output : model.outputs) graph.outputs.push_back({output.name, places.at(output.node)});
    return graph;
}

}  // namespace halcyon::language
