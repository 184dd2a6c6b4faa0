#pragma once

#include <optional>
#include <span>

#include "graph/elaboration.h"

namespace halcyon::language {

/// Conv2D(8, 3): binds the arguments as the layer's definition says and gives the layer. Poison after mistakes.
[[nodiscard]] LanguageValue construct_layer(Elaboration& elaboration, const LayerDef& def,
                                            const CallArguments& arguments);

/// The same without text, for operators: all arguments not in `attributes` have their defaults. `name_prefix` is what
/// numbering calls it ("add").
[[nodiscard]] LayerInstance& make_layer(Elaboration& elaboration, const LayerDef& def,
                                        const std::vector<std::pair<std::string, Value>>& attributes,
                                        std::string name_prefix, Span span);

/// layer(x), layer([a, b]).
[[nodiscard]] LanguageValue call_layer(Elaboration& elaboration, LayerInstance& layer, const CallArguments& arguments);

/// Applies a layer to nodes: infers the type, makes the weights at the first call. Poison after mistakes.
[[nodiscard]] LanguageValue apply_layer(Elaboration& elaboration, LayerInstance& layer, const std::vector<int>& inputs,
                                        Span call);

/// keras.activations.relu(x): the layer Activation("relu") applied.
[[nodiscard]] LanguageValue call_activation(Elaboration& elaboration, const ActivationFunction& activation,
                                            const CallArguments& arguments);

/// What a layer's argument can be; nothing for tensors, functions and poison. ReLU() as an argument is its activation.
[[nodiscard]] std::optional<Value> to_plain_value(const LanguageValue& value);

/// Checks that the shape has at most max_elements elements; `what` begins the message ("the result").
[[nodiscard]] bool check_size(Elaboration& elaboration, const Shape& shape, std::string_view what, Span span);

/// Checks and keeps a name= written for a layer or a model.
[[nodiscard]] bool check_layer_name(Elaboration& elaboration, const LanguageValue& value, Span span, std::string& name);

/// One note a run for each thing that only matters for training.
void note_training_only(Elaboration& elaboration, std::string_view name, Span span);

}  // namespace halcyon::language
