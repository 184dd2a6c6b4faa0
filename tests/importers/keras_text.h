#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>
#include <vector>

#include "importers/import_network.h"
#include "importers/read_keras.h"
#include "support/diagnostics.h"

// Architectures as Keras writes them, in few words.

namespace halcyon::importers::test {

/// A layer of Keras 3 that is applied to others.
inline std::string layer(const std::string& type, const std::string& name, const std::string& config,
                         const std::vector<std::string>& inputs, const std::string& module = "keras.layers") {
    std::string tensors;
    for (const std::string& input : inputs) {
        tensors += fmt::format(R"({}{{"class_name": "__keras_tensor__", "config": {{"keras_history": ["{}", 0, 0]}}}})",
                               tensors.empty() ? "" : ", ", input);
    }
    if (inputs.size() > 1) tensors = fmt::format("[{}]", tensors);
    return fmt::format(R"({{"module": "{}", "class_name": "{}", "name": "{}", "config": {{"name": "{}"{}{}}},
                        "inbound_nodes": [{{"args": [{}], "kwargs": {{}}}}]}})",
                       module, type, name, name, config.empty() ? "" : ", ", config, tensors);
}

inline std::string input(const std::string& name, const std::string& shape) {
    return fmt::format(R"({{"module": "keras.layers", "class_name": "InputLayer", "name": "{}",
                        "config": {{"name": "{}", "batch_shape": {}, "dtype": "float32"}}, "inbound_nodes": []}})",
                       name, name, shape);
}

inline std::string functional(const std::vector<std::string>& layers, const std::string& output,
                              const std::string& entry = "image") {
    return fmt::format(R"({{"module": "keras", "class_name": "Functional", "config": {{"name": "net", "layers": [{}],
                        "input_layers": [["{}", 0, 0]], "output_layers": [["{}", 0, 0]]}}}})",
                       fmt::join(layers, ", "), entry, output);
}

struct Imported {
    std::string text;
    std::string errors;
    bool readable = false;
};

/// The spec, without its docstring, or what is wrong.
inline Imported import(const std::string& architecture, const KerasReadOptions& options = {}, bool plain = false) {
    Diagnostics diag;
    const Sources sources;
    Imported imported;
    const auto network = read_keras(architecture, "net.keras", options, diag);
    if (network) {
        SpecOptions writing{"net.keras", {}, {}, plain};
        if (const auto spec = write_spec(*network, writing, diag)) {
            imported.text = spec->text.substr(spec->text.find("def "));
            imported.readable = spec->readable;
        }
    }
    imported.errors = render(diag, sources);
    return imported;
}

}  // namespace halcyon::importers::test
