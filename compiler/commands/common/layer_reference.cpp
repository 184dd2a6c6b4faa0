#include "commands/common/layer_reference.h"

#include <fmt/format.h>

#include <iterator>

#include <nlohmann/json.hpp>

#include "commands/common/table.h"

namespace halcyon {
namespace {

/// "Conv2D(filters, kernel_size, strides=(1, 1), ...)", as it may be written. Training arguments are left out.
std::string signature(const LayerDef& layer) {
    std::string text(layer.name);
    text += '(';
    bool first = true;
    for (const ArgumentDef& argument : layer.arguments) {
        if (argument.training_only) continue;
        if (!first) text += ", ";
        first = false;
        text += argument.name;
        if (argument.default_value) text += '=' + to_text(*argument.default_value);
    }
    return text + ')';
}

std::string joined(const std::vector<std::string_view>& names) {
    std::string text;
    for (std::string_view name : names) text += fmt::format("{}{}", text.empty() ? "" : ", ", name);
    return text;
}

std::string training_arguments(const LayerDef& layer) {
    std::vector<std::string_view> names;
    for (const ArgumentDef& argument : layer.arguments) {
        if (argument.training_only) names.push_back(argument.name);
    }
    return joined(names);
}

std::string takes(const LayerDef& layer) {
    if (layer.max_inputs == LayerDef::many_inputs)
        return fmt::format("a list of at least {} tensors", layer.min_inputs);
    if (layer.max_inputs > 1 && layer.min_inputs == layer.max_inputs)
        return fmt::format("a list of {} tensors", layer.max_inputs);
    if (layer.max_inputs > 1) return fmt::format("{} to {} tensors", layer.min_inputs, layer.max_inputs);
    return "";
}

/// A cell of a Markdown table.
std::string escaped(std::string_view text) {
    std::string result;
    for (char c : text) {
        if (c == '|') result += '\\';
        result += c;
    }
    return result;
}

}  // namespace

std::string layer_text(const LayerDef& layer) {
    std::string text = fmt::format("{}\n\n{}\n", signature(layer), layer.doc);
    if (!layer.aliases.empty()) text += fmt::format("Also called {}.\n", joined(layer.aliases));
    if (const std::string what = takes(layer); !what.empty()) text += fmt::format("Takes {}.\n", what);
    Table table({"argument", "default", "is", "means"});
    int rows = 0;
    for (const ArgumentDef& argument : layer.arguments) {
        if (argument.training_only) continue;
        table.add({argument.name, argument.default_value ? to_text(*argument.default_value) : "",
                   argument.type.description, argument.doc});
        ++rows;
    }
    if (rows > 0) text += '\n' + table.text();
    if (const std::string training = training_arguments(layer); !training.empty()) {
        text += fmt::format("\nAccepted, meaningless at inference: {}.\n", training);
    }
    return text;
}

std::string layer_list_text() {
    Table table({"layer", "does"});
    for (const LayerDef* layer : layer_table()) table.add({std::string(layer->name), std::string(layer->doc)});
    return table.text();
}

nlohmann::ordered_json layer_json(const LayerDef& layer) {
    nlohmann::ordered_json arguments = nlohmann::ordered_json::array();
    for (const ArgumentDef& argument : layer.arguments) {
        nlohmann::ordered_json one{{"name", argument.name}};
        if (argument.default_value) one["default"] = to_text(*argument.default_value);
        one["is"] = argument.type.description;
        one["means"] = argument.doc;
        one["training_only"] = argument.training_only;
        arguments.push_back(std::move(one));
    }
    return {{"name", layer.name}, {"doc", layer.doc}, {"aliases", layer.aliases}, {"arguments", std::move(arguments)}};
}

std::string layer_reference_markdown() {
    std::string text = "# Layers\n\n"
                       "Generated from the table of layers by `halcyon show layers --markdown`. Names, positional "
                       "order and defaults are Keras "
                       "3's; every layer also takes `name`.\n";
    const auto out = std::back_inserter(text);
    for (const LayerDef* layer : layer_table()) {
        fmt::format_to(out, "\n## {}\n\n{}\n\n    {}\n", layer->name, layer->doc, signature(*layer));
        if (!layer->aliases.empty()) fmt::format_to(out, "\nAlso called {}.\n", joined(layer->aliases));
        if (const std::string what = takes(*layer); !what.empty()) fmt::format_to(out, "\nTakes {}.\n", what);
        bool titled = false;
        for (const ArgumentDef& argument : layer->arguments) {
            if (argument.training_only) continue;
            if (!titled) text += "\n| argument | default | is | means |\n|---|---|---|---|\n";
            titled = true;
            const std::string value =
                argument.default_value ? fmt::format("`{}`", to_text(*argument.default_value)) : "required";
            fmt::format_to(out, "| `{}` | {} | {} | {} |\n", argument.name, escaped(value),
                           escaped(argument.type.description), escaped(argument.doc));
        }
        if (const std::string training = training_arguments(*layer); !training.empty()) {
            fmt::format_to(out, "\nAccepted, meaningless at inference: {}.\n", training);
        }
    }
    return text;
}

}  // namespace halcyon
