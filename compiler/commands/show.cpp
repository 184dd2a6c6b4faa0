#include <fmt/ranges.h>

#include <cstdio>
#include <memory>
#include <utility>

#include "commands/common/layer_reference.h"
#include "commands/common/list_layers.h"
#include "commands/common/list_program.h"
#include "commands/common/list_weights.h"
#include "commands/common/load_model.h"
#include "commands/common/model_options.h"
#include "commands/common/table.h"

namespace halcyon::commands {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
    CompileOptions compile;
    std::string layer;  ///< of `show layers [NAME]`
    bool json = false, markdown = false;
    bool layouts = false, memory = false, schedules = false, weights = false;
};

int show_layers(const Options& options, CommandContext& context) {
    if (options.markdown) {
        fmt::print("{}", layer_reference_markdown());
        return 0;
    }
    if (options.layer.empty()) {
        Json layers = Json::array();
        for (const LayerDef* each : layer_table()) layers.push_back(layer_json(*each));
        fmt::print("{}", options.json ? layers.dump(2) + '\n' : layer_list_text());
        return 0;
    }
    const LayerDef* layer = find_layer(options.layer);
    if (layer != nullptr) {
        fmt::print("{}", options.json ? layer_json(*layer).dump(2) + '\n' : layer_text(*layer));
        return 0;
    }
    std::vector<std::string_view> names;
    for (const LayerDef* each : layer_table()) names.push_back(each->name);
    Diagnostic& error =
        context.diag.error(Code::unknown_command_line_name, {}, "there is no layer '{}'", options.layer);
    const std::string_view near = nearest(options.layer, names);
    error.hint = near.empty() ? "`halcyon show layers` lists them" : fmt::format("did you mean '{}'?", near);
    return 1;
}

/// One part of what is shown: its name in JSON, what to read and what to process.
struct Section {
    std::string key, title;
    Json json;
    std::string text;
};

Section section(std::string key, std::string title, const Listing& listing) {
    return {std::move(key), std::move(title), listing.json(), listing.text()};
}

std::string doors_text(const Graph& graph) {
    std::string text;
    for (NodeId input : graph.inputs) {
        const Node& node = graph.nodes[static_cast<std::size_t>(input)];
        text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", node.name, to_text(node.type));
    }
    text += " -> ";
    for (std::size_t i = 0; i < graph.outputs.size(); ++i) {
        const Graph::Output& output = graph.outputs[i];
        text += fmt::format("{}{}: {}", i == 0 ? "" : ", ", output.name,
                            to_text(graph.nodes[static_cast<std::size_t>(output.node)].type));
    }
    return text;
}

Json doors_json(const Graph& graph, bool inputs) {
    Json list = Json::array();
    const auto add = [&](const std::string& name, NodeId id) {
        const TensorType& type = graph.nodes[static_cast<std::size_t>(id)].type;
        list.push_back({{"name", name}, {"type", std::string(to_text(type.element))}, {"shape", type.shape}});
    };
    if (inputs) {
        for (NodeId input : graph.inputs) add(graph.nodes[static_cast<std::size_t>(input)].name, input);
    } else {
        for (const Graph::Output& output : graph.outputs) add(output.name, output.node);
    }
    return list;
}

Section layouts_section(const Program& program) {
    Section shown = section("calls", "Layouts", list_layouts(program));
    const std::vector<std::string> reorders = layers_of_reorders(program);
    shown.text += reorders.empty() ? "\nno call only moves numbers\n"
                                   : fmt::format("\n{} of {} calls only move numbers: {}\n", reorders.size(),
                                                 program.calls.size(), fmt::join(reorders, ", "));
    const std::size_t carried = count_carried_rows(program);
    if (carried > 0)
        shown.text += fmt::format("{} of {} calls carry rows from one band of an image to the next\n", carried,
                                  program.calls.size());
    return {"layouts",
            shown.title,
            {{"reorders", reorders.size()}, {"carried_rows", carried}, {"calls", shown.json}},
            shown.text};
}

Section memory_section(const Program& program) {
    Section shown = section("buffers", "Values in the workspace", list_memory(program));
    const double above = program.buffer_bytes_bound == 0 ? 0.0
                                                         : 100.0 * static_cast<double>(program.buffer_bytes) /
                                                                   static_cast<double>(program.buffer_bytes_bound) -
                                                               100.0;
    shown.text += fmt::format("\n{} bytes for tensors, {:.1f} % above the {} that are alive during one call: no plan "
                              "can do with fewer\n",
                              grouped(program.buffer_bytes), above, grouped(program.buffer_bytes_bound));
    Json json{{"bytes", program.buffer_bytes}, {"liveness_bound", program.buffer_bytes_bound}, {"buffers", shown.json}};
    return {"memory", shown.title, json, shown.text};
}

Section schedules_section(const CompiledModel& model) {
    Section shown = section("schedules", "Schedules", list_schedules(model));
    shown.text += fmt::format("\n{}: {}\n", network_task(model.layers.name, model.program.batch, model.program.threads),
                              to_text(model.whole));
    return shown;
}

/// The sections that options ask for beyond the layers; nothing after errors.
std::optional<std::vector<Section>> further_sections(const Graph& graph, const Options& options,
                                                     CommandContext& context) {
    std::vector<Section> sections;
    if (options.weights) {
        const auto weights =
            list_weights(graph, split_spec(options.compile.spec).file, options.compile.weights, context.diag);
        if (!weights) return std::nullopt;
        sections.push_back(section("weights", "Weights", *weights));
    }
    if (!options.layouts && !options.memory && !options.schedules) return sections;
    const auto model = plan_model(graph, options.compile, context.sources, context.files, context.diag);
    if (!model) return std::nullopt;
    if (options.layouts) sections.push_back(layouts_section(model->program));
    if (options.memory) sections.push_back(memory_section(model->program));
    if (options.schedules) sections.push_back(schedules_section(*model));
    return sections;
}

std::optional<Json> show_model(const Graph& graph, const Options& options, CommandContext& context) {
    const auto sections = further_sections(graph, options, context);
    if (!sections) return std::nullopt;
    const LayerListing layers = list_layers(graph);
    if (options.json) {
        Json json{{"model", graph.name},
                  {"inputs", doors_json(graph, true)},
                  {"outputs", doors_json(graph, false)},
                  {"layers", layers.listing.json()},
                  {"total", {{"parameters", layers.parameters}, {"macs", layers.macs}, {"bytes", layers.bytes}}}};
        for (const Section& each : *sections) json[each.key] = each.json;
        return json;
    }
    fmt::print("{}: {}\n", graph.name, doors_text(graph));
    if (!graph.doc.empty()) fmt::print("{}\n", graph.doc);
    fmt::print("\n{}", layers.listing.text());
    for (const Section& each : *sections) fmt::print("\n{}\n\n{}", each.title, each.text);
    return Json();
}

int run(const Options& options, CommandContext& context) {
    if (options.compile.spec == "layers") return show_layers(options, context);
    if (!options.layer.empty() || options.markdown) {
        context.diag.error(Code::unknown_command_line_name, {},
                           "only `halcyon show layers` takes a layer's name or --markdown");
        return 1;
    }
    const std::optional<std::vector<Graph>> graphs = load_graphs(context, options.compile);
    if (!graphs) return 1;
    Json models = Json::array();
    for (std::size_t i = 0; i < graphs->size(); ++i) {
        if (i > 0 && !options.json) fmt::print("\n");
        const std::optional<Json> json = show_model((*graphs)[i], options, context);
        if (!json) return 1;
        models.push_back(*json);
    }
    if (options.json)
        fmt::print("{}\n",
                   (models.size() == 1 ? models[0] : models).dump(2, ' ', false, Json::error_handler_t::replace));
    return 0;
}

/// An option that shows a part of the model and may name the file that it comes from.
void add_part(CLI::App& app, const std::string& name, bool& wanted, std::string& file, const std::string& doc) {
    app.remove_option(app.get_option(name));
    const auto take = [&wanted, &file](const std::string& value) {
        wanted = true;
        file = value;
    };
    app.add_option_function<std::string>(name, take, doc)->type_name("[FILE]")->expected(0, 1);
}

/// In `show --weights digits.hcn` the file is the spec.
void take_spec(Options& options) {
    for (std::string* file : {&options.compile.weights.file, &options.compile.schedules}) {
        if (!options.compile.spec.empty()) return;
        options.compile.spec = std::exchange(*file, "");
    }
    if (options.compile.spec.empty()) throw CLI::RequiredError("SPEC");
}

std::function<int(CommandContext&)> declare(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    add_model_options(app, options->compile);
    app.get_option("SPEC")->required(false)->description(
        "the spec, file.hcn or file.hcn:model; `layers` shows the layers of the language");
    app.add_option("LAYER", options->layer, "after `layers`: one of them");
    app.add_flag("--json", options->json, "for machines; a list where the spec has several models");
    app.add_flag("--layouts", options->layouts,
                 "how every kernel reads and writes, and how many of them only move numbers");
    app.add_flag("--memory", options->memory, "where every value lies, how long, and the least that any plan needs");
    // Here weights and schedules are what is shown, so naming a file is optional.
    add_part(app, "--weights", options->weights, options->compile.weights.file,
             "every weight with its type and range, in FILE or in SPEC.safetensors; missing ones and those left over");
    add_part(app, "--schedules", options->schedules, options->compile.schedules,
             "which candidate computes every task, and who chose it");
    app.callback([options] { take_spec(*options); });
    app.add_flag("--markdown", options->markdown, "after `layers`: the whole reference as Markdown");
    return [options](CommandContext& context) { return run(*options, context); };
}

}  // namespace

extern const Command show_command;
const Command show_command{"show", "Shows a model's layers, shapes and costs.", declare};

}  // namespace halcyon::commands
