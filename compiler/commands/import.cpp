#include <algorithm>
#include <charconv>
#include <cstdio>
#include <memory>

#include "commands/command.h"
#include "commands/common/table.h"
#include "commands/common/write_files.h"
#include "formats/keras_file.h"
#include "formats/weights.h"
#include "formats/write_safetensors.h"
#include "importers/import_network.h"
#include "importers/read_keras.h"
#include "syntax/format.h"

namespace halcyon::commands {
namespace {

struct Options {
    std::string file, output, input_size, name;
    bool plain = false;
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

int run(const Options& options, CommandContext& context) {
    Diagnostics& diag = context.diag;
    const bool named = !options.output.empty();
    const std::string spec_path =
        named ? options.output : join_path(folder_of(options.file), stem_of(options.file) + std::string(extension));
    const std::string weights_name = stem_of(spec_path) + ".safetensors";
    if (!named && context.files.exists(spec_path)) {
        diag.error(Code::unwritable_file, {}, "'{}' is already there", spec_path).hint =
            "name the spec with -o, also to replace that one";
        return 1;
    }
    const std::optional<KerasFile> keras = KerasFile::open(options.file, diag);
    if (!keras) return 1;
    if (keras->architecture().empty()) {
        diag.error(Code::cannot_import, {}, "'{}' holds weights alone, and no network", options.file).hint =
            "write the network as a spec, and use the file with --weights";
        return 1;
    }
    importers::KerasReadOptions reading;
    reading.input_size = *read_sizes(options.input_size);
    std::optional<importers::ImportedNetwork> network =
        importers::read_keras(keras->architecture(), options.file, reading, diag);
    if (!network) return 1;
    importers::SpecOptions writing{options.file, options.name, {}, options.plain};
    if (!keras->keras_version().empty()) writing.made_by = fmt::format("Keras {}", keras->keras_version());
    const std::optional<importers::ImportedSpec> spec = write_spec(std::move(*network), writing, diag);
    if (!spec) return 1;

    const std::string text = laid_out(spec->text);
    std::vector<LibraryFile> files{{file_name_of(spec_path), text}};
    if (!weights_of(spec->graph).empty()) {
        WeightOptions from_file;
        from_file.file = options.file;
        const std::optional<ModelWeights> weights = load_weights(spec->graph, spec_path, from_file, diag);
        if (!weights) return 1;
        files.push_back({weights_name, safetensors_bytes(weights->file->tensors())});
    }
    if (!write_files(folder_of(spec_path), files, context.files, diag)) return 1;
    for (const LibraryFile& file : files) fmt::print("wrote {}\n", join_path(folder_of(spec_path), file.name));
    return 0;
}

std::function<int(CommandContext&)> declare(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    app.add_option("FILE", options->file, "a .keras or .h5 file that Keras has saved")->required();
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
    app.add_flag("--plain", options->plain, "one line for each layer, no blocks and no loops");
    return [options](CommandContext& context) { return run(*options, context); };
}

}  // namespace

extern const Command import_command;
const Command import_command{"import", "Makes a spec and its weights from a model that Keras has saved.", declare};

}  // namespace halcyon::commands
