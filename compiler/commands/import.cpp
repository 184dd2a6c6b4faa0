#include <algorithm>
#include <charconv>
#include <cstdio>
#include <memory>

#include "commands/command.h"
#include "commands/common/table.h"
#include "commands/common/write_files.h"
#include "formats/keras_file.h"
#include "formats/onnx_file.h"
#include "formats/weights.h"
#include "formats/write_safetensors.h"
#include "importers/import_network.h"
#include "importers/read_keras.h"
#include "importers/read_onnx.h"
#include "syntax/format.h"

namespace halcyon::commands {
namespace {

struct Options {
    std::string file, output, input_size, name;
    bool plain = false, channels_last = false;
};

constexpr std::string_view extension = ".hcn";

/// "224x224"
std::optional<std::vector<std::int64_t>> read_sizes(std::string_view text) {
    constexpr std::int64_t most = 1'000'000;
    std::vector<std::int64_t> sizes;
    if (text.ends_with('x')) return std::nullopt;
    while (!text.empty()) {
        const std::string_view word = text.substr(0, text.find('x'));
        std::int64_t size = 0;
        const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), size);
        if (error != std::errc{} || end != word.data() + word.size() || size < 1 || size > most) return std::nullopt;
        sizes.push_back(size);
        text.remove_prefix(std::min(word.size() + 1, text.size()));
    }
    return sizes;
}

/// The text as `halcyon fmt` lays it out.
std::string laid_out(const std::string& text) {
    Sources sources;
    Diagnostics none;
    return format(sources, sources.add("imported.hcn", text), none).value_or(text);
}

/// A spec and the bytes of its weights; no bytes where it has none.
struct Imported {
    std::string text, weights;
};

bool is_onnx(const std::string& path) {
    return path.ends_with(".onnx");
}

std::optional<Imported> import_keras(const Options& options, const std::string& spec_path, Diagnostics& diag) {
    const std::optional<KerasFile> keras = KerasFile::open(options.file, diag);
    if (!keras) return std::nullopt;
    if (keras->architecture().empty()) {
        diag.error(Code::cannot_import, {}, "'{}' holds weights alone, and no network", options.file).hint =
            "write the network as a spec, and use the file with --weights";
        return std::nullopt;
    }
    importers::KerasReadOptions reading;
    reading.input_size = *read_sizes(options.input_size);
    std::optional<importers::ImportedNetwork> network =
        importers::read_keras(keras->architecture(), options.file, reading, diag);
    if (!network) return std::nullopt;
    importers::SpecOptions writing{options.file, options.name, {}, options.plain};
    if (!keras->keras_version().empty()) writing.made_by = fmt::format("Keras {}", keras->keras_version());
    const std::optional<importers::ImportedSpec> spec = write_spec(std::move(*network), writing, diag);
    if (!spec) return std::nullopt;
    if (weights_of(spec->graph).empty()) return Imported{spec->text, ""};
    WeightOptions from_file;
    from_file.file = options.file;
    const std::optional<ModelWeights> weights = load_weights(spec->graph, spec_path, from_file, diag);
    if (!weights) return std::nullopt;
    return Imported{spec->text, safetensors_bytes(weights->file->tensors())};
}

std::optional<Imported> import_onnx(const Options& options, Diagnostics& diag) {
    const std::optional<onnx_file::File> file = onnx_file::File::open(options.file, diag);
    if (!file) return std::nullopt;
    importers::OnnxReadOptions reading;
    reading.input_size = *read_sizes(options.input_size);
    reading.channels_last = options.channels_last;
    std::optional<importers::OnnxNetwork> onnx = importers::read_onnx(file->model(), options.file, reading, diag);
    if (!onnx) return std::nullopt;
    const importers::SpecOptions writing{options.file, options.name, file->model().producer, options.plain};
    const std::optional<importers::ImportedSpec> spec = write_spec(std::move(onnx->network), writing, diag);
    if (!spec) return std::nullopt;
    return Imported{spec->text, onnx->weights.empty() ? "" : safetensors_bytes(onnx->weights)};
}

int run(const Options& options, CommandContext& context) {
    Diagnostics& diag = context.diag;
    const bool named = !options.output.empty();
    const std::string spec_path =
        named ? options.output : join_path(folder_of(options.file), stem_of(options.file) + std::string(extension));
    if (!named && context.files.exists(spec_path)) {
        diag.error(Code::unwritable_file, {}, "'{}' is already there", spec_path).hint =
            "name the spec with -o, also to replace that one";
        return 1;
    }
    const std::optional<Imported> imported =
        is_onnx(options.file) ? import_onnx(options, diag) : import_keras(options, spec_path, diag);
    if (!imported) return 1;
    std::vector<LibraryFile> files{{file_name_of(spec_path), laid_out(imported->text)}};
    if (!imported->weights.empty()) files.push_back({stem_of(spec_path) + ".safetensors", imported->weights});
    if (!write_files(folder_of(spec_path), files, context.files, diag)) return 1;
    for (const LibraryFile& file : files) fmt::print("wrote {}\n", join_path(folder_of(spec_path), file.name));
    return 0;
}

std::function<int(CommandContext&)> declare(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    app.add_option("FILE", options->file, "a .keras or .h5 file that Keras has saved, or an .onnx model")->required();
    app.add_option("-o,--output", options->output,
                   "the spec to write, OUT.hcn; its weights become OUT.safetensors. Without it both are beside FILE")
        ->check([](const std::string& path) {
            return path.ends_with(extension) && path.size() > extension.size() ? "" : "a spec's name ends in .hcn";
        });
    app.add_option("--input-size", options->input_size,
                   "what the file leaves open of its inputs' shapes, such as 224x224")
        ->check([](const std::string& text) {
            const auto sizes = read_sizes(text);
            return sizes && !sizes->empty() ? "" : "sizes are positive numbers with x between them, such as 224x224";
        });
    app.add_option("--name", options->name, "the model's name; without it the file's")
        ->check([](const std::string& name) {
            return importers::is_model_name(name) ? "" : "a model's name is one that C and Python accept";
        });
    app.add_flag("--channels-last", options->channels_last,
                 "of ONNX models: callers hand images over as (height, width, channels), not as the file has them");
    app.add_flag("--plain", options->plain, "one line for each layer, no blocks and no loops");
    return [options](CommandContext& context) { return run(*options, context); };
}

}  // namespace

extern const Command import_command;
const Command import_command{"import", "Makes a spec and its weights from a model of Keras or ONNX.", declare};

}  // namespace halcyon::commands
