#include "importers/import_network.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "graph/elaborate.h"
#include "importers/find_blocks.h"
#include "importers/find_loops.h"
#include "importers/spec_names.h"
#include "importers/spec_tree.h"
#include "support/check.h"
#include "support/file_system.h"
#include "syntax/parse.h"

namespace halcyon::importers {
namespace {

/// What a spec's text means; the text's own mistakes go to `diag`.
std::optional<Graph> elaborated(const std::string& text, Sources& sources, Diagnostics& diag) {
    const std::uint32_t file = sources.add("imported.hcn", text);
    const auto module = parse(sources, file, diag);
    if (!module) return std::nullopt;
    const MemoryFiles no_files;
    std::vector<Graph> graphs = elaborate(*module, sources, no_files, "", diag);
    if (diag.has_errors() || graphs.size() != 1) return std::nullopt;
    return std::move(graphs.front());
}

/// What Halcyon has against the network, in the words of its own errors.
void report(const std::string& path, const Diagnostics& found, const Sources& sources, Diagnostics& diag) {
    std::string lines;
    for (const Diagnostic& each : found.all()) {
        if (each.severity != Severity::error) continue;
        lines += fmt::format("\n    {}", each.message);
        if (!each.span.known()) continue;
        std::string_view line = sources.file(each.span.file).line(sources.line_column(each.span).line);
        line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
        lines += fmt::format("\n        {}", line);
    }
    diag.error(Code::cannot_import, {}, "'{}' describes a network that Halcyon cannot compute:{}", path, lines);
}

/// Keras gives the channels' axis by its number, 3; a person leaves the default, -1, out.
void leave_out_axes(ImportedNetwork& network, const Graph& graph) {
    for (const ImportedCall& call : network.calls) {
        ImportedLayer& layer = network.layers[static_cast<std::size_t>(call.layer)];
        const int rank = graph.nodes[static_cast<std::size_t>(call.inputs[0])].type.rank();
        std::erase_if(layer.arguments, [&](const auto& argument) {
            if (argument.first != "axis" || argument.second != Value(rank)) return false;
            const auto def = std::find_if(layer.def->arguments.begin(), layer.def->arguments.end(),
                                          [](const ArgumentDef& each) { return each.name == "axis"; });
            std::string why;
            return def->default_value && def->type.normalize(Value(-1), why) == *def->default_value;
        });
    }
}

/// A window of one element has nothing to pad.
void leave_out_padding(ImportedNetwork& network) {
    for (ImportedLayer& layer : network.layers) {
        const auto has = [&](std::string_view name, const Value& value) {
            return std::any_of(layer.arguments.begin(), layer.arguments.end(),
                               [&](const auto& each) { return each.first == name && each.second == value; });
        };
        const bool transposed = layer.def->name.find("Transpose") != std::string_view::npos;
        if (!transposed && has("kernel_size", Value(1)) && has("padding", Value("same")))
            std::erase_if(layer.arguments, [](const auto& each) { return each.first == "padding"; });
    }
}

/// Operators as layers with names, where their automatic names would be other layers' names.
void name_operators(ImportedNetwork& network) {
    for (ImportedLayer& layer : network.layers) {
        if (layer.operation == 0 || layer.operation == '[') continue;
        const std::optional<double> number = layer.number.real();
        if (number && layer.def->name == "Power") {
            const bool quotient = layer.operation == '/';
            layer.arguments = {{"exponent", Value(quotient ? -1.0 : *number)}};
            if (quotient) layer.arguments.emplace_back("factor", Value(*number));
        } else if (number) {
            const bool scales = layer.operation == '*' || layer.operation == '/';
            const double scale = layer.operation == '*'                        ? *number
                                 : layer.operation == '/'                      ? 1.0 / *number
                                 : layer.number_left && layer.operation == '-' ? -1.0
                                                                               : 1.0;
            layer.arguments = {{"scale", Value(scale)}};
            if (!scales)
                layer.arguments.emplace_back("offset",
                                             Value(layer.operation == '-' && !layer.number_left ? -*number : *number));
        }
        layer.operation = 0;
        layer.number = Value();
    }
}

std::string grouped(std::int64_t number) {
    std::string text = fmt::format("{}", number);
    for (int i = static_cast<int>(text.size()) - 3; i > 0; i -= 3) text.insert(static_cast<std::size_t>(i), ",");
    return text;
}

std::string doors_text(const Graph& graph) {
    std::string text;
    for (NodeId input : graph.inputs) {
        const Node& node = graph.nodes[static_cast<std::size_t>(input)];
        text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", node.name, to_text(node.type));
    }
    std::string outputs;
    for (const Graph::Output& output : graph.outputs) {
        const Node& node = graph.nodes[static_cast<std::size_t>(output.node)];
        outputs += fmt::format("{}{}: {}", outputs.empty() ? "" : ", ", output.name, to_text(node.type));
    }
    return text + " -> " + outputs;
}

std::string doc_of(const std::string& title, const SpecOptions& options, const Graph& graph) {
    std::int64_t parameters = 0;
    for (const Weight& weight : weights_of(graph)) parameters += element_count(weight.shape);
    std::string doors = doors_text(graph);
    constexpr std::size_t most = 100;
    if (doors.size() > most) doors = fmt::format("{} inputs, {} outputs", graph.inputs.size(), graph.outputs.size());
    return fmt::format("{}, imported from {}{}.\n\n{} parameters. {}.", title, file_name_of(options.path),
                       options.made_by.empty() ? "" : fmt::format(" ({})", options.made_by), grouped(parameters),
                       doors);
}

/// Text that can stand between three quotes.
std::string for_docstring(std::string_view text) {
    std::string result;
    for (char c : text) {
        const bool plain = c >= ' ' && c < 0x7f && c != '"' && c != '\\';
        result += plain || c == '\n' ? c : '_';
    }
    return result;
}

/// With blocks and loops.
SpecTree readable_tree(const SpecTree& tree, const Graph& graph) {
    constexpr std::size_t most_statements = 1500;  // of which the largest network that people know has 1,041
    if (tree.model.body.size() > most_statements) return tree;
    std::vector<TensorType> types;
    for (const Node& node : graph.nodes) types.push_back(node.type);
    SpecTree best = tree;
    for (const bool count_early : {true, false}) {
        SpecTree shorter = tree;
        find_blocks(shorter, types, count_early);
        find_loops(shorter, LoopKind::any);
        if (reading_cost(shorter) < reading_cost(best)) best = std::move(shorter);
    }
    return best;
}

/// One way to write the network: what it means with one line per layer, and the tree that shall mean the same.
struct Writing {
    SpecTree plain, readable;
    Graph graph;
};

/// Takes the readable text if it elaborates to exactly what the plain one does, else the plain one.
ImportedSpec proven(Writing writing) {
    Sources sources;
    Diagnostics found;
    ImportedSpec spec;
    spec.text = to_text(writing.readable);
    std::optional<Graph> graph = elaborated(spec.text, sources, found);
    spec.readable = graph && to_text(*graph) == to_text(writing.graph);
    if (!spec.readable) spec.text = to_text(writing.plain);
    spec.graph = spec.readable ? std::move(*graph) : std::move(writing.graph);
    return spec;
}

}  // namespace

bool is_model_name(std::string_view name) {
    return is_usable_name(name);
}

std::optional<ImportedSpec> write_spec(ImportedNetwork network, const SpecOptions& options, Diagnostics& diag) {
    const std::string stem = usable_name(stem_of(options.path), "network");
    const bool unnamed = network.name.empty() || network.name.starts_with("functional") ||
                         network.name.starts_with("sequential") || network.name.starts_with("model");
    const std::string name = !options.model.empty() ? options.model : unnamed ? stem : usable_name(network.name, stem);

    Sources sources;
    Diagnostics found;
    if (has_operator_clash(network)) name_operators(network);
    SpecTree tree = plain_tree(network, name);
    std::optional<Graph> graph = elaborated(to_text(tree), sources, found);
    if (!graph) {
        report(options.path, found, sources, diag);
        return std::nullopt;
    }
    leave_out_axes(network, *graph);
    const std::string title = unnamed ? name : network.name;
    // Networks may be shorter with the padding of 1x1 convolutions, where it makes them more alike, or without.
    ImportedNetwork shorter = network;
    leave_out_padding(shorter);
    std::optional<Writing> best;
    for (const ImportedNetwork* variant : {&std::as_const(shorter), &std::as_const(network)}) {
        Writing writing{plain_tree(*variant, name), {}, {}};
        writing.plain.doc = for_docstring(doc_of(title, options, *graph));
        std::optional<Graph> meaning = elaborated(to_text(writing.plain), sources, found);
        CHECK_INTERNAL(meaning.has_value());
        writing.readable = options.plain ? writing.plain : readable_tree(writing.plain, *meaning);
        writing.graph = std::move(*meaning);
        if (!best || reading_cost(writing.readable) < reading_cost(best->readable)) best = std::move(writing);
        if (options.plain) break;
    }
    return proven(std::move(*best));
}

}  // namespace halcyon::importers
