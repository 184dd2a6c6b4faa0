#include "backend/scratch_size.h"

#include <doctest/doctest.h>

#include "support/check.h"

using namespace halcyon;
using Halide::Func;
using Halide::Var;

namespace {

Halide::Module lowered(Func output) {
    const Halide::Target target("x86-64-linux-no_runtime-no_asserts-no_bounds_query-user_context");
    return Halide::Pipeline(output).compile_to_module({}, "kernel", target, Halide::LinkageType::External);
}

void set_width(Func f, int width) {
    f.output_buffer().dim(0).set_bounds(0, width).set_stride(1);
}

const Var x("x");

}  // namespace

TEST_CASE("a kernel without large buffers takes no scratch") {
    Func small("small"), output("output");
    small(x) = Halide::cast<float>(x);
    output(x) = small(x) + small(x + 1);
    small.compute_root();
    set_width(output, 100);
    CHECK(scratch_size(lowered(output), "kernel") == ScratchSize{0, 0});
}

TEST_CASE("a buffer counts with its header and rounded up") {
    Func large("large"), output("output");
    large(x) = Halide::cast<float>(x);
    output(x) = large(x) + large(x + 1);
    large.compute_root();
    set_width(output, 5000);
    CHECK(scratch_size(lowered(output), "kernel") == ScratchSize{(5001 * 4 + 63) / 64 * 64 + 64, 0});
}

TEST_CASE("a buffer that is freed below another keeps its place until that one is free too") {
    Func a("a"), b("b"), c("c"), output("output");
    a(x) = Halide::cast<float>(x);
    b(x) = a(x) + a(x + 1);
    c(x) = b(x) + b(x + 1);
    output(x) = c(x) + c(x + 1);
    a.compute_root();
    b.compute_root();
    c.compute_root();
    set_width(output, 4096);
    const auto block = [](std::int64_t elements) { return (elements * 4 + 63) / 64 * 64 + 64; };
    // a is free before c is made, but b lies above it.
    CHECK(scratch_size(lowered(output), "kernel") == ScratchSize{block(4099) + block(4098) + block(4097), 0});
}

TEST_CASE("what a parallel loop takes counts for every worker") {
    const Var y("y");
    Func large("large"), output("output");
    large(x, y) = Halide::cast<float>(x + y);
    output(x, y) = large(x, y) + large(x + 1, y);
    large.compute_at(output, y);
    output.parallel(y);
    set_width(output, 8191);
    output.output_buffer().dim(1).set_bounds(0, 3).set_stride(8191);
    CHECK(scratch_size(lowered(output), "kernel") == ScratchSize{8192 * 4 + 64, 8192 * 4 + 64});
}

TEST_CASE("a buffer without a constant size is a defect") {
    Func large("large"), output("output");
    large(x) = Halide::cast<float>(x);
    output(x) = large(x) + large(x + 1);
    large.compute_root();
    CHECK_THROWS_AS((void)scratch_size(lowered(output), "kernel"), InternalError);
}
