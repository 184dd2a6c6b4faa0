#include "commands/common/compare_expected.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "commands/common/difference.h"
#include "formats/common/parsed_tensors.h"

namespace halcyon {
namespace {

bool has_batch_axis(const Shape& stored, const Shape& shape) {
    return stored.size() == shape.size() + 1 && stored[0] > 0 &&
           std::equal(shape.begin(), shape.end(), stored.begin() + 1);
}

double magnitude_of(const Array& array) {
    double magnitude = 0.0;
    for (double value : array.values()) magnitude = std::isnan(value) ? value : std::max(magnitude, std::abs(value));
    return magnitude;
}

/// The call of a layer that agrees best.
const ExpectedComparison::Layer& best_of(const std::vector<ExpectedComparison::Layer>& calls) {
    return *std::min_element(calls.begin(), calls.end(),
                             [](const auto& a, const auto& b) { return a.error < b.error; });
}

}  // namespace

ExpectedComparison::ExpectedComparison(const Graph& layers, const WeightSource& weights,
                                       const std::map<std::string, StoredTensor>& tensors)
    : layers_(layers), weights_(weights), tensors_(tensors) {
    for (NodeId id = 0; id < static_cast<NodeId>(layers.nodes.size()); ++id) {
        if (tensors.contains(node(id).name)) calls_[node(id).name].push_back({.node = id, .expected_shape = {}});
    }
    // The arrays themselves say whether they are of a batch, and of which size.
    int single = 0;
    std::map<std::int64_t, int> batches;
    for (const auto& [name, calls] : calls_) {
        const Shape& stored = tensors.at(name).shape;
        const Shape& shape = node(calls.front().node).type.shape;
        if (stored == shape) ++single;
        if (has_batch_axis(stored, shape)) ++batches[stored[0]];
    }
    const auto most = std::max_element(batches.begin(), batches.end(),
                                       [](const auto& a, const auto& b) { return a.second < b.second; });
    if (most != batches.end() && most->second >= single) {
        batch_ = true;
        items_ = static_cast<std::size_t>(most->first);
    }
    const auto is_item = [&](const StoredTensor& tensor) {
        return !batch_ || (!tensor.shape.empty() && tensor.shape[0] == static_cast<std::int64_t>(items_));
    };
    for (const auto& [name, tensor] : tensors) {
        const auto found = calls_.find(name);
        if (found == calls_.end()) {
            unknown_.push_back(name);
            continue;
        }
        for (Layer& layer : found->second) {
            layer.expected_shape = tensor.shape;
            if (batch_ && is_item(tensor)) layer.expected_shape.erase(layer.expected_shape.begin());
            const bool fits = is_item(tensor) && layer.expected_shape == node(layer.node).type.shape;
            layer.error = fits ? 0.0 : std::numeric_limits<double>::infinity();
        }
    }
}

Array ExpectedComparison::item_of(const std::string& name, std::size_t item) const {
    const StoredTensor& tensor = tensors_.at(name);
    if (!batch_ || tensor.shape.empty() || tensor.shape[0] != static_cast<std::int64_t>(items_))
        return to_array(tensor);
    const std::size_t bytes = tensor.bytes.size() / items_;
    return to_array(
        {tensor.type, Shape(tensor.shape.begin() + 1, tensor.shape.end()), tensor.bytes.substr(item * bytes, bytes)});
}

void ExpectedComparison::add_item(std::size_t item, const std::vector<Array>& values) {
    for (auto& [name, calls] : calls_) {
        const Array expected = item_of(name, item);
        for (Layer& layer : calls) {
            if (expected.shape() != node(layer.node).type.shape) continue;
            const double error = relative_difference(values[static_cast<std::size_t>(layer.node)], expected);
            if (!(error > layer.error)) continue;
            layer.error = error;
            layer.worst_item = item;
        }
    }
}

std::vector<ExpectedComparison::Layer> ExpectedComparison::layers() const {
    std::vector<Layer> result;
    for (const auto& [name, calls] : calls_) result.push_back(best_of(calls));
    std::sort(result.begin(), result.end(), [](const Layer& a, const Layer& b) { return a.node < b.node; });
    return result;
}

ExpectedValues ExpectedComparison::values_of(std::size_t item, std::vector<Array> inputs) {
    ExpectedValues known;
    known.inputs = std::move(inputs);
    known.items_of = [this](NodeId id) {
        std::vector<Array> items;
        const auto calls = calls_.find(node(id).name);
        const bool is_given = calls != calls_.end() && best_of(calls->second).node == id;
        for (std::size_t i = 0; is_given && i < items_; ++i) items.push_back(item_of(node(id).name, i));
        return items;
    };
    for (const std::string& name : unknown_) {
        const StoredTensor& tensor = tensors_.at(name);
        Shape shape = tensor.shape;
        if (batch_) {
            if (shape.empty() || shape[0] != static_cast<std::int64_t>(items_)) continue;
            shape.erase(shape.begin());
        }
        known.further.push_back({printable(name), shape, [this, name, item] { return item_of(name, item); }, false});
    }
    // Whatever comes from a layer of another shape than was expected says nothing about what was expected of it.
    std::vector<bool> is_strange;
    for (NodeId id = 0; id < static_cast<NodeId>(layers_.nodes.size()); ++id) {
        const Node& layer = node(id);
        const auto door = std::find(layers_.inputs.begin(), layers_.inputs.end(), id);
        Array value;
        if (door != layers_.inputs.end()) {
            value = known.inputs[static_cast<std::size_t>(door - layers_.inputs.begin())];
        } else {
            std::vector<Array> weights, operands;
            for (const Weight& weight : layer.weights) weights.push_back(weights_(weight.name));
            for (NodeId input : layer.inputs) operands.push_back(known.values[static_cast<std::size_t>(input)]);
            value = evaluate_layer(*layer.layer, layer.attributes, layer.type, weights, operands);
        }
        const auto calls = calls_.find(layer.name);
        const bool from_strange = std::any_of(layer.inputs.begin(), layer.inputs.end(), [&](NodeId input) {
            return is_strange[static_cast<std::size_t>(input)];
        });
        bool given = false, strange = from_strange;
        if (calls != calls_.end()) {
            for (Layer& call : calls->second) {
                if (call.node != id) continue;
                strange = call.expected_shape != layer.type.shape;
                call.magnitude = magnitude_of(value);
                call.own = from_strange ? std::numeric_limits<double>::quiet_NaN()
                                        : trial_error(value, item_of(layer.name, item));
                given = best_of(calls->second).node == id && call.expected_shape == layer.type.shape;
            }
        }
        is_strange.push_back(strange);
        known.given.push_back(given);
        known.values.push_back(given ? item_of(layer.name, item) : std::move(value));
    }
    return known;
}

std::optional<ExpectedComparison::Difference>
ExpectedComparison::first_difference(double limit, const std::function<std::vector<Array>(std::size_t)>& inputs_of) {
    std::vector<Layer> compared = layers();
    const auto differs = [&](const Layer& layer) { return !(layer.error <= limit); };
    auto first = std::find_if(compared.begin(), compared.end(), differs);
    if (first == compared.end()) return std::nullopt;

    const std::size_t item = first->worst_item;
    const auto at = first - compared.begin();
    const ExpectedValues known = values_of(item, inputs_of(item));
    compared = layers();
    first = compared.begin() + at;

    Difference result;
    // What is right by itself has only inherited its difference, which grew bit by bit before.
    if (first->own < first->error / 2.0) {
        const auto most =
            std::max_element(compared.begin(), first + 1, [](const Layer& a, const Layer& b) { return a.own < b.own; });
        if (most != first) result.exceeded_at = *first;
        first = most;
    }
    result.layer = *first;
    const Array expected = item_of(node(first->node).name, item);
    result.magnitude = magnitude_of(expected);
    result.explanation = explain_difference(layers_, weights_, known, first->node, expected, limit);
    return result;
}

}  // namespace halcyon
