#include "commands/common/list_layers.h"

#include <map>
#include <set>

#include "passes/lower_layers.h"

namespace halcyon {
namespace {

/// Tells calls of one layer apart, and calls of one line in a loop.
using CallKey = std::pair<std::string, std::uint32_t>;

CallKey key_of(const Node& node) {
    return {node.name, node.span.begin};
}

/// Multiply-adds of one operation: what each result element sums up, or what each input element is multiplied with.
std::int64_t macs_of(const Graph& graph, const Node& node) {
    if (node.operation.op == Op::transposed_convolution) {
        const Shape& kernel = node.constants.at(0).shape();
        const Shape& input = graph.nodes[static_cast<std::size_t>(node.inputs[0])].type.shape;
        return element_count(input) * (element_count(kernel) / kernel.back());
    }
    const bool multiplies = node.operation.op == Op::convolution || node.operation.op == Op::dense;
    if (!multiplies) return 0;
    const Shape& kernel = node.constants.at(0).shape();
    return element_count(node.type.shape) * (element_count(kernel) / kernel.back());
}

std::map<CallKey, std::int64_t> macs_by_call(const Graph& layers) {
    std::map<CallKey, std::int64_t> macs;
    const Graph operations = lower_layers(layers);
    for (const Node& node : operations.nodes) macs[key_of(node)] += macs_of(operations, node);
    return macs;
}

std::string input_names(const Graph& layers, const Node& node) {
    std::string names;
    for (NodeId input : node.inputs)
        names += (names.empty() ? "" : ", ") + layers.nodes[static_cast<std::size_t>(input)].name;
    return names;
}

}  // namespace

LayerListing list_layers(const Graph& layers) {
    LayerListing result{.listing = Listing({{"name", "layer"},
                                            {"type", "type"},
                                            {"output_shape", "output"},
                                            {"parameters", ">parameters"},
                                            {"macs", ">MACs"},
                                            {"bytes", ">bytes"},
                                            {"inputs", "reads"}})};
    const std::map<CallKey, std::int64_t> macs = macs_by_call(layers);
    std::set<std::string> counted;
    for (const Node& node : layers.nodes) {
        std::int64_t parameters = 0;
        for (const Weight& weight : node.weights) {
            const std::int64_t size = element_count(weight.shape);
            parameters += size;
            if (counted.insert(weight.name).second) result.parameters += size;
        }
        const auto found = macs.find(key_of(node));
        const std::int64_t node_macs = found == macs.end() ? 0 : found->second;
        const std::int64_t bytes = element_count(node.type.shape) * bytes_of(node.type.element);
        result.macs += node_macs;
        result.bytes += bytes;
        result.listing.add({node.name, std::string(node.layer->name), to_text(node.type.shape), parameters, node_macs,
                            bytes, input_names(layers, node)});
    }
    result.listing.add_total({"total", "", "", result.parameters, result.macs, result.bytes, ""});
    return result;
}

}  // namespace halcyon
