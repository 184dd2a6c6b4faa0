#include "graph/graph.h"

#include <set>

#include <fmt/format.h>

namespace halcyon {
namespace {

std::string attributes_text(const Attributes& attributes) {
    std::vector<std::string> parts;
    for (const auto& [name, value] : attributes.all()) parts.push_back(fmt::format("{}={}", name, to_text(value)));
    return fmt::format("{}", fmt::join(parts, ", "));
}

std::string operation_text(const Operation& operation) {
    std::string text(to_text(operation.op));
    const auto add = [&](std::string_view name, const auto& values) {
        if (!values.empty()) text += fmt::format(" {} {}", name, fmt::join(values, "x"));
    };
    const auto add_list = [&](std::string_view name, const auto& values) {
        if (!values.empty()) text += fmt::format(" {} {}", name, fmt::join(values, ","));
    };
    add("window", operation.window.size);
    add("stride", operation.window.stride);
    add("dilation", operation.window.dilation);
    add_list("before", operation.window.pad_before);
    add_list("after", operation.window.pad_after);
    if (operation.groups != 1) text += fmt::format(" groups {}", operation.groups);
    add("pooled", operation.pooled);
    add_list("axes", operation.axes);
    add_list("before", operation.pad_before);
    add_list("after", operation.pad_after);
    add_list("begin", operation.begin);
    add_list("step", operation.step);
    if (operation.has_pad_value || operation.pad_value != 0.0) text += fmt::format(" value {}", operation.pad_value);
    return text;
}

std::string lowered_text(const Node& node) {
    std::string text = operation_text(node.operation);
    if (!node.prologue.is_identity()) text += fmt::format(" prologue {}", to_text(node.prologue));
    if (!node.epilogue.is_identity()) text += fmt::format(" epilogue {}", to_text(node.epilogue));
    std::vector<std::string> constants;
    for (const ConstantExpr& constant : node.constants) constants.push_back(constant.text());
    if (!constants.empty()) text += fmt::format(" [{}]", fmt::join(constants, ", "));
    return text;
}

}  // namespace

std::vector<int> use_counts(const Graph& graph) {
    std::vector<int> counts(graph.nodes.size(), 0);
    for (const Node& node : graph.nodes) {
        for (NodeId input : node.inputs) ++counts[static_cast<std::size_t>(input)];
    }
    for (const Graph::Output& output : graph.outputs) ++counts[static_cast<std::size_t>(output.node)];
    return counts;
}

std::vector<Weight> weights_of(const Graph& graph) {
    std::vector<Weight> weights;
    std::set<std::string> seen;
    for (const Node& node : graph.nodes) {
        for (const Weight& weight : node.weights) {
            if (seen.insert(weight.name).second) weights.push_back(weight);
        }
    }
    return weights;
}

std::string to_text(const Graph& graph) {
    std::string text = fmt::format("graph {}\n", graph.name);
    for (std::size_t id = 0; id < graph.nodes.size(); ++id) {
        const Node& node = graph.nodes[id];
        const std::string what = graph.lowered
                                     ? lowered_text(node)
                                     : fmt::format("{}({})", node.layer->name, attributes_text(node.attributes));
        std::vector<std::string> inputs;
        for (NodeId input : node.inputs) inputs.push_back(fmt::format("%{}", input));
        text += fmt::format("%{} {}: {}({}) -> {}\n", id, node.name, what, fmt::join(inputs, ", "), to_text(node.type));
    }
    for (const Graph::Output& output : graph.outputs)
        text += fmt::format("return {} = %{}\n", output.name, output.node);
    return text;
}

}  // namespace halcyon
