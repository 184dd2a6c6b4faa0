#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "commands/common/layer_trial.h"

namespace halcyon {

/// Something with a name that can be looked at when it is needed.
struct NamedArray {
    std::string name;
    Shape shape;
    std::function<Array()> load;
    bool in_spec = true;  ///< of an activation: the spec has a layer of that name
};

/// What is known about a layer whose numbers are not those that were expected.
struct Evidence {
    const Graph& graph;
    NodeId node;                            ///< of the graph
    LayerTrial written;                     ///< the layer as the spec has it, its inputs as they were expected to be
    std::vector<bool> input_is_door;        ///< of each input: the model's own input
    const Array* expected;                  ///< what it should give; null where only a later layer's result is known
    std::vector<NamedArray> other_weights;  ///< of the other layers
    std::vector<NamedArray> activations;    ///< the model's inputs and all that was expected of other layers
    std::function<std::vector<Array>(std::size_t)> input_items;  ///< an input in every item of the batch, if known
    std::function<double(const LayerTrial&)> error;  ///< how far the expectation is missed if the layer were so
};

/// One way in which the layer may have been computed otherwise.
struct Guess {
    std::string cause;  ///< follows "likely cause: "
    std::function<void(LayerTrial&)> change;
};

/// A kind of mistake. An entry in one of the lists below is all that it takes to try one more.
struct Hypothesis {
    std::string_view mistake;
    std::vector<Guess> (*guesses)(const Evidence& evidence);
};

// In the order in which they are tried; of those that explain the numbers equally well the first is named.
[[nodiscard]] std::span<const Hypothesis> input_hypotheses();  ///< how the model's input was prepared
[[nodiscard]] std::span<const Hypothesis>
structure_hypotheses();                                           ///< layers that the spec lacks, or has beyond Keras's
[[nodiscard]] std::span<const Hypothesis> argument_hypotheses();  ///< what the layer was told
[[nodiscard]] std::span<const Hypothesis> weight_hypotheses();    ///< which numbers it has, and in which order
[[nodiscard]] std::span<const Hypothesis> wiring_hypotheses();    ///< what it is connected to
[[nodiscard]] std::span<const Hypothesis> fit_hypotheses();       ///< what can be said where nothing else explains it

}  // namespace halcyon
