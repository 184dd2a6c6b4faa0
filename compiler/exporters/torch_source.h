#pragma once

#include <string>
#include <vector>

#include "exporters/torch_tree.h"

namespace halcyon {

inline constexpr std::size_t torch_line_width = 120;

/// A class's methods, as lines without indentation of their own.
struct TorchSource {
    std::vector<std::string> parameters;  ///< of __init__ after self: "in_channels", "stride=1"
    std::vector<std::string> init, forward;
    std::vector<std::string> inputs;  ///< of forward after self
    /// The attribute of each call in the order of the lines, "conv1"; of a block in a chain "blocks.0"; "" of functions.
    std::vector<std::string> attributes;
    /// What F.pad is given before each call, if anything: "(0, 1, 0, 1)", "self.padding".
    std::vector<std::string> pads;
};

/// What a region of the tree is as a class. Attributes are named after layers in a model, after their kinds in blocks.
[[nodiscard]] TorchSource torch_source(const TorchTree& tree, const importers::Region& region, bool is_model,
                                       const std::vector<std::string>& class_names);

/// The classes' names of the tree's blocks.
[[nodiscard]] std::vector<std::string> block_class_names(const TorchTree& tree, const std::string& model_class);

/// "class NAME(nn.Module):" and what is in it.
[[nodiscard]] std::string class_text(const std::string& name, const std::string& doc, const TorchSource& source);

/// The modules of the network that have weights, by their paths in the model: "blocks.3.conv1".
struct TorchPath {
    std::string path;
    const TorchModule* module = nullptr;
};
[[nodiscard]] std::vector<TorchPath> module_paths(const TorchTree& tree, const TorchSource& model,
                                                  const std::vector<TorchSource>& blocks);

/// "conv_bn" -> "ConvBn".
[[nodiscard]] std::string camel_case(std::string_view name);
/// As a name that an attribute of a module, a parameter or a variable can have.
[[nodiscard]] std::string torch_name(std::string_view words, std::string_view fallback);
/// before(arguments)after on one line, or as black breaks it.
[[nodiscard]] std::vector<std::string> wrapped(const std::string& before, const std::vector<std::string>& arguments,
                                               const std::string& after, std::size_t indent);

}  // namespace halcyon
