#include "report/network_view.h"

#include <doctest/doctest.h>

#include "compile.h"
#include "graph/elaborating.h"

namespace halcyon::testing {
namespace {

struct Viewed {
    CompiledModel model;
    NetworkView view;
};

Viewed view_of(const std::string& spec, std::int64_t batch = 1) {
    Elaborating e(spec);
    REQUIRE(e.errors() == "");
    const MemoryFiles files;
    const CompileOptions options{.spec = "net.hcn", .target = "x86-64-v3", .batch = batch};
    auto model = plan_model(e.graph(), options, e.sources, files, e.diag);
    REQUIRE(e.errors() == "");
    NetworkView view = view_network(model->graph, model->program);
    return {std::move(*model), std::move(view)};
}

std::string text_of(const NetworkView& view) {
    std::string text;
    for (const NetworkBox& box : view.boxes) {
        static constexpr const char* kinds[] = {"input", "kernel", "view", "output"};
        text += fmt::format("{} {} {} {}\n", kinds[static_cast<int>(box.kind)], box.name, box.value, box.call);
    }
    for (const Sketch::Arrow& arrow : view.arrows)
        text += fmt::format("{} -> {}\n", view.boxes[static_cast<std::size_t>(arrow.from)].name,
                            view.boxes[static_cast<std::size_t>(arrow.to)].name);
    return text;
}

std::string values_text(const NetworkView& view) {
    std::string text;
    for (const WorkspaceValue& value : view.values)
        text +=
            fmt::format("{}: {} at {}, {} to {}\n", value.layer, value.bytes, value.offset, value.first, value.last);
    return text;
}

const char* const branches = "def net(x: float32[8, 8, 4]):\n"
                             "    a = Conv2D(8, 3, padding=1, activation=\"relu\", name=\"a\")(x)\n"
                             "    b = MaxPooling2D(3, 1, padding=\"same\", name=\"b\")(a)\n"
                             "    c = Conv2D(8, 1, name=\"c\")(a)\n"
                             "    d = Concatenate(name=\"d\")([b, c])\n"
                             "    return {\"y\": Conv2D(4, 1, name=\"e\")(d)}\n";

}  // namespace

TEST_CASE("kernel calls, doors and views are boxes, and arrows tell what reads what") {
    CHECK(text_of(view_of(branches).view) == "input x float32[8, 8, 4] -1\n"
                                             "kernel a float32[8, 8, 8] 0\n"
                                             "kernel b float32[8, 8, 8] 1\n"
                                             "kernel c float32[8, 8, 8] 2\n"
                                             "view d float32[8, 8, 16] -1\n"
                                             "kernel e float32[8, 8, 4] 3\n"
                                             "output y float32[8, 8, 4] -1\n"
                                             "x -> a\na -> b\na -> c\nb -> d\nc -> d\nd -> e\ne -> y\n");
}

TEST_CASE("a box names all layers that its kernel computes, and where they are written") {
    const Viewed viewed = view_of("def net(x: float32[8, 8, 4]):\n"
                                  "    x = Conv2D(8, 3, use_bias=False)(x)\n"
                                  "    x = BatchNormalization()(x)\n"
                                  "    return ReLU()(x)\n");
    const NetworkBox& box = viewed.view.boxes.at(1);
    CHECK(fmt::format("{}", fmt::join(box.members, " ")) == "conv2d batch_normalization re_lu");
    CHECK(box.span.known());
}

TEST_CASE("what is concatenated is one value, from its first writer to its last reader") {
    CHECK(values_text(view_of(branches).view) == "a: 2048 at 4096, 0 to 2\n"
                                                 "d: 4096 at 0, 1 to 3\n");
}

TEST_CASE("a value that only views show later lives until these are read") {
    const Viewed viewed = view_of("def net(x: float32[8, 8, 4]):\n"
                                  "    x = MaxPooling2D(2, name=\"pool\")(x)\n"
                                  "    x = Flatten()(x)\n"
                                  "    return Dense(3)(x)\n");
    CHECK(values_text(viewed.view) == "pool: 256 at 0, 0 to 1\n");
}

TEST_CASE("the bytes in use reach what the plan takes, and a result in place counts once") {
    const Viewed viewed = view_of("def net(x: float32[16, 16, 8]):\n"
                                  "    x = Conv2D(8, 3, padding=1)(x)\n"
                                  "    y = Conv2D(8, 3, padding=1)(x)\n"
                                  "    x = Add()([x, Conv2D(8, 3, padding=1)(y)])\n"
                                  "    return Conv2D(8, 3, padding=1)(x)\n");
    const std::vector<std::int64_t> in_use = bytes_in_use(viewed.view.values, viewed.model.program.calls.size());
    REQUIRE(in_use.size() == viewed.model.program.calls.size());
    CHECK(*std::max_element(in_use.begin(), in_use.end()) == viewed.model.program.buffer_bytes_bound);
    CHECK(viewed.model.program.buffer_bytes == viewed.model.program.buffer_bytes_bound);
}

TEST_CASE("bytes that two values share are counted once") {
    const std::vector<WorkspaceValue> values{{"a", 0, 100, 0, 1}, {"b", 50, 100, 1, 2}};
    CHECK(bytes_in_use(values, 4) == std::vector<std::int64_t>{100, 150, 100, 0});
}

}  // namespace halcyon::testing
