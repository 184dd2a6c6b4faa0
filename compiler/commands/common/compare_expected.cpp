#include "commands/common/compare_expected.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>

#include "commands/common/difference.h"

namespace halcyon {
namespace {

Array mapped(Array array, double scale, double shift) {
    for (double& value : array.values()) value = value * scale + shift;
    return array;
}

Array reversed(const Array& array, std::size_t axis) {
    Array result(array.shape());
    const std::vector<std::int64_t> strides = array.strides();
    const std::int64_t extent = array.shape()[axis];
    for (std::int64_t i = 0; i < array.size(); ++i) {
        const std::int64_t index = i / strides[axis] % extent;
        result[i] = array[i + (extent - 1 - 2 * index) * strides[axis]];
    }
    return result;
}

/// The axis of a picture's three channels.
std::optional<std::size_t> colour_axis(const Shape& shape) {
    if (shape.size() != 3) return std::nullopt;
    if (shape[2] == 3) return 2;
    if (shape[0] == 3) return 0;
    return std::nullopt;
}

Value symmetric_padding(const Attributes& attributes) {
    const std::vector<std::int64_t> size =
        attributes.find("pool_size") != nullptr ? attributes.integers("pool_size") : attributes.integers("kernel_size");
    Value::Sequence pairs;
    for (std::size_t axis = 0; axis < size.size(); ++axis) {
        const bool dilated = attributes.find("dilation_rate") != nullptr;
        const std::int64_t dilation = dilated ? attributes.integers("dilation_rate")[axis] : 1;
        const std::int64_t side = (size[axis] - 1) * dilation / 2;
        pairs.push_back(Value(Value::Sequence{Value(side), Value(side)}));
    }
    return pairs;
}

/// Whether an explicit padding gives the layer the shape that it has.
bool keeps_shape(const Node& node, const Graph& graph, const Attributes& attributes) {
    std::vector<TensorType> inputs;
    for (NodeId input : node.inputs) inputs.push_back(graph.nodes[static_cast<std::size_t>(input)].type);
    bool good = true;
    const LayerCall call(attributes, inputs, [&](Code, std::string_view, std::string) { good = false; });
    const std::optional<TensorType> type = node.layer->infer_type(call);
    return good && type && type->shape == node.type.shape;
}

std::optional<Graph> with_symmetric_padding(Graph graph) {
    bool changed = false;
    for (Node& node : graph.nodes) {
        const Value* padding = node.attributes.find("padding");
        if (padding == nullptr || padding->string() == nullptr || *padding->string() != "same") continue;
        Attributes attributes = node.attributes;
        attributes.set("padding", symmetric_padding(attributes));
        if (attributes == node.attributes || !keeps_shape(node, graph, attributes)) continue;
        node.attributes = attributes;
        changed = true;
    }
    if (!changed) return std::nullopt;
    return graph;
}

std::optional<Graph> with_epsilon(Graph graph, double epsilon) {
    bool changed = false;
    for (Node& node : graph.nodes) {
        if (node.attributes.find("epsilon") == nullptr || node.attributes.real("epsilon") == epsilon) continue;
        node.attributes.set("epsilon", epsilon);
        changed = true;
    }
    if (!changed) return std::nullopt;
    return graph;
}

/// Every reading of a kernel's numbers that fits its shape: what they would be had the axes been written in another order.
std::vector<std::pair<std::string, std::function<Array(const Array&)>>> kernel_readings(const Shape& shape) {
    std::vector<std::pair<std::string, std::function<Array(const Array&)>>> readings;
    const auto reordered = [&](const std::string& name, std::vector<int> axes) {
        // The numbers lie in the file as if the axes were in this order; extents as that order has them.
        Shape stored;
        std::vector<int> back(axes.size());
        for (std::size_t i = 0; i < axes.size(); ++i) {
            stored.push_back(shape[static_cast<std::size_t>(axes[i])]);
            back[static_cast<std::size_t>(axes[i])] = static_cast<int>(i);
        }
        readings.emplace_back(name,
                              [stored, back](const Array& kernel) { return kernel.reshaped(stored).transposed(back); });
    };
    if (shape.size() == 2) reordered("stored as (outputs, inputs), as PyTorch does", {1, 0});
    if (shape.size() == 4) {
        reordered("stored as (filters, channels, height, width), as PyTorch does", {3, 2, 0, 1});
        reordered("stored with height and width exchanged", {1, 0, 2, 3});
        reordered("stored with channels and filters exchanged", {0, 1, 3, 2});
        readings.emplace_back("turned by 180 degrees: a true convolution, not a correlation",
                              [](const Array& kernel) { return reversed(reversed(kernel, 0), 1); });
    }
    return readings;
}

class Explanation {
public:
    Explanation(const Graph& layers, const WeightSource& weights, const std::vector<Array>& inputs, NodeId different,
                const Array& expected, double limit)
        : layers_(layers), weights_(weights), inputs_(inputs), node_(different), expected_(expected), limit_(limit) {
        // What comes behind the first difference need not be computed again and again.
        layers_.nodes.resize(static_cast<std::size_t>(different) + 1);
        for (std::size_t i = 0; i < layers_.inputs.size(); ++i) {
            if (layers_.inputs[i] <= different) continue;
            layers_.inputs.resize(i);
            inputs_.resize(i);
            break;
        }
    }

    bool try_input(const std::string& name, const std::function<Array(const Array&)>& change) {
        std::vector<Array> inputs;
        for (const Array& input : inputs_) inputs.push_back(change(input));
        return try_it(name, layers_, weights_, inputs);
    }
    bool try_network(const std::string& name, const std::optional<Graph>& network) {
        return network && try_it(name, *network, weights_, inputs_);
    }
    bool try_kernels() {
        for (const Weight& weight : layers_.nodes[static_cast<std::size_t>(node_)].weights) {
            for (const auto& [reading, change] : kernel_readings(weight.shape)) {
                const WeightSource weights = [&, &changed = change](const std::string& name) {
                    Array array = weights_(name);
                    return name == weight.name ? changed(array) : array;
                };
                if (try_it(fmt::format("the numbers of {} are {}", weight.name, reading), layers_, weights, inputs_))
                    return true;
            }
        }
        return false;
    }

    /// The network up to the difference.
    [[nodiscard]] const Graph& layers() const { return layers_; }

    std::string cause;
    std::vector<std::string> tried;

private:
    bool try_it(const std::string& what, const Graph& network, const WeightSource& weights,
                const std::vector<Array>& inputs) {
        tried.push_back(what);
        const Array value = evaluate(network, weights, inputs)[static_cast<std::size_t>(node_)];
        if (!(relative_difference(value, expected_) <= limit_)) return false;
        cause = what;
        return true;
    }

    Graph layers_;
    const WeightSource& weights_;
    std::vector<Array> inputs_;
    NodeId node_;
    const Array& expected_;
    double limit_;
};

void explain(Explanation& explanation, const std::vector<Array>& inputs) {
    const bool pictures =
        std::any_of(inputs.begin(), inputs.end(), [](const Array& a) { return colour_axis(a.shape()).has_value(); });
    const auto channels = [](const Array& input) {
        const auto axis = colour_axis(input.shape());
        return axis ? reversed(input, *axis) : input;
    };
    if (pictures && explanation.try_input("the input's channels are in the opposite order (RGB, BGR)", channels))
        return;
    const auto scaled = [&](const std::string& cause, double scale, double shift) {
        return explanation.try_input(cause, [&](const Array& input) { return mapped(input, scale, shift); });
    };
    if (scaled("the input was divided by 255", 1.0 / 255, 0.0)) return;
    if (scaled("the input was multiplied by 255", 255.0, 0.0)) return;
    if (scaled("the input was scaled from 0..255 to -1..1", 1.0 / 127.5, -1.0)) return;
    if (scaled("the input was scaled from 0..1 to -1..1", 2.0, -1.0)) return;
    if (explanation.try_network("the padding is symmetric, as PyTorch's kernel_size // 2, not \"same\"",
                                with_symmetric_padding(explanation.layers()))) {
        return;
    }
    if (explanation.try_network("the epsilon of batch normalization is 1e-5, as PyTorch's",
                                with_epsilon(explanation.layers(), 1e-5)))
        return;
    explanation.try_kernels();
}

/// What the file has for a layer, its first item; nothing where it has another shape.
std::optional<Array> expected_value(const StoredTensor& tensor, const Shape& shape) {
    if (tensor.shape == shape) return to_array(tensor);
    const bool batch = tensor.shape.size() == shape.size() + 1 && tensor.shape[0] > 0 &&
                       std::equal(shape.begin(), shape.end(), tensor.shape.begin() + 1);
    if (!batch) return std::nullopt;
    return to_array(
        {tensor.type, shape, tensor.bytes.substr(0, tensor.bytes.size() / static_cast<std::size_t>(tensor.shape[0]))});
}

/// A shared layer has several calls and one entry in the file, the last call's in Keras: agreeing with any call is enough.
std::map<std::string, std::vector<NodeId>> calls_by_name(const Graph& layers) {
    std::map<std::string, std::vector<NodeId>> calls;
    for (NodeId id = 0; id < static_cast<NodeId>(layers.nodes.size()); ++id) {
        calls[layers.nodes[static_cast<std::size_t>(id)].name].push_back(id);
    }
    return calls;
}

}  // namespace

ExpectedComparison compare_expected(const Graph& layers, const WeightSource& weights, const std::vector<Array>& inputs,
                                    const std::vector<Array>& values, const TensorFile& expected, double limit) {
    ExpectedComparison result;
    std::map<NodeId, Array> wanted;
    const auto calls = calls_by_name(layers);
    for (const auto& [name, tensor] : expected.tensors()) {
        const auto found = calls.find(name);
        if (found == calls.end()) {
            result.unknown.push_back(name);
            continue;
        }
        std::optional<ExpectedComparison::Layer> best;
        for (NodeId id : found->second) {
            const std::optional<Array> array =
                expected_value(tensor, layers.nodes[static_cast<std::size_t>(id)].type.shape);
            if (!array) continue;
            const double error = relative_difference(values[static_cast<std::size_t>(id)], *array);
            if (best && best->error <= error) continue;
            best = ExpectedComparison::Layer{id, error};
            wanted.insert_or_assign(id, *array);
        }
        if (best) {
            result.layers.push_back(*best);
        } else {
            const Shape& shape = layers.nodes[static_cast<std::size_t>(found->second.front())].type.shape;
            result.misshapen.push_back(
                fmt::format("'{}' is {}, but the layer gives {}", name, to_text(tensor.shape), to_text(shape)));
        }
    }
    std::sort(result.layers.begin(), result.layers.end(), [](const auto& a, const auto& b) { return a.node < b.node; });
    const auto first = std::find_if(result.layers.begin(), result.layers.end(),
                                    [&](const auto& layer) { return !(layer.error <= limit); });
    if (first == result.layers.end()) return result;

    result.first_different = *first;
    Explanation explanation(layers, weights, inputs, first->node, wanted.at(first->node), limit);
    explain(explanation, inputs);
    result.cause = explanation.cause;
    result.tried = explanation.tried;
    return result;
}

}  // namespace halcyon
