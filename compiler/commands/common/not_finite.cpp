#include "commands/common/not_finite.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

namespace halcyon {
namespace {

bool is_finite(double value) {
    // Rounds to nearest: what lies beyond the largest float32 by half a unit is infinite there.
    return std::isfinite(static_cast<float>(value));
}

std::optional<std::int64_t> first_not_finite(const Array& array) {
    const auto values = array.values();
    const auto found = std::find_if_not(values.begin(), values.end(), is_finite);
    if (found == values.end()) return std::nullopt;
    return found - values.begin();
}

std::string place_in(const Array& array, std::int64_t flat) {
    Shape index;
    for (std::int64_t step : array.strides()) {
        index.push_back(flat / step);
        flat %= step;
    }
    return to_text(index);
}

std::string number_text(double value) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value > 0.0 ? "infinity" : "-infinity";
    return fmt::format("{:.3g}, which is infinite in float32,", value);
}

/// "from finite inputs between -1 and 4".
std::string range_text(const std::vector<const Array*>& inputs) {
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (const Array* input : inputs) {
        for (double value : input->values()) {
            low = std::min(low, value);
            high = std::max(high, value);
        }
    }
    return low <= high ? fmt::format("from finite inputs between {:.6g} and {:.6g}", low, high) : "from finite inputs";
}

}  // namespace

std::optional<NotFinite> find_not_finite(const Graph& layers, const WeightSource& weights,
                                         const std::vector<Array>& values) {
    for (NodeId id = 0; id < static_cast<NodeId>(layers.nodes.size()); ++id) {
        const Node& node = layers.nodes[static_cast<std::size_t>(id)];
        const Array& value = values[static_cast<std::size_t>(id)];
        const auto at = first_not_finite(value);
        if (!at) continue;
        const std::string what = fmt::format("{} at {}", number_text(value[*at]), place_in(value, *at));
        if (node.inputs.empty()) return NotFinite{id, fmt::format("the input '{}' holds {}", node.name, what)};
        std::vector<const Array*> inputs;
        for (NodeId input : node.inputs) inputs.push_back(&values[static_cast<std::size_t>(input)]);
        if (std::any_of(inputs.begin(), inputs.end(), [](const Array* input) { return first_not_finite(*input); }))
            continue;
        std::string sentence = fmt::format("'{}' gives {} {}", node.name, what, range_text(inputs));
        for (const Weight& weight : node.weights) {
            const Array numbers = weights(weight.name);
            if (const auto bad = first_not_finite(numbers)) {
                sentence += fmt::format("; its weight {} holds {} at {}", weight.name, number_text(numbers[*bad]),
                                        place_in(numbers, *bad));
                break;
            }
        }
        return NotFinite{id, sentence};
    }
    return std::nullopt;
}

}  // namespace halcyon
