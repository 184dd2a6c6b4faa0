#include <deque>
#include <map>
#include <memory>

#include <fmt/format.h>

#include "commands/common/load_model.h"
#include "commands/common/model_options.h"
#include "commands/common/table.h"
#include "commands/common/write_files.h"
#include "exporters/to_onnx.h"
#include "exporters/to_pytorch.h"
#include "formats/write_safetensors.h"

namespace halcyon::commands {
namespace {

struct Options {
    CompileOptions compile;
    std::string format;
    std::string path;
};

std::string check_format(const std::string& format) {
    if (format == "onnx" || format == "pytorch") return "";
    return fmt::format("'{}' is no format that networks are exported to; onnx and pytorch are", format);
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

bool write(const Options& options, std::vector<LibraryFile> files, const std::string& summary,
           CommandContext& context) {
    const std::string folder = folder_of(options.path);
    if (!write_files(folder, files, context.files, context.diag)) return false;
    fmt::print("{}\n", summary);
    for (const LibraryFile& file : files)
        fmt::print("  {}  {} bytes\n", join_path(folder, file.name),
                   grouped(static_cast<std::int64_t>(file.bytes.size())));
    return true;
}

int export_onnx(const Graph& graph, const Options& options, CommandContext& context) {
    if (!batch_fits(graph, options.compile.batch, context.diag)) return 1;
    const std::optional<ModelWeights> weights =
        load_weights(graph, split_spec(options.compile.spec).file, options.compile.weights, context.diag);
    if (!weights) return 1;
    const OnnxModel model = to_onnx(graph, weights->source, options.compile.batch);
    const std::string name = file_name_of(options.path);
    OnnxFiles files = onnx_files(model, name + ".weights");
    std::vector<LibraryFile> written{{name, std::move(files.model)}};
    if (!files.weights.empty()) written.push_back({name + ".weights", std::move(files.weights)});
    const std::string summary = fmt::format("{}: {} nodes, batch {}, weights {}", model.name, model.nodes.size(),
                                            options.compile.batch, weights->description);
    return write(options, std::move(written), summary, context) ? 0 : 1;
}

/// Every weight in float32, under the network's names.
std::string weights_file(const Graph& graph, const ModelWeights& weights) {
    std::deque<std::vector<float>> rounded;
    std::map<std::string, StoredTensor> tensors;
    for (const Weight& weight : weights_of(graph)) {
        const Array numbers = weights.source(weight.name);
        const auto& floats = rounded.emplace_back(numbers.values().begin(), numbers.values().end());
        const std::string_view bytes(reinterpret_cast<const char*>(floats.data()), floats.size() * sizeof(float));
        tensors[weight.name] = {StoredType::float32, weight.shape, bytes};
    }
    return safetensors_bytes(tensors);
}

/// The module reads weights from a safetensors file: that beside the spec, or one that is written beside the module.
int export_pytorch(const Graph& graph, const Options& options, CommandContext& context) {
    const std::string spec = split_spec(options.compile.spec).file;
    const std::string name = file_name_of(options.path);
    const WeightOptions& wanted = options.compile.weights;
    const bool has_weights = !wanted.file.empty() || wanted.initialize.has_value();
    const std::string weights_name = has_weights ? stem_of(name) + ".safetensors" : stem_of(spec) + ".safetensors";
    std::vector<LibraryFile> written{{name, to_pytorch(graph, file_name_of(spec), weights_name)}};
    std::string summary = graph.name;
    if (has_weights) {
        const std::optional<ModelWeights> weights = load_weights(graph, spec, wanted, context.diag);
        if (!weights) return 1;
        written.push_back({weights_name, weights_file(graph, *weights)});
        summary += fmt::format(": weights {}", weights->description);
    }
    return write(options, std::move(written), summary, context) ? 0 : 1;
}

int run(const Options& options, CommandContext& context) {
    const std::optional<Graph> graph = load_graph(context, options.compile);
    if (!graph) return 1;
    return options.format == "onnx" ? export_onnx(*graph, options, context) : export_pytorch(*graph, options, context);
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
    app.add_option("--to", options->format, "what to write: onnx or pytorch")
        ->type_name("FORMAT")
        ->required()
        ->check(check_format);
    app.add_option("-o,--output", options->path, "the file")->type_name("FILE")->required();
    app.callback([options] {
        if (options->format == "pytorch" && options->compile.batch != 1)
            throw CLI::ValidationError("--batch", "a module of PyTorch's takes any number of items; only onnx has N");
    });
    return [options](CommandContext& context) { return run(*options, context); };
}

}  // namespace

extern const Command export_command;
const Command export_command{"export", "Writes a spec's network, with its weights, in another format.", declare};

}  // namespace halcyon::commands
