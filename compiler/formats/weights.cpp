#include "formats/weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <unordered_map>

#include "formats/common/parsed_tensors.h"
#include "formats/keras_file.h"
#include "support/check.h"
#include "support/file_system.h"
#include "support/hash.h"

namespace halcyon {
namespace {

constexpr std::size_t most_lines = 20;  ///< of each kind of mismatch
constexpr std::uint64_t default_seed = 1;

/// What does not fit, one line each.
struct Mismatches {
    std::vector<const Weight*> missing;
    std::vector<std::string_view> left_over;
    std::vector<std::string> misshapen;
    [[nodiscard]] bool none() const { return missing.empty() && left_over.empty() && misshapen.empty(); }
};

Mismatches compare(const std::vector<Weight>& weights, const TensorFile& file, bool may_miss) {
    Mismatches found;
    std::unordered_map<std::string_view, const Weight*> wanted;
    for (const Weight& weight : weights) {
        wanted.emplace(weight.name, &weight);
        const auto tensor = file.tensors().find(weight.name);
        if (tensor == file.tensors().end()) {
            if (!may_miss) found.missing.push_back(&weight);
        } else if (tensor->second.shape != weight.shape) {
            found.misshapen.push_back(fmt::format("{} is {} in the file, but the network's is {}", weight.name,
                                                  to_text(tensor->second.shape), to_text(weight.shape)));
        }
    }
    for (const auto& [name, tensor] : file.tensors()) {
        if (!wanted.contains(name)) found.left_over.push_back(name);
    }
    return found;
}

/// Lines under one word, cut after most_lines.
template <typename Item, typename Text>
void list(std::string& out, std::string_view word, const std::vector<Item>& items, Text text) {
    const std::size_t shown = std::min(items.size(), most_lines);
    for (std::size_t i = 0; i < shown; ++i) {
        fmt::format_to(std::back_inserter(out), "\n    {:<10} {}", word, text(items[i]));
    }
    if (shown < items.size())
        fmt::format_to(std::back_inserter(out), "\n    {:<10} and {} more", word, items.size() - shown);
}

void report(const Mismatches& found, const Graph& graph, const TensorFile& file, Diagnostics& diag) {
    // Comparing names costs time by their number, which the file determines.
    constexpr std::size_t most_candidates = 1000;
    std::vector<std::string_view> candidates = found.left_over;
    if (candidates.size() > most_candidates) candidates.resize(most_candidates);

    std::string lines;
    list(lines, "missing", found.missing, [&](const Weight* weight) {
        std::string text = fmt::format("{} {}", weight->name, to_text(weight->shape));
        const std::string_view near = nearest(weight->name, candidates);
        if (!near.empty()) text += fmt::format("; the file has {}", printable(near));
        return text;
    });
    list(lines, "misshapen", found.misshapen, [](const std::string& text) { return text; });
    list(lines, "left over", found.left_over, [&](std::string_view name) {
        return fmt::format("{} {}", printable(name), to_text(file.tensors().find(std::string(name))->second.shape));
    });
    diag.error(Code::weights_do_not_fit, {}, "the weights in '{}' do not fit the network '{}':{}", file.path(),
               graph.name, lines);
}

void warn_of_strange_numbers(const TensorFile& file, Diagnostics& diag) {
    std::vector<std::string_view> names;
    for (const auto& [name, tensor] : file.tensors()) {
        if (!all_finite(tensor)) names.push_back(name);
    }
    if (names.empty()) return;
    diag.warning(Code::weights_not_finite, {}, "'{}' holds infinities or NaN in {} of its {} tensors, {} among them",
                 file.path(), names.size(), file.tensors().size(), printable(names.front()));
}

WeightSource initialized_source(const std::vector<Weight>& weights, std::uint64_t seed) {
    std::map<std::string, Weight> by_name;
    for (const Weight& weight : weights) by_name.emplace(weight.name, weight);
    return [by_name = std::move(by_name), seed](const std::string& name) {
        const auto found = by_name.find(name);
        CHECK_INTERNAL(found != by_name.end());
        return initialize(found->second, seed);
    };
}

ModelWeights initialized_weights(const std::vector<Weight>& weights, std::uint64_t seed) {
    ModelWeights result;
    result.source = initialized_source(weights, seed);
    result.description = fmt::format("initialized with seed {}", seed);
    result.hash = hash_hex(result.description);
    result.initialized = true;
    return result;
}

std::optional<ModelWeights> weights_from_file(const Graph& graph, const std::vector<Weight>& weights,
                                              const std::string& path, const WeightOptions& options,
                                              Diagnostics& diag) {
    std::optional<TensorFile> opened = open_weights(path, graph, diag);
    if (!opened) return std::nullopt;
    const Mismatches found = compare(weights, *opened, options.initialize.has_value());
    if (!found.none()) {
        report(found, graph, *opened, diag);
        return std::nullopt;
    }
    warn_of_strange_numbers(*opened, diag);

    const auto file = std::make_shared<const TensorFile>(std::move(*opened));
    ModelWeights result;
    result.file = file;
    result.hash = hash_hex(file->bytes());
    result.description = file_name_of(path);
    const bool some_missing = file->tensors().size() < weights.size();
    WeightSource others;
    if (some_missing) {
        result.initialized = true;
        result.description += fmt::format(", the others initialized with seed {}", *options.initialize);
        result.hash = hash_hex(result.hash + result.description);
        others = initialized_source(weights, *options.initialize);
    }
    result.source = [file, others](const std::string& name) {
        const auto tensor = file->tensors().find(name);
        return tensor == file->tensors().end() ? others(name) : to_array(tensor->second);
    };
    return result;
}

bool is_keras_file(const std::string& path) {
    const FileResult<MappedFile> mapped = MappedFile::open(path);
    const auto* file = std::get_if<MappedFile>(&mapped);
    return file != nullptr && looks_like_keras(file->bytes());
}

}  // namespace

std::optional<TensorFile> open_weights(const std::string& path, const Graph& graph, Diagnostics& diag) {
    if (!is_keras_file(path)) return TensorFile::open(path, diag);
    const std::optional<KerasFile> keras = KerasFile::open(path, diag);
    if (!keras) return std::nullopt;
    bool by_order = false;
    TensorFile file = keras->named_for(graph, &by_order);
    if (by_order) {
        diag.add(Severity::note, {}, {},
                 fmt::format("layers are named otherwise in '{}' than in '{}': they are paired by their order", path,
                             graph.name));
    }
    return file;
}

std::string weights_file_beside(const std::string& spec_path) {
    const std::string path = join_path(folder_of(spec_path), stem_of(spec_path) + ".safetensors");
    return DiskFiles().exists(path) ? path : std::string();
}

std::optional<ModelWeights> load_weights(const Graph& graph, const std::string& spec_path, const WeightOptions& options,
                                         Diagnostics& diag) {
    const std::vector<Weight> weights = weights_of(graph);
    if (!options.file.empty()) return weights_from_file(graph, weights, options.file, options, diag);
    if (options.initialize) return initialized_weights(weights, *options.initialize);
    const std::string beside = weights_file_beside(spec_path);
    if (weights.empty()) {
        // Nothing to read: a network of pools and activations needs no file, and a file beside it belongs to another model.
        ModelWeights nothing;
        nothing.source = initialized_source({}, default_seed);
        nothing.description = "none needed";
        nothing.hash = hash_hex("");
        return nothing;
    }
    if (!beside.empty()) return weights_from_file(graph, weights, beside, options, diag);
    if (options.initialize_missing) {
        ModelWeights result = initialized_weights(weights, default_seed);
        diag.add(Severity::note, {}, {}, fmt::format("no weights for '{}': {}", graph.name, result.description));
        return result;
    }
    diag.error(Code::no_weights, {},
               "no weights: '{}' has {} weights, and there is no '{}.safetensors' beside the spec", graph.name,
               weights.size(), stem_of(spec_path))
        .hint = "name a file with --weights FILE, or ask for random ones with --initialize SEED";
    return std::nullopt;
}

}  // namespace halcyon
