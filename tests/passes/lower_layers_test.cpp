#include "passes/lower_layers.h"

#include <doctest/doctest.h>

#include "graph/elaborate.h"
#include "passes/absorb_padding.h"
#include "passes/cancel_views.h"
#include "passes/fold_affine.h"
#include "passes/fuse_epilogues.h"
#include "passes/fuse_pooling.h"
#include "passes/fuse_prologues.h"
#include "passes/order_pooling.h"
#include "syntax/parse.h"

namespace halcyon {
namespace {

/// The one model of a spec.
Graph graph_of(const std::string& spec) {
    Sources sources;
    Diagnostics diag;
    const std::optional<ast::Module> module = parse(sources, sources.add("model.hcn", spec), diag);
    REQUIRE_MESSAGE(module.has_value(), render(diag, sources));
    std::vector<Graph> graphs = elaborate(*module, sources, MemoryFiles(), "", diag);
    REQUIRE_MESSAGE(!diag.has_errors(), render(diag, sources));
    REQUIRE(graphs.size() == 1);
    return std::move(graphs[0]);
}

Graph lowered(const std::string& spec) {
    Graph graph = lower_layers(graph_of(spec));
    verify(graph);
    return graph;
}

/// After every pass, as the compiler calls them.
Graph optimized(const std::string& spec) {
    Graph graph = lowered(spec);
    for (const auto pass :
         {cancel_views, absorb_padding, fold_affine, order_pooling, fuse_epilogues, fuse_pooling, fuse_prologues}) {
        graph = pass(std::move(graph));
        verify(graph);
    }
    return graph;
}

}  // namespace

TEST_CASE("layers become operations, and identities vanish") {
    CHECK(to_text(lowered("def m(x: float32[8, 8, 3]):\n"
                          "    x = Conv2D(4, 3, activation='relu')(x)\n"
                          "    x = Dropout(0.5)(x)\n"
                          "    x = Flatten()(x)\n"
                          "    return Dense(2)(x)\n")) ==
          "graph m\n"
          "%0 x: input() -> float32[8, 8, 3]\n"
          "%1 conv2d: convolution window 3x3 stride 1x1 dilation 1x1 before 0,0 after 0,0 epilogue max(x + b, 0) "
          "[conv2d/kernel, conv2d/bias](%0) -> float32[6, 6, 4]\n"
          "%2 flatten: reshape(%1) -> float32[144]\n"
          "%3 dense: dense epilogue x + b [dense/kernel, dense/bias](%2) -> float32[2]\n"
          "return output = %3\n");
}

TEST_CASE("a channels_first network reads its door turned and computes channels last") {
    const Graph graph = optimized("def m(x: float32[3, 8, 8]):\n"
                                  "    x = Conv2D(4, 3, padding='same', data_format='channels_first')(x)\n"
                                  "    x = BatchNormalization(axis=1)(x)\n"
                                  "    x = ReLU()(x)\n"
                                  "    x = MaxPooling2D(2, data_format='channels_first')(x)\n"
                                  "    x = Flatten()(x)\n"
                                  "    return Dense(2)(x)\n");
    std::vector<Op> operations;
    for (const Node& node : graph.nodes) operations.push_back(node.operation.op);
    CHECK(operations == std::vector{Op::input, Op::transpose, Op::convolution, Op::reshape, Op::dense});
    CHECK(to_text(graph.nodes[1].type.shape) == "(8, 8, 3)");
    CHECK(to_text(graph.nodes[2].epilogue) == "max(x + b, 0)");
    CHECK(to_text(graph.nodes[2].type.shape) == "(4, 4, 4)");
    CHECK(graph.nodes[4].constants[0].text() ==
          "reshape(transpose(reshape(dense/kernel, (4, 4, 4, 2)), (1, 2, 0, 3)), (64, 2))");
}

TEST_CASE("every value of the spec that is still computed says which it is, and in which order of axes") {
    const Graph graph = lowered("def m(x: float32[3, 8, 8]):\n"
                                "    return Conv2D(4, 3, data_format='channels_first')(x)\n");
    REQUIRE(graph.nodes.size() == 4);
    CHECK(graph.nodes[2].origin.node == 1);
    CHECK(graph.nodes[2].origin.axes == std::vector<int>{1, 2, 0});
    CHECK(graph.nodes[3].origin.node == 1);
    CHECK(graph.nodes[3].origin.axes.empty());
}

TEST_CASE("a view of a door of bytes shows bytes") {
    const Graph graph = lowered("def m(x: uint8[8, 8]):\n"
                                "    return Conv2D(4, 3)(Reshape((8, 8, 1))(x))\n");
    REQUIRE(graph.nodes.size() == 3);
    CHECK(graph.nodes[1].operation.op == Op::reshape);
    CHECK(graph.nodes[1].type.element == ElementType::uint8);
    CHECK(graph.nodes[2].type.element == ElementType::float32);
}

TEST_CASE("a residual block of a network is two kernels") {
    const Graph graph = optimized("def m(x: float32[8, 8, 4]):\n"
                                  "    y = Conv2D(4, 3, padding='same', use_bias=False)(x)\n"
                                  "    y = ReLU()(BatchNormalization()(y))\n"
                                  "    y = Conv2D(4, 3, padding='same', use_bias=False)(y)\n"
                                  "    return ReLU()(BatchNormalization()(y) + x)\n");
    REQUIRE(graph.nodes.size() == 3);
    CHECK(to_text(graph.nodes[1].epilogue) == "max(x + b, 0)");
    CHECK(to_text(graph.nodes[2].epilogue) == "max(x + b + y, 0)");
    CHECK(graph.nodes[2].members == std::vector<std::string>{"conv2d_1", "batch_normalization_1", "add", "re_lu_1"});
}

}  // namespace halcyon
