#include "exporters/torch_layer_names.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "importers/source_text.h"

namespace halcyon {
namespace {

using Entries = std::vector<std::pair<std::string, std::string>>;

/// A block's modules and layers, in order.
struct Block {
    std::string path;
    Entries layers;  ///< by the module's name in the block
    std::string prefix;
};

std::vector<Block> blocks_of(const Entries& layers) {
    std::vector<Block> blocks;
    for (const auto& [path, layer] : layers) {
        const std::size_t dot = path.rfind('.');
        if (dot == std::string::npos) continue;
        const std::string parent = path.substr(0, dot);
        auto block = std::find_if(blocks.begin(), blocks.end(), [&](const Block& each) { return each.path == parent; });
        if (block == blocks.end()) block = blocks.insert(block, Block{parent, {}, layer});
        block->layers.emplace_back(path.substr(dot + 1), layer);
        const auto end = std::mismatch(block->prefix.begin(), block->prefix.end(), layer.begin(), layer.end()).first;
        block->prefix.erase(end, block->prefix.end());
    }
    return blocks;
}

std::string table(const char* name, const Entries& entries) {
    if (entries.empty()) return "";
    std::string text = fmt::format("{} = {{\n", name);
    for (const auto& [key, value] : entries)
        text += fmt::format("    {}: {},\n", importers::string_literal(key), importers::string_literal(value));
    return text + "}\n\n";
}

}  // namespace

TorchLayerNames torch_layer_names(const Entries& layers) {
    Entries prefixes, parts;
    std::map<std::string, std::string> known;  // parts again
    std::map<std::string, bool> in_block;      // by path
    for (const Block& block : blocks_of(layers)) {
        const auto rest = [&](const std::string& layer) { return layer.substr(block.prefix.size()); };
        const bool alike = std::all_of(block.layers.begin(), block.layers.end(), [&](const auto& each) {
            const auto found = known.find(each.first);
            return found == known.end() || found->second == rest(each.second);
        });
        if (!alike || block.prefix.empty() || block.layers.size() < 2) continue;
        prefixes.emplace_back(block.path, block.prefix);
        for (const auto& [part, layer] : block.layers) {
            in_block[block.path + "." + part] = true;
            if (known.emplace(part, rest(layer)).second) parts.emplace_back(part, rest(layer));
        }
    }
    // One block alone is said sooner module by module.
    if (prefixes.size() + parts.size() >= in_block.size()) prefixes.clear(), parts.clear(), in_block.clear();

    Entries others;
    std::copy_if(layers.begin(), layers.end(), std::back_inserter(others),
                 [&](const auto& each) { return !in_block.contains(each.first); });
    TorchLayerNames result;
    if (!prefixes.empty()) {
        result.tables += "# How the layers of a block begin, and how the layer of each module in it goes on.\n" +
                         table("BLOCKS", prefixes) + table("PARTS", parts);
    }
    if (!others.empty()) result.tables += "# Whose weights a module has, where it is not called like the layer.\n";
    result.tables += table("LAYERS", others);
    result.lookup = others.empty() ? "path" : "LAYERS.get(path, path)";
    if (prefixes.empty()) return result;
    result.tables += fmt::format("\ndef layer_of(path):\n"
                                 "    \"\"\"The layer whose weights a module has.\"\"\"\n"
                                 "    block, _, part = path.rpartition(\".\")\n"
                                 "    return BLOCKS[block] + PARTS[part] if block in BLOCKS else {}\n\n",
                                 result.lookup);
    result.lookup = "layer_of(path)";
    return result;
}

}  // namespace halcyon
