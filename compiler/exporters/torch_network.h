#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "graph/graph.h"

namespace halcyon {

// A network in PyTorch's terms, before anybody has arranged it in classes: modules, and the steps of a forward that
// calls them. Values are numbered: the inputs first, then one for each step.

/// What a constructor is given. Without a default it is written by its place, else by its name where it differs.
struct TorchArgument {
    std::string name;
    Value value;
    std::optional<Value> default_value = std::nullopt;
};

/// A parameter or buffer and the weight it is loaded from.
struct TorchWeight {
    std::string parameter;  ///< "weight", "running_mean"
    Weight weight;
};

struct TorchModule {
    std::string type;  ///< "nn.Conv2d", or a class of the file's own
    std::vector<TorchArgument> arguments;
    std::vector<TorchWeight> weights = {};  ///< a module without any may be called in many places
    std::string layer = {};                 ///< whose weights they are
    std::string part = {};                  ///< of a layer that is several modules: "depthwise"
};

/// The argument `padding` of a convolution where those of the network pad unevenly: what F.pad takes, "#(0, 1, 0, 1)",
/// which is no text but stands for itself. In a class an even one becomes the convolution's own padding.
[[nodiscard]] Value uneven_padding(const std::vector<std::int64_t>& pads);
/// F.pad's numbers; nothing for any other value.
[[nodiscard]] std::optional<std::vector<std::int64_t>> uneven_padding_of(const Value& value);
/// Text of Python with such values as they shall be read: without quotes.
[[nodiscard]] std::string without_marks(std::string text);

/// A call of a module, or an expression over values: "{0} + {1}".
struct TorchStep {
    int module = -1;
    std::string expression;
    std::vector<int> inputs;
    int output = -1;
    std::string layer;  ///< the name of the layer that begins with this step
    std::string kind;   ///< what Keras calls it, for steps of one kind: "Add", "ReLU"
};

struct TorchDoor {
    std::string name;
    int value = -1;
    std::string description;  ///< "float32 (N, 3, 224, 224), channels first"
};

/// A class of the file's own.
struct TorchClass {
    std::string name;
    std::string text;
};

struct TorchNetwork {
    std::string name, doc;
    std::vector<TorchDoor> inputs, outputs;
    std::vector<TorchModule> modules;
    std::vector<TorchStep> steps;
    std::vector<TorchClass> classes;
    int value_count = 0;
    int moves = 0;  ///< how many steps bring axes into another order
};

}  // namespace halcyon
