#include <doctest/doctest.h>

#include "kernels/kernel_harness.h"

using namespace halcyon;
using namespace halcyon::testing;

namespace {

constexpr const char* family = "strassen_conv";

Task task_of(const Shape& input, std::int64_t filters) {
    Task task = convolution_task(input, filters, square_window(1, 1, 0, 0));
    task.constants.push_back({filters});
    task.epilogue = max(ScalarExpr::input(0) + ScalarExpr::constant(1), 0.0);
    return task;
}

Task with_residual(Task task) {
    task.inputs.push_back(task.output);
    task.epilogue = task.epilogue + ScalarExpr::input(1);
    return task;
}

/// Every nth legal candidate, of a spread over all parameters.
void check_candidates(const Task& task, std::size_t count) {
    const Operands operands = random_operands(task, 1);
    const Array expected = reference_result(task, operands);
    const KernelFamily& kernels = *find_kernel_family(family);
    REQUIRE(kernels.matches(task, host()));
    const std::vector<Candidate> all = candidates(kernels, task, dense_layouts(task), host());
    REQUIRE(!all.empty());
    for (std::size_t i = 0; i < count; ++i) {
        const Candidate& candidate = all[i * (all.size() - 1) / count];
        CAPTURE(to_text(task));
        CAPTURE(to_text(candidate, task));
        CHECK(relative_error(CompiledCase(task, candidate).run(operands), expected) < 3e-6);
    }
}

}  // namespace

TEST_CASE("strassen_conv: rows that whole blocks cover, and that they do not") {
    check_candidates(task_of({1, 8, 8, 128}, 128), 6);
    check_candidates(task_of({1, 7, 7, 130}, 116), 6);
    check_candidates(task_of({3, 5, 11, 192}, 64), 6);
}

TEST_CASE("strassen_conv: the cheapest, at odd sizes") {
    for (const std::int64_t channels : {64, 66, 144, 336}) {
        for (const std::int64_t filters : {32, 61, 80, 119})
            check_kernel(family, task_of({1, 9, 13, channels}, filters));
    }
    check_kernel(family, dense_task({100, 256}, 96));
}

TEST_CASE("strassen_conv: a residual, beside the output and under it") {
    for (const std::int64_t width : {7, 8, 13}) {
        const Task task = with_residual(task_of({1, 7, width, 128}, 90));
        check_kernel(family, task);
        Candidate layouts = dense_layouts(task);
        layouts.in_place = 1;
        check_kernel(family, task, layouts);
    }
}

TEST_CASE("strassen_conv: channels with a gap, inside a concatenation") {
    const Task task = task_of({2, 5, 5, 128}, 64);
    Candidate layouts = dense_layouts(task);
    layouts.inputs[0].strides = {25 * 144, 5 * 144, 144, 1};
    layouts.output.strides = {25 * 100, 5 * 100, 100, 1};
    check_kernel(family, task, layouts);
}

TEST_CASE("strassen_conv: stored element types convert as they are read, with the prologue") {
    Task task = task_of({1, 6, 6, 64}, 32);
    task.inputs[0].element = ElementType::uint8;
    task.prologue = ScalarExpr::input(0) * (1.0 / 128) - 1.0;
    check_kernel(family, task);
}

TEST_CASE("strassen_conv: a kernel for several threads computes the same bits, whatever it shares out") {
    Task task = task_of({1, 28, 28, 256}, 256);
    const Operands operands = random_operands(task, 1);
    const KernelFamily& kernels = *find_kernel_family(family);
    for (const int order : {0, 1}) {
        for (const Candidate& candidate : candidates(kernels, task, dense_layouts(task), host())) {
            if (candidate.value("order") != order) continue;
            task.threads = 1;
            const Array serial = CompiledCase(task, candidate).run(operands);
            task.threads = 2;
            CHECK(relative_error(CompiledCase(task, candidate).run(operands), serial) == 0.0);
            break;
        }
    }
}

TEST_CASE("strassen_conv: few rows, channels or filters, and other windows, are other families'") {
    const KernelFamily& kernels = *find_kernel_family(family);
    CHECK(kernels.matches(task_of({1, 8, 8, 128}, 128), host()));
    CHECK_FALSE(kernels.matches(task_of({1, 2, 2, 128}, 128), host()));
    CHECK_FALSE(kernels.matches(task_of({1, 8, 8, 129}, 128), host()));
    CHECK_FALSE(kernels.matches(task_of({1, 8, 8, 8}, 128), host()));
    CHECK_FALSE(kernels.matches(task_of({1, 8, 8, 128}, 8), host()));
    CHECK_FALSE(kernels.matches(convolution_task({1, 8, 8, 128}, 128, square_window(3, 1, 1, 1)), host()));
    CHECK_FALSE(kernels.matches(convolution_task({1, 8, 8, 128}, 128, square_window(1, 2, 0, 0)), host()));
}

TEST_CASE("strassen_conv: errors stay within the bound that the choice of kernels goes by") {
    for (const std::int64_t channels : {64, 256, 1024}) {
        const Task task = convolution_task({1, 8, 8, channels}, 64, square_window(1, 1, 0, 0));
        const Operands operands = random_operands(task, 1);
        const Candidate candidate = cheapest(family, task, dense_layouts(task));
        const double error =
            relative_error(CompiledCase(task, candidate).run(operands), reference_result(task, operands));
        CAPTURE(error);
        CHECK(error <= find_kernel_family(family)->error_bound(task, candidate));
    }
}
