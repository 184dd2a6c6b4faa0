// Layers against what Keras computed: tests/data/keras/README.md says where the numbers come from. Of the cases that were
// taken from Keras's tests these are out of scope, since they need what no network of images does: layers for words and time
// (below, by name); weights of another kind, LoRA (Conv2D_031b622db3f3) or quantized (Dense_08a7e88c764c,
// Dense_5909882dc9e5, Dense_5bc73385e437, Dense_f691c36f5409, Functional_d6327a471b1d, and 12 sequences of one Dense or
// Embedding); models that compute in float16 and integers (Functional_f4ead3583142) or contain classes of their own
// (MyModel_bd47903e8190, Sequential_6b0ebc2aed01); and UpSampling2D by "lanczos3" (UpSampling2D_7137942644f8), which is
// refused by name.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <nlohmann/json.hpp>

#include "formats/tensor_file.h"
#include "graph/elaborate.h"
#include "graph/evaluate.h"
#include "syntax/parse.h"

using namespace halcyon;

namespace {

struct Elaborated {
    std::vector<Graph> graphs;
    std::string errors;
    std::string at;  ///< the text that the first error marks
};

Elaborated elaborated(const std::string& text) {
    Sources sources;
    Diagnostics diag;
    Elaborated result;
    const std::uint32_t file = sources.add("layer.hcn", text);
    if (const std::optional<ast::Module> module = parse(sources, file, diag)) {
        result.graphs = elaborate(*module, sources, MemoryFiles(), "", diag);
    }
    if (diag.has_errors()) result.errors = render(diag, sources);
    for (const Diagnostic& diagnostic : diag.all()) {
        if (diagnostic.severity != Severity::error) continue;
        result.at = text.substr(diagnostic.span.begin, diagnostic.span.end - diagnostic.span.begin);
        break;
    }
    return result;
}

std::string text_of(const std::filesystem::path& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

TensorFile opened(const std::filesystem::path& path) {
    Diagnostics diag;
    std::optional<TensorFile> file = TensorFile::open(path.string(), diag);
    REQUIRE(file.has_value());
    return std::move(*file);
}

Array array_of(const std::filesystem::path& path) {
    return to_array(opened(path).tensors().at(""));
}

/// Item `index` of a batch.
Array item(const Array& batch, std::int64_t index) {
    const Shape shape(batch.shape().begin() + 1, batch.shape().end());
    const std::int64_t size = element_count(shape);
    const auto begin = batch.values().begin() + index * size;
    return Array(shape, std::vector<double>(begin, begin + size));
}

std::vector<std::filesystem::path> case_folders() {
    std::vector<std::filesystem::path> folders;
    for (const auto& entry : std::filesystem::directory_iterator(HALCYON_TEST_DATA "/keras")) {
        if (entry.is_directory()) folders.push_back(entry.path());
    }
    std::sort(folders.begin(), folders.end());
    return folders;
}

/// The largest difference over the batch, as a share of the largest magnitude that Keras computed.
double difference_from_keras(const std::filesystem::path& folder) {
    const Elaborated model = elaborated(text_of(folder / "layer.hcn"));
    REQUIRE_MESSAGE(model.errors.empty(), model.errors);
    REQUIRE(model.graphs.size() == 1);
    const Graph& graph = model.graphs[0];
    verify(graph);

    std::map<std::string, Array> weights;
    if (std::filesystem::exists(folder / "layer.safetensors")) {
        const TensorFile file = opened(folder / "layer.safetensors");
        for (const auto& [name, tensor] : file.tensors()) weights.emplace(name, to_array(tensor));
    }
    std::vector<Array> inputs;
    for (std::size_t i = 0; i < graph.inputs.size(); ++i)
        inputs.push_back(array_of(folder / ("input_" + std::to_string(i) + ".npy")));
    const Array expected = array_of(folder / "output_0.npy");

    double largest = 0.0;
    double difference = 0.0;
    for (double value : expected.values()) largest = std::max(largest, std::abs(value));
    for (std::int64_t n = 0; n < expected.shape()[0]; ++n) {
        std::vector<Array> items;
        for (const Array& input : inputs) items.push_back(item(input, n));
        const std::vector<Array> values =
            evaluate(graph, [&](const std::string& name) { return weights.at(name); }, items);
        const Array& result = values[static_cast<std::size_t>(graph.outputs[0].node)];
        const Array keras = item(expected, n);
        REQUIRE(result.shape() == keras.shape());
        for (std::int64_t i = 0; i < keras.size(); ++i)
            difference = std::max(difference, std::abs(result[i] - keras[i]));
    }
    return largest > 0.0 ? difference / largest : difference;
}

}  // namespace

TEST_CASE("every layer computes what Keras computes") {
    const std::vector<std::filesystem::path> folders = case_folders();
    REQUIRE(folders.size() >= 150);
    for (const std::filesystem::path& folder : folders) {
        CAPTURE(folder.filename().string());
        CHECK(difference_from_keras(folder) <= 1e-5);
    }
}

TEST_CASE("what Keras refuses is refused, at the argument") {
    std::ifstream lines(HALCYON_TEST_DATA "/keras_invalid.jsonl");
    std::string line;
    int count = 0;
    while (std::getline(lines, line)) {
        const nlohmann::json refused = nlohmann::json::parse(line);
        CAPTURE(line);
        const Elaborated result = elaborated(refused.at("spec").get<std::string>());
        CAPTURE(result.errors);
        CHECK(result.at == refused.at("at").get<std::string>());
        ++count;
    }
    CHECK(count >= 54);
}

TEST_CASE("layers for words and time are not there, and said to be unknown by name") {
    for (const std::string name :
         {"Attention", "Embedding", "GRU", "LSTM", "Masking", "MultiHeadAttention", "SimpleRNN", "TimeDistributed"}) {
        CHECK(find_layer(name) == nullptr);
        const Elaborated result = elaborated("def f(x: float32[4, 5]):\n    return " + name + "(3)(x)\n");
        CHECK(result.at == name);
    }
}
