#include "importers/onnx_graph.h"

#include <fmt/format.h>

#include "importers/keras_json.h"

namespace halcyon::importers {
namespace {

using onnx_file::Model;
using onnx_file::Node;

/// "" or which name is there twice.
std::string add_sources(const Model& model, OnnxGraph& graph) {
    const auto add = [&](const std::string& name, OnnxSource source) {
        return graph.sources.emplace(name, source).second
                   ? std::string()
                   : fmt::format("two of its parts give the name '{}'", printable(name));
    };
    for (std::size_t i = 0; i < model.initializers.size(); ++i) {
        if (std::string twice = add(model.initializers[i].name, {OnnxSource::Kind::initializer, i}); !twice.empty())
            return twice;
    }
    for (std::size_t i = 0; i < model.inputs.size(); ++i) {
        // Until 2019 initializers had to be among the inputs.
        const auto known = graph.sources.find(model.inputs[i].name);
        if (known != graph.sources.end() && known->second.kind == OnnxSource::Kind::initializer) continue;
        if (std::string twice = add(model.inputs[i].name, {OnnxSource::Kind::input, i}); !twice.empty()) return twice;
        graph.inputs.push_back(i);
    }
    for (std::size_t i = 0; i < model.nodes.size(); ++i) {
        for (const std::string& output : model.nodes[i].outputs) {
            if (output.empty()) continue;
            if (std::string twice = add(output, {OnnxSource::Kind::node, i}); !twice.empty()) return twice;
        }
    }
    return "";
}

/// Depth first and without recursion: files may hold very long chains.
std::string add_order(const Model& model, OnnxGraph& graph) {
    enum class State { new_node, open, done };
    std::vector<State> states(model.nodes.size(), State::new_node);
    std::vector<std::pair<std::size_t, std::size_t>> open;  // the node, and how many of its inputs were looked at
    for (const onnx_file::Door& output : model.outputs) {
        const auto source = graph.sources.find(output.name);
        if (source == graph.sources.end()) return fmt::format("nothing gives its output '{}'", printable(output.name));
        if (source->second.kind != OnnxSource::Kind::node) continue;
        if (states[source->second.index] == State::new_node) open.emplace_back(source->second.index, 0);
        while (!open.empty()) {
            auto& [index, next] = open.back();
            const Node& node = model.nodes[index];
            states[index] = State::open;
            if (next == node.inputs.size()) {
                states[index] = State::done;
                graph.order.push_back(index);
                open.pop_back();
                continue;
            }
            const std::string& name = node.inputs[next++];
            if (name.empty()) continue;
            const auto input = graph.sources.find(name);
            if (input == graph.sources.end()) {
                return fmt::format("{} {} reads '{}', which nothing gives", printable(node.type),
                                   described(node, index), printable(name));
            }
            graph.readers[name].push_back(index);
            if (input->second.kind != OnnxSource::Kind::node) continue;
            const std::size_t needed = input->second.index;
            if (states[needed] == State::open)
                return fmt::format("{} {} needs its own result", printable(model.nodes[needed].type),
                                   described(model.nodes[needed], needed));
            if (states[needed] == State::new_node) open.emplace_back(needed, 0);
        }
    }
    return "";
}

}  // namespace

std::string described(const Node& node, std::size_t index) {
    if (!node.name.empty()) return fmt::format("'{}' (node {})", printable(node.name), index);
    for (const std::string& output : node.outputs) {
        if (!output.empty()) return fmt::format("of '{}' (node {})", printable(output), index);
    }
    return fmt::format("(node {})", index);
}

std::variant<OnnxGraph, std::string> resolve_names(const Model& model) {
    if (model.outputs.empty()) return "it has no outputs";
    OnnxGraph graph;
    std::string mistake = add_sources(model, graph);
    if (mistake.empty()) mistake = add_order(model, graph);
    if (!mistake.empty()) return mistake;
    return graph;
}

}  // namespace halcyon::importers
