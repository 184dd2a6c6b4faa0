#pragma once

#include <fmt/format.h>

#include <string>
#include <vector>

#include "graph/elaborate.h"
#include "support/check.h"
#include "syntax/parse.h"

/// One text elaborated as "net.hcn", beside the files given.
struct Elaborating {
    explicit Elaborating(const std::string& text, const halcyon::MemoryFiles& files = {},
                         const std::string& model = "") {
        const std::uint32_t file = sources.add("net.hcn", text);
        const auto tree = halcyon::parse(sources, file, diag);
        if (tree) graphs = halcyon::elaborate(*tree, sources, files, model, diag);
        for (const halcyon::Graph& graph : graphs) {
            if (!diag.has_errors()) halcyon::verify(graph);
        }
    }

    [[nodiscard]] std::string errors() const { return halcyon::render(diag, sources); }

    /// The only model; none is a failure of the test.
    [[nodiscard]] const halcyon::Graph& graph() const {
        CHECK_INTERNAL(graphs.size() == 1);
        return graphs[0];
    }

    halcyon::Sources sources;
    halcyon::Diagnostics diag;
    std::vector<halcyon::Graph> graphs;
};

/// "image conv2d conv2d_1": the names of the nodes in order.
inline std::string names(const halcyon::Graph& graph) {
    std::vector<std::string> result;
    for (const halcyon::Node& node : graph.nodes) result.push_back(node.name);
    return fmt::format("{}", fmt::join(result, " "));
}

/// "conv2d/kernel(3, 3, 3, 8) ..."
inline std::string weights(const halcyon::Graph& graph) {
    std::vector<std::string> result;
    for (const halcyon::Weight& weight : halcyon::weights_of(graph))
        result.push_back(weight.name + halcyon::to_text(weight.shape));
    return fmt::format("{}", fmt::join(result, " "));
}

/// The names of the outputs.
inline std::string outputs(const halcyon::Graph& graph) {
    std::vector<std::string> result;
    for (const halcyon::Graph::Output& output : graph.outputs) result.push_back(output.name);
    return fmt::format("{}", fmt::join(result, " "));
}

/// What a Python expression is, told through the name of a layer: the value of `expr` after `before`.
inline std::string value_of(const std::string& expr, const std::string& before = "") {
    const Elaborating e(before + "\ntext = str(" + expr +
                        ")\ndef net(x: float32[4, 6, 8]):\n    return ReLU(name=\"v:\" + text)(x)\n");
    if (e.graphs.size() != 1) return e.errors();
    return e.graph().nodes.back().name.substr(2);
}
