#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "importers/spec_names.h"
#include "importers/spec_tree.h"

namespace halcyon::importers {
namespace {

/// The names that the text must say. Operators have none of their own: their automatic names must not be other layers'.
struct Naming {
    std::vector<bool> written;
    bool clash = false;
};

Naming names_to_write(const ImportedNetwork& network) {
    std::set<std::string_view> taken;
    for (const ImportedLayer& layer : network.layers) {
        if (layer.operation == 0) taken.insert(layer.name);
    }
    Naming naming;
    naming.written.assign(network.layers.size(), false);
    std::vector<bool> made(network.layers.size(), false);
    std::map<std::string, int> next;
    for (const ImportedCall& call : network.calls) {
        const auto index = static_cast<std::size_t>(call.layer);
        if (made[index]) continue;
        made[index] = true;
        const ImportedLayer& layer = network.layers[index];
        const std::string prefix = automatic_prefix(layer);
        int& number = next[prefix];
        const std::string automatic = number == 0 ? prefix : fmt::format("{}_{}", prefix, number);
        if (layer.operation != 0) {
            naming.clash = naming.clash || taken.contains(automatic);
            ++number;
        } else if (layer.name == automatic) {
            ++number;
        } else {
            naming.written[index] = true;
        }
    }
    return naming;
}

}  // namespace

std::string automatic_prefix(const ImportedLayer& layer) {
    switch (layer.operation) {
    case '+': return "add";
    case '-': return "subtract";
    case '*': return "multiply";
    case '/': return "divide";
    case 'p': return "power";
    default: return snake_case(layer.def->name);
    }
}

bool has_operator_clash(const ImportedNetwork& network) {
    return names_to_write(network).clash;
}

Term Term::symbol(std::string text) {
    Term term;
    term.kind = Kind::symbol;
    term.text = std::move(text);
    return term;
}

Term Term::pattern(std::vector<Part> parts) {
    Term term;
    term.kind = Kind::pattern;
    term.parts = std::move(parts);
    return term;
}

std::optional<Value> default_argument(const SpecTree& tree, const Statement& statement, const std::string& argument) {
    if (statement.block >= 0) {
        for (const Parameter& parameter : tree.blocks[static_cast<std::size_t>(statement.block)].parameters) {
            if (parameter.name == argument) return parameter.default_value;
        }
        return std::nullopt;
    }
    for (const ArgumentDef& each : statement.layer->def->arguments) {
        if (each.name != argument || !each.default_value) continue;
        std::string why;
        const std::optional<Value> normal = each.type.normalize(*each.default_value, why);
        return normal ? std::optional(written_briefly(each, *normal)) : std::nullopt;
    }
    return std::nullopt;
}

SpecTree plain_tree(const ImportedNetwork& network, const std::string& name) {
    const Naming naming = names_to_write(network);
    std::vector<int> calls(network.layers.size(), 0);
    for (const ImportedCall& call : network.calls) ++calls[static_cast<std::size_t>(call.layer)];

    SpecTree tree;
    tree.network = &network;
    tree.input_names = input_names(network);
    tree.model.name = name;
    tree.model.value_count = static_cast<int>(network.inputs.size() + network.calls.size());
    for (std::size_t i = 0; i < network.inputs.size(); ++i) tree.model.inputs.push_back(static_cast<int>(i));
    for (std::size_t i = 0; i < network.calls.size(); ++i) {
        const ImportedCall& call = network.calls[i];
        const auto index = static_cast<std::size_t>(call.layer);
        Statement statement;
        statement.layer = &network.layers[index];
        statement.inputs = call.inputs;
        statement.output = static_cast<int>(network.inputs.size() + i);
        if (calls[index] > 1) statement.shared = call.layer;
        for (const auto& [argument, value] : statement.layer->arguments) statement.arguments[argument] = Term(value);
        if (!statement.layer->number.is_none()) statement.arguments["number"] = Term(statement.layer->number);
        if (naming.written[index] && statement.layer->operation == 0)
            statement.arguments["name"] = Term(Value(statement.layer->name));
        tree.model.body.push_back(std::move(statement));
    }
    tree.model.outputs = network.outputs;
    const std::vector<std::string> names = output_names(network, tree.input_names);
    for (std::size_t i = 0; i < names.size(); ++i) tree.model.outputs[i].first = names[i];
    return tree;
}

}  // namespace halcyon::importers
