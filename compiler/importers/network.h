#pragma once

#include <string>
#include <utility>
#include <vector>

#include "graph/layer_def.h"

namespace halcyon::importers {

/// A layer as another program's file describes it, in Halcyon's terms.
struct ImportedLayer {
    const LayerDef* def = nullptr;
    std::string name;       ///< the file's
    std::string file_type;  ///< what the file calls it: "Conv2D", "tf.math.add"; for messages
    /// Those that differ from the default, in the order of the definition, as briefly as they can be written: 3 for (3, 3).
    std::vector<std::pair<std::string, Value>> arguments;
    /// Arithmetic: '+', '-', '*', '/' or 'p' (power) between two tensors or with `number`; 0 for layers.
    char operation = 0;
    Value number;              ///< None: both operands are tensors
    bool number_left = false;  ///< 1 - x
};

/// A layer applied to values. Values are numbered: the inputs of the network first, then one for each call.
struct ImportedCall {
    int layer = 0;
    std::vector<int> inputs;
};

struct ImportedInput {
    std::string name;
    TensorType type;
};

/// What an importer reads from a file, and writes a spec from. Nested models are dissolved; every call is needed by an
/// output, and comes after those whose results it takes, a branch at a time.
struct ImportedNetwork {
    std::string name;
    std::vector<ImportedInput> inputs;
    std::vector<ImportedLayer> layers;
    std::vector<ImportedCall> calls;
    std::vector<std::pair<std::string, int>> outputs;  ///< the layer's name, the value
};

/// An argument in its normal form, as briefly as a person would write it and the definition would still understand it.
[[nodiscard]] Value written_briefly(const ArgumentDef& argument, const Value& normal);

}  // namespace halcyon::importers
