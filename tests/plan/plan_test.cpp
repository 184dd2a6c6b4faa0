#include "plan/plan.h"

#include <doctest/doctest.h>

#include "compile.h"
#include "graph/elaborating.h"

namespace halcyon::testing {
namespace {

/// The program of the only model in `spec`, through every stage before it.
Program program_of(const std::string& spec, std::int64_t batch = 1, int threads = 1) {
    Elaborating e(spec);
    REQUIRE(e.errors() == "");
    const MemoryFiles files;
    const CompileOptions options{.spec = "net.hcn", .target = "x86-64-v3", .batch = batch, .threads = threads};
    const auto model = plan_model(e.graph(), options, e.sources, files, e.diag);
    REQUIRE(e.errors() == "");
    return model->program;
}

std::string place_text(const Place& place, const Program& program) {
    switch (place.kind) {
    case Place::Kind::input:
        return fmt::format("{}+{}", program.inputs.at(static_cast<std::size_t>(place.door)).name, place.offset);
    case Place::Kind::output:
        return fmt::format("{}+{}", program.outputs.at(static_cast<std::size_t>(place.door)).name, place.offset);
    case Place::Kind::workspace: return fmt::format("w+{}", place.offset);
    case Place::Kind::constant: return "";
    case Place::Kind::item: return fmt::format("i+{}", place.offset);
    }
    return "";
}

/// One line per call: the layers that it computes, from where, to where. Families and constants are other tests' concern.
std::string calls(const Program& program) {
    std::string text;
    for (const KernelCall& call : program.calls) {
        std::vector<std::string> from;
        for (const Place& place : call.arguments)
            if (&place != &call.arguments.back() && place.kind != Place::Kind::constant)
                from.push_back(place_text(place, program));
        text += fmt::format("{}: {} -> {}\n", fmt::join(call.members, " "), fmt::join(from, " "),
                            place_text(call.arguments.back(), program));
    }
    return text;
}

}  // namespace

TEST_CASE("a chain goes to and fro between two places, from door to door") {
    const Program program = program_of("def net(x: float32[8, 8, 4]):\n"
                                       "    x = Conv2D(4, 3, padding=1)(x)\n"
                                       "    x = Conv2D(4, 3, padding=1)(x)\n"
                                       "    x = Conv2D(4, 3, padding=1)(x)\n"
                                       "    return Conv2D(4, 3, padding=1)(x)\n");
    CHECK(calls(program) == "conv2d: x+0 -> w+0\n"
                            "conv2d_1: w+0 -> w+1024\n"
                            "conv2d_2: w+1024 -> w+0\n"
                            "conv2d_3: w+0 -> output+0\n");
    CHECK(program.buffer_bytes == 2 * 8 * 8 * 4 * 4);
    CHECK(program.buffer_bytes_bound == program.buffer_bytes);
}

TEST_CASE("a residual is added over the shortcut, in its place") {
    const Program program = program_of("def net(x: float32[8, 8, 16]):\n"
                                       "    shortcut = Conv2D(16, 1)(x)\n"
                                       "    y = Conv2D(16, 3, padding=1)(shortcut)\n"
                                       "    y = Conv2D(16, 3, padding=1)(y) + shortcut\n"
                                       "    return Conv2D(4, 1)(y)\n");
    CHECK(calls(program) == "conv2d: x+0 -> w+0\n"
                            "conv2d_1: w+0 -> w+4096\n"
                            "conv2d_2 add: w+4096 w+0 -> w+0\n"
                            "conv2d_3: w+0 -> output+0\n");
    CHECK(program.buffer_bytes == 2 * 8 * 8 * 16 * 4);
}

TEST_CASE("a shortcut that is read later is not overwritten") {
    const Program program = program_of("def net(x: float32[8, 8, 16]):\n"
                                       "    shortcut = Conv2D(16, 1)(x)\n"
                                       "    y = Conv2D(16, 3, padding=1)(shortcut)\n"
                                       "    y = Conv2D(16, 3, padding=1)(y) + shortcut\n"
                                       "    return {\"first\": Conv2D(4, 1)(y), \"second\": Conv2D(4, 1)(shortcut)}\n");
    CHECK(calls(program) == "conv2d: x+0 -> w+0\n"
                            "conv2d_1: w+0 -> w+4096\n"
                            "conv2d_2 add: w+4096 w+0 -> w+8192\n"
                            "conv2d_3: w+8192 -> first+0\n"
                            "conv2d_4: w+0 -> second+0\n");
}

TEST_CASE("an input of the model is never written over") {
    const Program program = program_of("def net(x: float32[8, 8, 16]):\n"
                                       "    y = Conv2D(16, 3, padding=1)(x) + x\n"
                                       "    return Conv2D(4, 1)(y)\n");
    CHECK(calls(program) == "conv2d add: x+0 x+0 -> w+0\n"
                            "conv2d_1: w+0 -> output+0\n");
}

TEST_CASE("an activation is written over its operand, which others read before but none after") {
    const Program program =
        program_of("def net(x: float32[8, 8, 16]):\n"
                   "    a = Conv2D(16, 1)(x)\n"
                   "    b = MaxPooling2D(2)(a)\n"
                   "    t = Activation(\"tanh\")(a)\n"
                   "    return {\"b\": b, \"left\": Conv2D(4, 1)(t), \"right\": Conv2D(4, 1)(t)}\n");
    CHECK(calls(program) == "conv2d: x+0 -> w+0\n"
                            "max_pooling2d: w+0 -> b+0\n"
                            "activation: w+0 -> w+0\n"
                            "conv2d_1: w+0 -> left+0\n"
                            "conv2d_2: w+0 -> right+0\n");
}

TEST_CASE("the branches of a concatenation are computed side by side") {
    const Program program = program_of("def net(x: float32[4, 4, 8]):\n"
                                       "    left = Conv2D(16, 1)(x)\n"
                                       "    right = Conv2D(24, 3, padding=1)(x)\n"
                                       "    return Conv2D(4, 1)(Concatenate()([left, right]))\n");
    CHECK(calls(program) == "conv2d: x+0 -> w+0\n"
                            "conv2d_1: x+0 -> w+64\n"
                            "conv2d_2: w+0 -> output+0\n");
    CHECK(program.buffer_bytes == 4 * 4 * 40 * 4);
}

TEST_CASE("equal tasks share a kernel, and each call has its own constants") {
    const Program program = program_of("def net(x: float32[8, 8, 16]):\n"
                                       "    x = Conv2D(16, 3, padding=1, activation=\"relu\")(x)\n"
                                       "    x = Conv2D(16, 3, padding=1, activation=\"relu\")(x)\n"
                                       "    x = Conv2D(16, 3, padding=1, activation=\"tanh\")(x)\n"
                                       "    return x\n");
    REQUIRE(program.calls.size() == 3);
    CHECK(program.kernels.size() == 2);
    CHECK(program.calls[0].kernel == program.calls[1].kernel);
    CHECK(program.calls[1].kernel != program.calls[2].kernel);
    CHECK(program.constants.size() == 6);
    CHECK(program.calls[0].arguments[1] != program.calls[1].arguments[1]);
}

TEST_CASE("a layer called twice stores its weights once") {
    const Program program = program_of("def net(a: float32[8, 8, 16], b: float32[8, 8, 16]):\n"
                                       "    conv = Conv2D(16, 3)\n"
                                       "    return conv(a), conv(b)\n");
    REQUIRE(program.calls.size() == 2);
    CHECK(program.kernels.size() == 1);
    CHECK(program.constants.size() == 2);
    CHECK(program.calls[0].arguments[1] == program.calls[1].arguments[1]);
    CHECK(calls(program) == "conv2d: a+0 -> output+0\n"
                            "conv2d: b+0 -> output_1+0\n");
}

TEST_CASE("an output that is a view costs no call of its own") {
    const Program program = program_of("def net(x: float32[4, 4, 8]):\n"
                                       "    y = Conv2D(6, 1)(x)\n"
                                       "    return {\"flat\": Flatten()(y)}\n");
    CHECK(calls(program) == "conv2d: x+0 -> flat+0\n");
    CHECK(program.buffer_bytes == 0);
}

TEST_CASE("a value that is two outputs is computed once and copied once") {
    const Program program = program_of("def net(x: float32[4, 4, 8]):\n"
                                       "    y = Conv2D(6, 1)(x)\n"
                                       "    return {\"a\": y, \"b\": y}\n");
    CHECK(calls(program) == "conv2d: x+0 -> a+0\n"
                            ": a+0 -> b+0\n");
}

TEST_CASE("values and tasks of a batch hold all its items, doors tell of one") {
    const Program program = program_of("def net(x: float32[4, 4, 8]):\n"
                                       "    x = Conv2D(16, 1)(x)\n"
                                       "    return Conv2D(4, 1)(x)\n",
                                       3);
    CHECK(program.batch == 3);
    CHECK(program.buffer_bytes == 3 * 4 * 4 * 16 * 4);
    CHECK(program.inputs.at(0).type == TensorType{ElementType::float32, {4, 4, 8}});
    CHECK(program.kernels.at(0).task.output.shape == Shape{3, 4, 4, 16});
}

TEST_CASE("what leaves the cache with all items is computed item by item, a dense layer for all of them") {
    const Program program = program_of("def net(x: float32[64, 64, 16]):\n"
                                       "    x = Conv2D(16, 3, padding=1)(x)\n"
                                       "    x = Conv2D(16, 3, padding=1)(x)\n"
                                       "    x = AveragePooling2D(16)(x)\n"
                                       "    return Dense(100)(Flatten()(x))\n",
                                       4);
    REQUIRE(program.item_calls == 3);
    CHECK(calls(program) == "conv2d: x+0 -> i+0\n"
                            "conv2d_1: i+0 -> i+262144\n"
                            "average_pooling2d: i+262144 -> w+0\n"
                            "dense: w+0 -> output+0\n");
    const auto step = [&](std::size_t call, bool of_result) {
        const std::vector<Place>& arguments = program.calls[call].arguments;
        return (of_result ? arguments.back() : arguments.front()).item_bytes;
    };
    CHECK(step(0, false) == 64 * 64 * 16 * 4);
    CHECK(step(0, true) == 0);
    CHECK(step(2, false) == 0);
    CHECK(step(2, true) == 4 * 4 * 16 * 4);
    CHECK(step(3, false) == 0);
    CHECK(program.kernels[0].task.output.shape == Shape{1, 64, 64, 16});
    CHECK(program.kernels.back().task.output.shape == Shape{4, 100});
    // Between the convolutions there is one item, for the dense layer all.
    CHECK(program.item_buffer_bytes == 2 * 262144);
    CHECK(program.buffer_bytes == 4 * 1024);
    CHECK_FALSE(program.items_in_parallel);
}

TEST_CASE("threads share out items that leave none of them idle for long, otherwise the work in each kernel") {
    const auto with = [](std::int64_t batch, int threads) {
        return program_of("def net(x: float32[64, 64, 16]):\n"
                          "    return Conv2D(16, 3, padding=1)(Conv2D(16, 3, padding=1)(x))\n",
                          batch, threads);
    };
    CHECK(with(8, 2).items_in_parallel);
    CHECK(with(8, 2).kernels[0].task.threads == 1);
    CHECK(with(8, 3).items_in_parallel);
    CHECK_FALSE(with(5, 4).items_in_parallel);
    CHECK_FALSE(with(8, 1).items_in_parallel);
    CHECK(with(5, 4).kernels[0].task.threads == 4);
}

TEST_CASE("a batch that stays in the cache is computed at once") {
    const Program program = program_of("def net(x: float32[8, 8, 16]):\n"
                                       "    return Conv2D(16, 3, padding=1)(Conv2D(16, 3, padding=1)(x))\n",
                                       4);
    CHECK(program.item_calls == 0);
    CHECK(program.kernels[0].task.output.shape == Shape{4, 8, 8, 16});
}

TEST_CASE("a batch with too many elements is reported where the tensor is made") {
    Elaborating e("def net(x: float32[1024, 1024, 3]):\n"
                  "    return Conv2D(64, 1)(x)\n");
    const CompileOptions options{.spec = "net.hcn", .target = "x86-64-v3", .batch = 64};
    CHECK_FALSE(plan_model(e.graph(), options, e.sources, MemoryFiles{}, e.diag).has_value());
    CHECK(e.errors() ==
          "net.hcn:2:12: error[E0604]: with a batch of 64 this tensor has 64 x (1024, 1024, 64) elements; at most "
          "2147483647 are possible\n"
          "    return Conv2D(64, 1)(x)\n"
          "           ^~~~~~~~~~~~~~~~\n");
}

}  // namespace halcyon::testing
