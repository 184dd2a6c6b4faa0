#pragma once

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "formats/onnx_file.h"

namespace halcyon::importers {

/// Where a name comes from.
struct OnnxSource {
    enum class Kind { input, initializer, node };
    Kind kind = Kind::input;
    std::size_t index = 0;  ///< among the model's inputs, initializers or nodes
};

/// The names of a model, resolved.
struct OnnxGraph {
    std::map<std::string, OnnxSource, std::less<>> sources;
    std::vector<std::size_t> inputs;  ///< of the model, those that no initializer gives
    std::vector<std::size_t> order;   ///< the nodes that an output needs, each after those that it reads
    std::map<std::string, std::vector<std::size_t>, std::less<>> readers;  ///< nodes in `order`
};

/// The second is what is wrong: a name that is given twice, that nothing gives, or that needs itself.
[[nodiscard]] std::variant<OnnxGraph, std::string> resolve_names(const onnx_file::Model& model);

/// "'conv1' (node 3)" for messages.
[[nodiscard]] std::string described(const onnx_file::Node& node, std::size_t index);

}  // namespace halcyon::importers
