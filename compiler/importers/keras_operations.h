#pragma once

#include <map>
#include <string>
#include <vector>

#include "importers/keras_layers.h"

namespace halcyon::importers {

/// What a call in the file is given: tensors, or a constant.
struct KerasOperand {
    std::vector<int> tensors;  ///< values of the network
    bool is_list = false;
    std::vector<std::int64_t> shape;  ///< of the first tensor, with -1 for the batch; empty where the file does not say
    const Json* constant = nullptr;
};

struct KerasArguments {
    std::vector<KerasOperand> positional;
    std::map<std::string, KerasOperand> keywords;
};

/// Adds what a function on tensors computes (keras.ops.add, tf.math.add, x[..., ::-1]) to the network: `value` is its result.
/// Gives the reason if Halcyon has nothing for it, else "".
[[nodiscard]] std::string import_operation(const KerasLayer& keras, const KerasArguments& arguments,
                                           ImportedNetwork& network, int& value);

/// Adds a call and gives its value.
int add_call(ImportedNetwork& network, int layer, std::vector<int> inputs);

}  // namespace halcyon::importers
