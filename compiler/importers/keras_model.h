#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "importers/keras_layers.h"

namespace halcyon::importers {

/// A tensor in a file: which call of which layer gave it.
struct KerasTensor {
    int layer = 0;
    int call = 0;
    int output = 0;
};

/// What a call is given, as it stands in the file.
struct KerasInput {
    std::vector<KerasTensor> tensors;
    bool is_list = false;
    std::vector<std::int64_t> shape;  ///< of the first tensor, -1 for the batch; empty where the file does not say
    const Json* constant = nullptr;
};

struct KerasCall {
    std::vector<KerasInput> positional;
    std::map<std::string, KerasInput> keywords;
};

struct KerasModel;

struct KerasModelLayer {
    KerasLayer layer;
    LayerReading reading;
    std::vector<KerasCall> calls;
    std::unique_ptr<KerasModel> model;  ///< of LayerKind::model
    int network_layer = -1;             ///< once it was called
};

/// A model in a file, its names resolved.
struct KerasModel {
    std::string name;
    std::vector<KerasModelLayer> layers;
    std::vector<KerasTensor> inputs, outputs;
};

/// What is wrong with the architecture itself. Thrown inside this room only.
struct BadArchitecture {
    std::string message;
};

/// A Functional or Sequential of Keras 2 or 3 from its JSON. Throws BadArchitecture.
[[nodiscard]] KerasModel parse_keras_model(const std::string& class_name, const Json& config, int depth = 0);

}  // namespace halcyon::importers
