#include "kernels/common/fetch_ahead.h"

#include <doctest/doctest.h>

#include <map>
#include <optional>
#include <set>
#include <string>

#include <Halide.h>

#include "kernels/common/built_kernel.h"
#include "kernels/kernel_family.h"
#include "kernels/kernel_harness.h"

using namespace halcyon;
using namespace halcyon::testing;

namespace {

namespace ir = Halide::Internal;
constexpr std::int64_t line_floats = 16;

/// Walks through a lowered kernel, loop by loop and iteration by iteration, and notes in which order it reads a parameter's
/// lines and fetches them.
class Walk : public ir::IRVisitor {
public:
    explicit Walk(std::string parameter) : parameter_(std::move(parameter)) {}
    std::set<std::int64_t> read, fetched, late;  ///< lines; late: read for the first time without having been fetched
    int fetches = 0;

protected:
    using IRVisitor::visit;

    void visit(const ir::For* loop) override {
        const auto min = known(loop->min);
        const auto extent = known(loop->extent);
        REQUIRE((min && extent));
        for (std::int64_t i = 0; i < *extent; ++i) {
            values_[loop->name] = static_cast<int>(*min + i);
            loop->body.accept(this);
        }
    }
    void visit(const ir::LetStmt* let) override {
        let->value.accept(this);
        if (const auto value = known(let->value)) values_[let->name] = static_cast<int>(*value);
        let->body.accept(this);
    }
    void visit(const ir::Let* let) override {
        let->value.accept(this);
        if (const auto value = known(let->value)) values_[let->name] = static_cast<int>(*value);
        let->body.accept(this);
    }
    void visit(const ir::Load* load) override {
        if (load->name == parameter_) {
            const ir::Ramp* ramp = load->index.as<ir::Ramp>();
            const auto first = known(ramp != nullptr ? ramp->base : load->index);
            REQUIRE(first);
            const std::int64_t line = *first / line_floats;
            if (read.insert(line).second && fetched.count(line) == 0) late.insert(line);
        }
        IRVisitor::visit(load);
    }
    void visit(const ir::Call* call) override {
        if (call->is_intrinsic(ir::Call::prefetch)) {
            const auto first = known(call->args.at(1));
            REQUIRE(first);
            fetched.insert(*first / line_floats);
            ++fetches;
        }
        IRVisitor::visit(call);
    }

private:
    [[nodiscard]] std::optional<std::int64_t> known(const Halide::Expr& value) const {
        const auto constant = ir::as_const_int(ir::simplify(ir::substitute(values_, value)));
        return constant ? std::optional<std::int64_t>(*constant) : std::nullopt;
    }

    std::string parameter_;
    std::map<std::string, Halide::Expr> values_;
};

TargetInfo avx512() {
    std::string why;
    return find_target("x86-64-v4", why).value();
}

Candidate with(const Task& task, std::string family, std::vector<Parameter> parameters) {
    Candidate candidate = dense_layouts(task);
    candidate.family = std::move(family);
    candidate.parameters = std::move(parameters);
    return candidate;
}

/// The walk through the kernel's lowered statement.
Walk walked(const Task& task, const Candidate& candidate) {
    const KernelFamily& family = *find_kernel_family(candidate.family);
    REQUIRE(family.legal(task, candidate, avx512()));
    const BuiltKernel kernel = family.build(task, candidate, avx512());
    REQUIRE_FALSE(kernel.streamed.empty());
    Halide::Pipeline pipeline(kernel.output);
    fetch_ahead(pipeline, kernel.streamed);
    const Halide::Module module = pipeline.compile_to_module(kernel.arguments, "kernel",
                                                             Halide::Target(avx512().halide)
                                                                 .with_feature(Halide::Target::NoRuntime)
                                                                 .with_feature(Halide::Target::NoAsserts)
                                                                 .with_feature(Halide::Target::NoBoundsQuery),
                                                             Halide::LinkageType::External);
    Walk walk(kernel.streamed);
    for (const ir::LoweredFunc& function : module.functions()) function.body.accept(&walk);
    return walk;
}

/// Only the first chunk came late, and nothing was fetched more often than the weights were passed over, but for what fills a
/// step's share up to a line.
void check_chunks(const Walk& walk, int chunk_lines, int chunks, int passes = 1) {
    CHECK(walk.read.size() == static_cast<std::size_t>(chunk_lines * chunks));
    CHECK(walk.late.size() == static_cast<std::size_t>(chunk_lines));
    CHECK(*walk.late.rbegin() == chunk_lines - 1);
    CHECK(walk.fetches <= chunk_lines * chunks * passes * 5 / 4);
}

/// All but the first 8 KiB came early.
void check_stream(const Walk& walk, int lines) {
    CHECK(walk.read.size() == static_cast<std::size_t>(lines));
    CHECK(walk.late.size() == 8192 / 64);
    CHECK(*walk.late.rbegin() == 8192 / 64 - 1);
    CHECK(walk.fetches == lines);
}

Candidate tiled(const Task& task, const std::string& family, std::vector<int> tile, int rows, int order) {
    return with(task, family,
                {{"tile", std::move(tile)}, {"rows", {rows}}, {"order", {order}}, {"copy", {0}}, {"vector", {16}}});
}

}  // namespace

TEST_CASE("fetch_ahead: while tiles pass over a block of filters the next block's weights are fetched") {
    const Task task = convolution_task({1, 4, 8, 72}, 96, square_window(1, 1, 0, 0));
    check_chunks(walked(task, tiled(task, "pointwise_conv", {8, 2}, 1, 0)), 72 * 2, 3);
    check_chunks(walked(task, tiled(task, "direct_conv", {4, 3}, 2, 0)), 72 * 3, 2);
}

TEST_CASE("fetch_ahead: a sum in pieces, and one over a window, are one chunk") {
    const Task deep = convolution_task({1, 4, 8, 640}, 64, square_window(1, 1, 0, 0));
    check_chunks(walked(deep, tiled(deep, "pointwise_conv", {8, 2}, 1, 0)), 640 * 2, 2);
    const Task wide = convolution_task({1, 6, 10, 64}, 64, square_window(3, 1, 0, 0));
    check_chunks(walked(wide, tiled(wide, "direct_conv", {8, 2}, 1, 0)), 9 * 64 * 2, 2);
}

TEST_CASE("fetch_ahead: planes of Winograd's and of Strassen's products in both orders, one block after the other") {
    for (const int order : {0, 1}) {
        CAPTURE(order);
        const Task window = convolution_task({1, 8, 16, 64}, 64, square_window(3, 1, 1, 1));
        const Candidate winograd =
            with(window, "winograd_conv",
                 {{"output", {2}}, {"tile", {4, 2}}, {"rows", {2}}, {"order", {order}}, {"vector", {16}}});
        check_chunks(walked(window, winograd), 64 * 2, 16 * 2, 2);
        const Task rows = convolution_task({1, 4, 8, 64}, 64, square_window(1, 1, 0, 0));
        const Candidate strassen =
            with(rows, "strassen_conv", {{"tile", {4, 1}}, {"pairs", {2}}, {"order", {order}}, {"vector", {16}}});
        check_chunks(walked(rows, strassen), 32, 7 * 2, 2);
    }
}

TEST_CASE("fetch_ahead: what is read once is fetched a fixed distance ahead") {
    const Task row = dense_task({1, 300}, 64);
    check_stream(walked(row, with(row, "dense", {{"vectors", {2}}, {"vector", {16}}})), 300 * 4);
    const Task pixel = convolution_task({1, 1, 8, 512}, 64, square_window(1, 1, 0, 0));
    check_stream(walked(pixel, tiled(pixel, "pointwise_conv", {8, 2}, 1, 0)), 512 * 4);
}

TEST_CASE("fetch_ahead: what stays in the first cache as a whole is not fetched") {
    const Task small = convolution_task({1, 4, 8, 40}, 96, square_window(1, 1, 0, 0));
    CHECK(walked(small, tiled(small, "pointwise_conv", {8, 2}, 1, 0)).fetches == 0);
    const Task large = convolution_task({1, 1, 8, 512}, 32, square_window(1, 1, 0, 0));
    check_stream(walked(large, tiled(large, "pointwise_conv", {8, 2}, 1, 0)), 512 * 2);
}
