#include "commands/common/layer_values.h"

#include <algorithm>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "commands/common/call_value.h"
#include "commands/common/element.h"
#include "graph/evaluate.h"
#include "support/check.h"

namespace halcyon {
namespace {

/// Of the layers that a kernel gives whole; read call by call, since buffers are reused.
std::vector<std::optional<Array>> computed_values(RunnableModel& runnable, const std::vector<std::string>& inputs,
                                                  std::vector<std::string>& outputs) {
    const Program& program = runnable.model.program;
    const Graph& layers = runnable.model.layers;
    std::vector<const void*> input_places;
    for (const std::string& bytes : inputs) input_places.push_back(bytes.data());
    std::vector<void*> output_places;
    for (std::string& bytes : outputs) output_places.push_back(bytes.data());
    runnable.loaded->bind(input_places, output_places);

    std::vector<std::optional<Array>> values(layers.nodes.size());
    CallValues call_values(program, layers, *runnable.loaded);
    for (int call = 0; call < static_cast<int>(program.calls.size()); ++call) {
        CHECK_INTERNAL(runnable.loaded->run_call(call) == 0);
        if (std::optional<Array> value = call_values.after(call)) {
            const NodeId node = program.calls[static_cast<std::size_t>(call)].origin.node;
            values[static_cast<std::size_t>(node)] = std::move(value);
        }
    }
    return values;
}

std::string file_name_for(const std::string& layer) {
    constexpr std::size_t most_bytes = 180;
    std::string name;
    for (char c : layer.substr(0, most_bytes)) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                           c == '-' || (c == '.' && !name.empty());
        name += plain ? c : '_';
    }
    return name;
}

}  // namespace

std::vector<Array> layer_values(RunnableModel& runnable, const std::vector<std::string>& inputs,
                                std::vector<std::string>& outputs) {
    const Graph& layers = runnable.model.layers;
    std::vector<std::optional<Array>> computed = computed_values(runnable, inputs, outputs);
    std::vector<Array> values;
    for (NodeId id = 0; id < static_cast<NodeId>(layers.nodes.size()); ++id) {
        const auto at = static_cast<std::size_t>(id);
        const Node& node = layers.nodes[at];
        const auto door = std::find(layers.inputs.begin(), layers.inputs.end(), id);
        if (door != layers.inputs.end()) {
            values.push_back(array_of(node.type, inputs[static_cast<std::size_t>(door - layers.inputs.begin())]));
        } else if (computed[at]) {
            values.push_back(std::move(*computed[at]));
        } else {
            std::vector<Array> weights, operands;
            for (const Weight& weight : node.weights) weights.push_back(runnable.weights.source(weight.name));
            for (NodeId input : node.inputs) operands.push_back(values[static_cast<std::size_t>(input)]);
            values.push_back(evaluate_layer(*node.layer, node.attributes, node.type, weights, operands));
        }
    }
    return values;
}

std::vector<std::string> layer_file_names(const std::vector<std::string>& layers) {
    std::vector<std::string> names;
    std::set<std::string> taken;
    for (const std::string& layer : layers) {
        const std::string plain = file_name_for(layer);
        std::string name = plain;
        for (int number = 2; !taken.insert(name).second; ++number) name = fmt::format("{}.{}", plain, number);
        names.push_back(std::move(name));
    }
    return names;
}

}  // namespace halcyon
