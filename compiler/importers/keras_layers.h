#pragma once

#include <string>
#include <vector>

#include "importers/keras_json.h"
#include "importers/network.h"

namespace halcyon::importers {

/// A layer's entry in a file's architecture.
struct KerasLayer {
    std::string name;
    std::string class_name;  ///< "Conv2D"
    std::string module;      ///< "keras.layers", "keras.src.ops.numpy"; empty in files of Keras 2
    const Json* config = nullptr;
};

/// What a file's layer becomes.
enum class LayerKind {
    layer,      ///< one of Halcyon's
    operation,  ///< a function on tensors: keras.ops.add(x, 3.0)
    model,      ///< a model inside the model
    input,
    skipped,     ///< only does something in training: RandomFlip
    impossible,  ///< cannot be imported; `reason` says why
};

struct LayerReading {
    LayerKind kind = LayerKind::layer;
    ImportedLayer layer;  ///< of LayerKind::layer
    std::string reason;
    std::string note;  ///< what the user should know although all is well; may be empty
};

[[nodiscard]] LayerReading read_layer(const KerasLayer& keras);

/// Adds the arguments that differ from the default. Gives what is wrong with one, or "".
[[nodiscard]] std::string set_arguments(ImportedLayer& layer, const std::vector<std::pair<std::string, Value>>& values);

}  // namespace halcyon::importers
