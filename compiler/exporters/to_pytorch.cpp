#include "exporters/to_pytorch.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "exporters/torch_builder.h"
#include "exporters/torch_doc.h"
#include "exporters/torch_layers.h"
#include "exporters/torch_source.h"
#include "exporters/torch_weights.h"

namespace halcyon {
namespace {

/// Whether Keras would give a first layer of that class such a name.
bool is_automatic(const Node& node) {
    std::string_view name = node.name;
    const std::string prefix = snake_case(node.layer->name);
    if (!name.starts_with(prefix)) return false;
    name.remove_prefix(prefix.size());
    return name.empty() ||
           (name[0] == '_' && name.size() > 1 && name.find_first_not_of("0123456789", 1) == std::string_view::npos);
}

/// The network with its inputs in these orders.
TorchNetwork network_of(const Graph& layers, const std::vector<AxisOrder>& orders) {
    TorchBuilder builder;
    std::vector<TorchBuilder::Tensor> tensors(layers.nodes.size(), -1);
    for (std::size_t i = 0; i < layers.inputs.size(); ++i) {
        const auto index = static_cast<std::size_t>(layers.inputs[i]);
        tensors[index] = builder.add_input(layers.nodes[index].name, layers.nodes[index].type, orders[i]);
    }
    for (std::size_t i = 0; i < layers.nodes.size(); ++i) {
        const Node& node = layers.nodes[i];
        if (std::find(layers.inputs.begin(), layers.inputs.end(), static_cast<NodeId>(i)) != layers.inputs.end())
            continue;
        std::vector<TorchBuilder::Tensor> inputs;
        for (NodeId input : node.inputs) inputs.push_back(tensors[static_cast<std::size_t>(input)]);
        builder.begin_layer(node.name, !is_automatic(node));
        tensors[i] = write_torch_layer(builder, node, inputs);
    }
    builder.begin_layer("", false);
    for (const Graph::Output& output : layers.outputs)
        builder.add_output(output.name, tensors[static_cast<std::size_t>(output.node)]);
    TorchNetwork network = std::move(builder.network());
    network.name = layers.name;
    network.doc = layers.doc;
    return network;
}

/// Channels first is what PyTorch's users expect of an image, unless that costs moving them to where the spec's layers
/// want them.
TorchNetwork best_network(const Graph& layers) {
    std::vector<AxisOrder> orders;
    for (NodeId input : layers.inputs)
        orders.push_back(own_order(layers.nodes[static_cast<std::size_t>(input)].type.rank()));
    TorchNetwork best = network_of(layers, orders);
    for (AxisOrder& order : orders) {
        const AxisOrder before = order;
        const auto rank = static_cast<int>(order.size());
        if (rank < 2) continue;
        order = channels_first_order(rank);
        TorchNetwork other = network_of(layers, orders);
        const bool is_better = other.moves < best.moves || (other.moves == best.moves && rank > 2);
        if (is_better) {
            best = std::move(other);
        } else {
            order = before;
        }
    }
    return best;
}

/// Steps that make no output: a layer may be there for its own sake, and Python would complain of it.
void drop_unused(TorchNetwork& network) {
    std::set<int> needed;
    for (const TorchDoor& output : network.outputs) needed.insert(output.value);
    for (std::size_t i = network.steps.size(); i-- > 0;) {
        const TorchStep& step = network.steps[i];
        if (needed.contains(step.output)) needed.insert(step.inputs.begin(), step.inputs.end());
    }
    std::erase_if(network.steps, [&](const TorchStep& step) { return !needed.contains(step.output); });
}

/// What a convolution adds to both sides, as F.pad takes it.
std::vector<std::int64_t> even_pads(const Value& padding, std::size_t rank) {
    std::vector<std::int64_t> pads;
    for (std::size_t i = rank; i-- > 0;) {
        const Value& own = padding.sequence() != nullptr ? padding.sequence()->at(i) : padding;
        pads.insert(pads.end(), 2, *own.integer());
    }
    return pads;
}

/// Blocks that only differ in how they pad are found where all convolutions of a network say it in one way.
void say_padding_alike(TorchNetwork& network) {
    const auto padding_of = [](TorchModule& module) -> TorchArgument* {
        if (!module.type.starts_with("nn.Conv") || module.type.starts_with("nn.ConvT")) return nullptr;
        for (TorchArgument& argument : module.arguments) {
            if (argument.name == "padding") return &argument;
        }
        return nullptr;
    };
    const bool uneven = std::any_of(network.modules.begin(), network.modules.end(), [&](TorchModule& module) {
        const TorchArgument* padding = padding_of(module);
        return padding != nullptr && uneven_padding_of(padding->value).has_value();
    });
    if (!uneven) return;
    for (TorchModule& module : network.modules) {
        TorchArgument* padding = padding_of(module);
        if (padding == nullptr || uneven_padding_of(padding->value)) continue;
        const auto rank = static_cast<std::size_t>(module.type[module.type.size() - 2] - '0');
        padding->value = uneven_padding(even_pads(padding->value, rank));
    }
}

}  // namespace

std::string to_pytorch(const Graph& layers, const std::string& spec, const std::string& weights_file) {
    TorchNetwork network = best_network(layers);
    drop_unused(network);
    say_padding_alike(network);
    TorchTree tree;
    build_tree(tree, network);
    find_torch_blocks(tree);

    std::string model_class = camel_case(network.name);
    const auto is_taken = [&](const TorchClass& each) { return each.name == model_class; };
    if (std::any_of(network.classes.begin(), network.classes.end(), is_taken)) model_class += "Network";
    const std::vector<std::string> names = block_class_names(tree, model_class);
    std::vector<TorchSource> blocks;
    for (const importers::Region& block : tree.tree.blocks) blocks.push_back(torch_source(tree, block, false, names));
    TorchSource model = torch_source(tree, tree.tree.model, true, names);
    const std::vector<TorchPath> paths = module_paths(tree, model, blocks);
    const TorchWeightsText weights = torch_weights(paths);
    if (weights.resets) model.init.emplace_back("self.reset_parameters()");

    std::string classes;
    for (const TorchClass& each : network.classes) classes += "\n\n" + each.text;
    for (std::size_t i = 0; i < blocks.size(); ++i) classes += "\n\n" + class_text(names[i], "", blocks[i]);
    classes += "\n\n" + class_text(model_class, "", model);
    for (const std::string& line : weights.methods) classes += line.empty() ? "\n" : "    " + line + "\n";

    std::string text = torch_doc(network, model_class, spec, paths.empty() ? "" : weights_file);
    const std::string body = weights.tables + classes;
    if (body.find("torch.") != std::string::npos) text += "import torch\n";
    if (body.find("F.") != std::string::npos) text += "import torch.nn.functional as F\n";
    if (!paths.empty()) text += "from safetensors.torch import load_file\n";
    text += "from torch import nn\n";
    if (!weights.tables.empty()) text += "\n" + weights.tables.substr(0, weights.tables.size() - 1);
    return text + classes;
}

}  // namespace halcyon
