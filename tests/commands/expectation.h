#pragma once

#include <doctest/doctest.h>

#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "commands/common/compare_expected.h"
#include "graph/elaborate.h"
#include "syntax/parse.h"

namespace halcyon {

/// A network of tests/data/why with the weights and activations that Keras has for it. A test changes what it likes, then
/// compares.
struct Expectation {
    explicit Expectation(const std::string& network)
        : weights_file(open(network + "_weights.npz")), file(open(network + "_activations.npz")),
          expected(file.tensors()) {
        std::ostringstream text;
        text << std::ifstream(std::string(HALCYON_TEST_DATA) + "/why/" + network + ".hcn").rdbuf();
        spec = text.str();
        for (const auto& [name, tensor] : weights_file.tensors()) weights.emplace(name, to_array(tensor));
        REQUIRE(spec.size() > 0);
    }

    static TensorFile open(const std::string& name) {
        Diagnostics diag;
        auto opened = TensorFile::open(std::string(HALCYON_TEST_DATA) + "/why/" + name, diag);
        REQUIRE(opened.has_value());
        return std::move(*opened);
    }

    /// Replaces a part of the spec that stands there once.
    void replace(const std::string& from, const std::string& to) {
        const std::size_t at = spec.find(from);
        REQUIRE_MESSAGE(at != std::string::npos, from);
        REQUIRE_MESSAGE(spec.find(from, at + 1) == std::string::npos, from);
        spec.replace(at, from.size(), to);
    }

    /// What the model is given: the file's own arrays of the doors' names, then `change_input`.
    [[nodiscard]] std::vector<Array> inputs(std::size_t item) const {
        std::vector<Array> result;
        for (NodeId door : graph().inputs) {
            const Node& node = graph().nodes[static_cast<std::size_t>(door)];
            const StoredTensor& tensor = file.tensors().at(node.name);
            const std::size_t bytes = tensor.bytes.size() / static_cast<std::size_t>(tensor.shape[0]);
            const Array array = to_array({tensor.type, node.type.shape, tensor.bytes.substr(item * bytes, bytes)});
            result.push_back(change_input ? change_input(array) : array);
        }
        return result;
    }

    [[nodiscard]] const Graph& graph() const {
        if (graphs.empty()) {
            Diagnostics diag;
            const auto module = parse(sources, sources.add("net.hcn", spec), diag);
            if (module) graphs = elaborate(*module, sources, MemoryFiles(), "", diag);
            REQUIRE_MESSAGE(!diag.has_errors(), render(diag, sources));
            REQUIRE(graphs.size() == 1);
        }
        return graphs[0];
    }

    [[nodiscard]] const std::string& name_of(NodeId node) const {
        return graph().nodes[static_cast<std::size_t>(node)].name;
    }

    /// Compares all items, as `check` does.
    std::optional<ExpectedComparison::Difference> compare(double limit = 1e-4) {
        comparison.emplace(graph(), source, expected);
        for (std::size_t item = 0; item < comparison->items(); ++item)
            comparison->add_item(item, evaluate(graph(), source, inputs(item)));
        return comparison->first_difference(limit, [this](std::size_t item) { return inputs(item); });
    }

    std::string spec;
    std::map<std::string, Array> weights;
    std::function<Array(const Array&)> change_input;
    TensorFile weights_file, file;
    std::map<std::string, StoredTensor> expected;
    std::optional<ExpectedComparison> comparison;
    WeightSource source = [this](const std::string& name) { return weights.at(name); };

private:
    mutable Sources sources;
    mutable std::vector<Graph> graphs;
};

}  // namespace halcyon
