#include "exporters/torch_class.h"

#include <algorithm>

#include <fmt/format.h>

#include "exporters/torch_operations.h"
#include "exporters/torch_scalar.h"
#include "exporters/torch_source.h"
#include "support/check.h"

namespace halcyon {
namespace {

using Tensor = TorchBuilder::Tensor;

/// "torch.ones(shape)": what the layer's initializer gives, if that does not depend on chance.
std::string initial(const Weight& weight, const std::string& shape) {
    const Value::Object& initializer = *weight.initializer.object();
    if (initializer.class_name == "Zeros") return fmt::format("torch.zeros({})", shape);
    if (initializer.class_name == "Ones") return fmt::format("torch.ones({})", shape);
    if (initializer.class_name != "Constant") return fmt::format("torch.empty({})", shape);
    return fmt::format("torch.full({}, {})", shape, torch_number(*initializer.arguments.at("value").real()));
}

/// What training does not change, as Keras has it.
bool is_trained(const Node& layer) {
    return layer.layer->name != "Normalization";
}

}  // namespace

Tensor write_own_module(TorchBuilder& builder, const Node& layer, const Graph& lowered,
                        const std::vector<Tensor>& inputs) {
    TorchBuilder inner;
    TorchConstants constants(layer.weights);
    std::vector<Tensor> inner_inputs;
    std::vector<int> values;
    for (Tensor input : inputs) {
        const AxisOrder order = builder.order_of(input);
        values.push_back(builder.in_order(input, order));
        inner_inputs.push_back(inner.add_input(fmt::format("x{}", values.size()), builder.type_of(input), order));
    }
    const Tensor result = TorchOperations(inner, layer, &constants).write(lowered, inner_inputs);
    const AxisOrder order = inner.order_of(result);
    TorchNetwork& network = inner.network();
    network.outputs.push_back({"output", inner.in_order(result, order), ""});
    builder.add_classes(network.classes);

    TorchTree tree;
    build_tree(tree, network);
    TorchSource source = torch_source(tree, tree.tree.model, false, {});
    TorchModule module;
    std::vector<std::string> made;
    const auto& parameters = constants.parameters();
    const bool alike = std::all_of(parameters.begin(), parameters.end(), [&](const auto& each) {
        return each.weight.shape == parameters.front().weight.shape;
    });
    for (const TorchConstants::Parameter& parameter : parameters) {
        const std::string shape = alike ? "shape" : parameter.name + "_shape";
        if (module.arguments.empty() || !alike) {
            source.parameters.push_back(shape);
            const Shape& extents = parameter.weight.shape;
            module.arguments.push_back({shape, Value::Sequence(extents.begin(), extents.end())});
        }
        const std::string start = initial(parameter.weight, shape);
        made.push_back(is_trained(layer) ? fmt::format("self.{} = nn.Parameter({})", parameter.name, start)
                                         : fmt::format("self.register_buffer(\"{}\", {})", parameter.name, start));
        module.weights.push_back({parameter.name, parameter.weight});
    }
    constexpr std::size_t indent = 8;
    for (const auto& [name, numbers] : constants.buffers()) {
        const std::vector<std::string> arguments{fmt::format("\"{}\"", name), numbers, "persistent=False"};
        for (std::string& line : wrapped("self.register_buffer", arguments, "", indent))
            made.push_back(std::move(line));
    }
    source.init.insert(source.init.begin(), made.begin(), made.end());

    const std::string doc = fmt::format("    \"\"\"{}\"\"\"\n", layer.layer->doc);
    module.type = builder.add_class(camel_case(layer.layer->name), class_text("CLASS", doc, source));
    return builder.define(layer.type, order, builder.add(std::move(module), values, ""));
}

}  // namespace halcyon
