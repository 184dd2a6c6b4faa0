#include "commands/common/explain_difference.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "support/check.h"

namespace halcyon {
namespace {

/// Multiply-adds that the search may spend: about a minute.
constexpr double most_work = 1e11;

bool is_door(const Graph& layers, NodeId node) {
    return std::find(layers.inputs.begin(), layers.inputs.end(), node) != layers.inputs.end();
}

/// Roughly the multiply-adds of a layer.
double work_of(const Node& node) {
    double per_element = 1.0;
    for (const Weight& weight : node.weights) {
        if (weight.shape.size() > 1)
            per_element = std::max(per_element, static_cast<double>(element_count(weight.shape)) /
                                                    static_cast<double>(weight.shape.back()));
    }
    return per_element * static_cast<double>(element_count(node.type.shape));
}

/// The layer as the spec has it, its inputs as they were expected; a door is an Identity of what it was given.
LayerTrial trial_of(const Graph& layers, const WeightSource& weights, const ExpectedValues& known, NodeId node) {
    const auto door = std::find(layers.inputs.begin(), layers.inputs.end(), node);
    if (door != layers.inputs.end()) {
        const auto index = static_cast<std::size_t>(door - layers.inputs.begin());
        return {find_layer("Identity"), {}, {}, {known.inputs[index]}, {}};
    }
    const Node& layer = layers.nodes[static_cast<std::size_t>(node)];
    LayerTrial trial{layer.layer, layer.attributes, {}, {}, {}};
    for (const Weight& weight : layer.weights) trial.weights.push_back(weights(weight.name));
    for (NodeId input : layer.inputs) trial.inputs.push_back(known.values[static_cast<std::size_t>(input)]);
    return trial;
}

class Search {
public:
    Search(const Graph& layers, const WeightSource& weights, const ExpectedValues& known, NodeId target,
           const Array& expected)
        : layers_(layers), weights_(weights), known_(known), target_(target), expected_(expected) {
        collect(target);
        for (NodeId id : unknown_) work_ += work_of(node(id));
        for (double value : expected.values()) {
            if (std::isfinite(value)) magnitude_ = std::max(magnitude_, std::abs(value));
        }
        // As in relative_difference: where all is 0, the difference itself counts.
        if (magnitude_ == 0.0) magnitude_ = 1.0;
    }

    /// The target first, then what lies between it and the next known values, nearest first.
    [[nodiscard]] std::vector<NodeId> suspects() const { return {unknown_.rbegin(), unknown_.rend()}; }

    [[nodiscard]] Evidence evidence(NodeId suspect) const {
        Evidence result{layers_, suspect, trial_of(layers_, weights_, known_, suspect), {}, nullptr, {}, {}, {}, {}};
        if (is_door(layers_, suspect)) result.input_is_door = {true};
        for (NodeId input : node(suspect).inputs) result.input_is_door.push_back(is_door(layers_, input));
        if (suspect == target_) result.expected = &expected_;
        const std::vector<Weight>& own = node(suspect).weights;
        for (const Weight& weight : weights_of(layers_)) {
            const bool is_own =
                std::any_of(own.begin(), own.end(), [&](const Weight& each) { return each.name == weight.name; });
            if (is_own) continue;
            result.other_weights.push_back(
                {weight.name, weight.shape, [this, name = weight.name] { return weights_(name); }});
        }
        result.activations = known_.further;
        for (NodeId id = 0; id < static_cast<NodeId>(layers_.nodes.size()); ++id) {
            const auto at = static_cast<std::size_t>(id);
            if (id == target_ || !(known_.given[at] || is_door(layers_, id))) continue;
            result.activations.push_back(
                {node(id).name, known_.values[at].shape(), [this, at] { return known_.values[at]; }});
        }
        result.input_items = [this, suspect](std::size_t input) {
            return known_.items_of ? known_.items_of(node(suspect).inputs[input]) : std::vector<Array>();
        };
        result.error = [this, suspect](const LayerTrial& trial) { return error(suspect, trial); };
        return result;
    }

    /// How far the target would be from what was expected if the suspect were so.
    [[nodiscard]] double error(NodeId suspect, const LayerTrial& trial) const {
        std::map<NodeId, Array> changed;
        std::optional<Array> result = result_of(trial);
        for (NodeId id : unknown_) {
            if (id < suspect || !result) continue;
            if (id > suspect) {
                const std::vector<NodeId>& inputs = node(id).inputs;
                if (std::none_of(inputs.begin(), inputs.end(), [&](NodeId input) { return changed.contains(input); }))
                    continue;
                LayerTrial next = trial_of(layers_, weights_, known_, id);
                for (std::size_t i = 0; i < inputs.size(); ++i) {
                    if (const auto found = changed.find(inputs[i]); found != changed.end())
                        next.inputs[i] = found->second;
                }
                result = result_of(next);
            }
            if (result && id != target_) changed.insert_or_assign(id, *result);
        }
        return trial_error(result, expected_);
    }

    /// Likewise, or infinite as soon as a few filters of the target tell that it is more than `good`. Adds to `work`.
    [[nodiscard]] double error_if_good(NodeId suspect, const LayerTrial& trial, double good, double& work) const {
        const std::optional<FewFilters> few =
            suspect == target_ ? with_few_filters(trial, expected_) : std::optional<FewFilters>();
        if (few) {
            work += work_ * static_cast<double>(few->expected.size()) / static_cast<double>(expected_.size());
            // Without a result the layer holds its filters along another axis, or takes no such trial.
            const std::optional<Array> result = result_of(few->trial);
            if (result && result->shape() != few->expected.shape()) return std::numeric_limits<double>::infinity();
            for (std::int64_t i = 0; result && i < result->size(); ++i) {
                if (std::abs((*result)[i] - few->expected[i]) > good * magnitude_)
                    return std::numeric_limits<double>::infinity();
            }
        }
        work += work_;
        return error(suspect, trial);
    }

private:
    [[nodiscard]] const Node& node(NodeId id) const { return layers_.nodes[static_cast<std::size_t>(id)]; }

    void collect(NodeId id) {
        if (!unknown_.insert(id).second) return;
        for (NodeId input : node(id).inputs) {
            if (!known_.given[static_cast<std::size_t>(input)] && !is_door(layers_, input)) collect(input);
        }
    }

    const Graph& layers_;
    const WeightSource& weights_;
    const ExpectedValues& known_;
    NodeId target_;
    const Array& expected_;
    std::set<NodeId> unknown_;
    double work_ = 0.0;       ///< of one guess
    double magnitude_ = 0.0;  ///< the largest that was expected
};

}  // namespace

Explanation explain_difference(const Graph& layers, const WeightSource& weights, const ExpectedValues& known,
                               NodeId target, const Array& expected, double limit) {
    const Search search(layers, weights, known, target, expected);
    // Keras's own rounding is float32's, whatever the limit.
    const double good = std::max(limit, 1e-5);
    const double clear = good / 10.0;
    const double before = search.error(target, trial_of(layers, weights, known, target));
    Explanation best;
    double work = 0.0;
    for (const auto& hypotheses : {input_hypotheses(), structure_hypotheses(), argument_hypotheses(),
                                   weight_hypotheses(), wiring_hypotheses(), fit_hypotheses()}) {
        for (NodeId suspect : search.suspects()) {
            const Evidence evidence = search.evidence(suspect);
            for (const Hypothesis& hypothesis : hypotheses) {
                for (const Guess& guess : hypothesis.guesses(evidence)) {
                    if (work > most_work) {
                        best.all_tried = false;
                        return best;
                    }
                    ++best.tried;
                    LayerTrial trial = evidence.written;
                    guess.change(trial);
                    const double error = search.error_if_good(suspect, trial, good, work);
                    if (!(error <= good && error <= before / 4.0 && error < best.error / 2.0)) continue;
                    best.cause = guess.cause;
                    best.node = suspect;
                    best.error = error;
                    if (error <= clear) return best;
                }
            }
        }
    }
    return best;
}

}  // namespace halcyon
