#include <memory>

#include <fmt/format.h>

#include "commands/common/load_model.h"
#include "commands/common/model_options.h"
#include "commands/common/table.h"
#include "commands/common/write_files.h"
#include "exporters/to_onnx.h"

namespace halcyon::commands {
namespace {

struct Options {
    CompileOptions compile;
    std::string format;
    std::string path;
};

std::string check_format(const std::string& format) {
    return format == "onnx" ? "" : fmt::format("'{}' is no format that networks are exported to; onnx is", format);
}

/// No tensor of a batch may have more elements than a tensor of one item.
bool batch_fits(const Graph& graph, std::int64_t batch, Diagnostics& diag) {
    for (const Node& node : graph.nodes) {
        if (element_count(node.type.shape) <= max_elements / batch) continue;
        diag.error(Code::batch_too_large, node.span, "a batch of {} of '{}', {} each, has more than {} elements", batch,
                   node.name, to_text(node.type), max_elements);
        return false;
    }
    return true;
}

int run(const Options& options, CommandContext& context) {
    const std::optional<Graph> graph = load_graph(context, options.compile);
    if (!graph || !batch_fits(*graph, options.compile.batch, context.diag)) return 1;
    const std::optional<ModelWeights> weights =
        load_weights(*graph, split_spec(options.compile.spec).file, options.compile.weights, context.diag);
    if (!weights) return 1;

    const OnnxModel model = to_onnx(*graph, weights->source, options.compile.batch);
    const std::string name = file_name_of(options.path);
    OnnxFiles files = onnx_files(model, name + ".weights");
    std::vector<LibraryFile> written{{name, std::move(files.model)}};
    if (!files.weights.empty()) written.push_back({name + ".weights", std::move(files.weights)});
    if (!write_files(folder_of(options.path), written, context.files, context.diag)) return 1;
    fmt::print("{}: {} nodes, batch {}, weights {}\n", model.name, model.nodes.size(), options.compile.batch,
               weights->description);
    for (const LibraryFile& file : written)
        fmt::print("  {}  {} bytes\n", join_path(folder_of(options.path), file.name),
                   grouped(static_cast<std::int64_t>(file.bytes.size())));
    return 0;
}

std::function<int(CommandContext&)> declare(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    app.add_option("SPEC", options->compile.spec, "the spec, file.hcn or file.hcn:model")->required();
    app.add_option("--weights", options->compile.weights.file,
                   "weights: .safetensors, .npz, .keras or .h5 (default: SPEC.safetensors beside the spec)")
        ->type_name("FILE");
    app.add_option("--initialize", options->compile.weights.initialize,
                   "random weights by each layer's initializer, from this seed")
        ->type_name("SEED");
    add_batch_option(app, options->compile);
    app.add_option("--to", options->format, "what to write: onnx")
        ->type_name("FORMAT")
        ->required()
        ->check(check_format);
    app.add_option("-o,--output", options->path, "the file")->type_name("FILE")->required();
    return [options](CommandContext& context) { return run(*options, context); };
}

}  // namespace

extern const Command export_command;
const Command export_command{"export", "Writes a spec's network, with its weights, in another format.", declare};

}  // namespace halcyon::commands
