#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "graph/interpreter.h"

namespace halcyon::language {

/// A function of Keras that works on tensors: keras.ops.mean(x, axis=1), layers.add([a, b]). Most are a layer that is made and
/// applied at once: the tensors come first, all other arguments are the layer's.
struct KerasFunction {
    std::string_view home;  ///< "keras.ops", "keras.layers"
    std::string_view name;
    std::string_view layer;        ///< what it makes; a part of its name, or empty, if `call` does something else
    std::string_view input = "x";  ///< the parameter before the layer's: a tensor, or a list of them
    std::vector<std::pair<std::string_view, Value>> presets = {};  ///< the layer's arguments where they are not written
    LanguageValue (*call)(Elaboration& elaboration, const KerasFunction& function,
                          const CallArguments& arguments) = nullptr;  ///< null: as said above
};

/// All of them: the one place to add one.
[[nodiscard]] const std::vector<KerasFunction>& keras_functions();

[[nodiscard]] const KerasFunction* find_keras_function(std::string_view home, std::string_view name);

/// Poison after mistakes.
[[nodiscard]] LanguageValue call_keras_function(Elaboration& elaboration, const KerasFunction& function,
                                                const CallArguments& arguments);

}  // namespace halcyon::language
