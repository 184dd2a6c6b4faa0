#pragma once

#include <deque>
#include <map>

#include "exporters/torch_network.h"
#include "importers/spec_tree.h"

namespace halcyon {

/// A TorchNetwork as lines of a model and of the blocks that it calls: what importers find in networks of layers is found
/// in networks of modules alike. Each kind of step is a LayerDef whose arguments are its constructor's.
struct TorchTree {
    /// What a kind of step is: a module of this type, or an expression.
    struct Kind {
        std::string type, expression;
        bool has_weights = false;
    };

    TorchTree() = default;
    TorchTree(const TorchTree&) = delete;
    TorchTree& operator=(const TorchTree&) = delete;

    const TorchNetwork* network = nullptr;
    importers::SpecTree tree;
    bool pads_alike = false;  ///< paddings of convolutions are given as F.pad takes them
    std::deque<LayerDef> defs;
    std::deque<std::string> names;  ///< of defs, which only point to them
    std::deque<importers::ImportedLayer> layers;
    std::map<const LayerDef*, Kind> kinds;
    std::map<const importers::ImportedLayer*, std::size_t> steps;  ///< of the network, by the layers of statements

    [[nodiscard]] const Kind& kind_of(const importers::Statement& statement) const {
        return kinds.at(statement.layer->def);
    }
};

/// Without blocks: a statement for each step. The tree points to the network and into itself.
void build_tree(TorchTree& tree, const TorchNetwork& network);

/// Repeated parts become blocks; where their calls would not expand to exactly the network's steps, none do.
void find_torch_blocks(TorchTree& tree);

/// What an argument's term is where a block is called with these: the text of its value.
using TorchParameters = std::map<std::string, std::string>;
[[nodiscard]] std::string evaluated(const std::string& term, const TorchParameters& parameters);
/// What a call gives a block's parameters, defaults too.
[[nodiscard]] TorchParameters parameters_of(const importers::Statement& call, const importers::Region& block,
                                            const TorchParameters& outer);
/// Whether an optional part is there.
[[nodiscard]] bool holds(const importers::Condition& condition, const TorchParameters& parameters);

}  // namespace halcyon
