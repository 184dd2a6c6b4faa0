#include <doctest/doctest.h>

#include "kernels/kernel_harness.h"

using namespace halcyon;
using namespace halcyon::testing;

namespace {

constexpr const char* family = "direct_conv";

/// Bias and ReLU, as most layers have them.
Task with_bias_and_relu(Task task) {
    task.constants.push_back({task.output.shape.back()});
    task.epilogue = max(ScalarExpr::input(0) + ScalarExpr::constant(1), 0.0);
    return task;
}

Task with_residual(Task task) {
    task.inputs.push_back(task.output);
    task.epilogue = ScalarExpr::input(0) + ScalarExpr::input(1);
    return task;
}

}  // namespace

TEST_CASE("direct_conv: odd numbers of channels and filters") {
    for (const std::int64_t channels : {1, 2, 3, 5, 17}) {
        for (const std::int64_t filters : {1, 2, 3, 6, 10, 17, 33}) {
            check_kernel(family,
                         with_bias_and_relu(convolution_task({1, 7, 9, channels}, filters, square_window(3, 1, 1, 1))));
        }
    }
}

TEST_CASE("direct_conv: strides of 1 to 3, windows that are even, wide, or as large as the image") {
    for (const std::int64_t stride : {1, 2, 3}) {
        check_kernel(family, convolution_task({1, 11, 13, 4}, 16, square_window(4, stride, 1, 2)));
        check_kernel(family, convolution_task({1, 11, 13, 4}, 16, square_window(2, stride, 0, 0)));
        check_kernel(family, convolution_task({1, 5, 5, 4}, 16, square_window(5, stride, 0, 0)));
        check_kernel(family, convolution_task({1, 9, 40, 3}, 8, {{1, 7}, {stride, 1}, {1, 1}, {0, 3}, {0, 3}}));
    }
}

TEST_CASE("direct_conv: dilation and padding that differs on each side") {
    check_kernel(family, convolution_task({1, 12, 10, 6}, 16, {{3, 3}, {1, 1}, {2, 3}, {0, 5}, {3, 1}}));
    check_kernel(family, convolution_task({1, 12, 10, 6}, 16, {{3, 3}, {2, 1}, {1, 2}, {2, 0}, {0, 4}}));
}

TEST_CASE("direct_conv: padding beyond the window's size") {
    check_kernel(family, convolution_task({1, 3, 4, 2}, 5, square_window(2, 1, 4, 3)));
}

TEST_CASE("direct_conv: images of one pixel, one row and one column") {
    check_kernel(family, convolution_task({1, 1, 1, 8}, 24, square_window(3, 1, 1, 1)));
    check_kernel(family, convolution_task({1, 1, 19, 8}, 24, square_window(3, 1, 1, 1)));
    check_kernel(family, convolution_task({1, 19, 1, 8}, 24, square_window(3, 1, 1, 1)));
}

TEST_CASE("direct_conv: the largest of each block of results, with rows and columns that make none") {
    for (const std::vector<std::int64_t>& block : std::vector<std::vector<std::int64_t>>{{2, 2}, {1, 2}, {2, 1}}) {
        check_kernel(family, with_bias_and_relu(
                                 pooled_task(convolution_task({2, 7, 9, 3}, 20, square_window(3, 1, 1, 1)), block)));
        check_kernel(family, pooled_task(convolution_task({1, 12, 15, 5}, 6, square_window(5, 1, 0, 0)), block));
        check_kernel(family, pooled_task(convolution_task({1, 9, 9, 17}, 33, square_window(3, 2, 0, 1)), block));
    }
    check_kernel(family, pooled_task(convolution_task({1, 21, 4}, 12, {{5}, {1}, {1}, {2}, {2}}), {2}));
    check_kernel(family,
                 with_residual(pooled_task(convolution_task({1, 8, 8, 4}, 16, square_window(3, 1, 1, 1)), {2, 2})));
    check_all_candidates(
        family, with_bias_and_relu(pooled_task(convolution_task({1, 6, 9, 3}, 20, square_window(3, 1, 1, 1)), {2, 2})),
        5);
}

TEST_CASE("direct_conv: groups") {
    check_kernel(family, convolution_task({1, 6, 7, 12}, 8, square_window(3, 1, 1, 1), 4));
    check_kernel(family, convolution_task({1, 6, 7, 6}, 9, square_window(3, 1, 1, 1), 3));
    check_kernel(family, convolution_task({1, 6, 7, 64}, 64, square_window(3, 1, 1, 1), 2));
    check_kernel(family, convolution_task({1, 6, 7, 5}, 5, square_window(3, 1, 1, 1), 5));
}

TEST_CASE("direct_conv: a batch") {
    check_kernel(family, with_bias_and_relu(convolution_task({3, 5, 6, 3}, 20, square_window(3, 2, 0, 1))));
}

TEST_CASE("direct_conv: one and three spatial axes") {
    check_kernel(family, convolution_task({2, 23, 5}, 12, {{5}, {2}, {1}, {2}, {2}}));
    check_kernel(family, convolution_task({1, 23, 5}, 12, {{3}, {1}, {4}, {0}, {0}}));
    check_kernel(family,
                 convolution_task({2, 4, 5, 6, 3}, 12, {{3, 2, 3}, {1, 2, 1}, {1, 1, 1}, {1, 0, 1}, {1, 1, 1}}));
}

TEST_CASE("direct_conv: doors seen channels first, from below, and with gaps") {
    const Task task = with_bias_and_relu(convolution_task({2, 7, 9, 3}, 20, square_window(3, 1, 1, 1)));
    Candidate layouts = dense_layouts(task);
    layouts.inputs[0] = layout_in_order(task.inputs[0].shape, {0, 3, 1, 2});
    check_kernel(family, task, layouts);
    layouts.output = layout_in_order(task.output.shape, {0, 3, 1, 2});
    check_kernel(family, task, layouts);

    // Channels reversed (BGR), rows upside down, a gap after every pixel.
    layouts.inputs[0].strides = {7 * 9 * 5, -9 * 5, 5, -1};
    layouts.output.strides = {7 * 9 * 24, 9 * 24, 24, 1};
    check_kernel(family, task, layouts);
}

TEST_CASE("direct_conv: stored element types convert as they are read, and the prologue comes before the padding") {
    for (const ElementType element :
         {ElementType::uint8, ElementType::int8, ElementType::float16, ElementType::bfloat16}) {
        Task task = convolution_task({1, 8, 18, 3}, 10, square_window(3, 2, 0, 1));
        task.inputs[0].element = element;
        task.prologue = ScalarExpr::input(0) * (1.0 / 128) - 1.0;
        check_kernel(family, task);
    }
}

TEST_CASE("direct_conv: an output of half precision, and one of integers") {
    Task task = convolution_task({1, 5, 6, 2}, 20, square_window(1, 1, 0, 0));
    task.epilogue = select(less(ScalarExpr::input(0), 0.0), 0.5, 1.0);
    for (const ElementType element : {ElementType::float16, ElementType::bfloat16}) {
        task.output.element = element;
        check_kernel(family, task);
    }
    task.epilogue = select(less(ScalarExpr::input(0), 0.0), 3.0, 7.0);
    for (const ElementType element : {ElementType::uint8, ElementType::int8}) {
        task.output.element = element;
        check_kernel(family, task);
    }
}

TEST_CASE("direct_conv: a residual, whole or broadcast, and constants per pixel") {
    check_kernel(family, with_residual(convolution_task({2, 7, 9, 5}, 18, square_window(3, 1, 1, 1))));
    Task task = convolution_task({1, 7, 9, 5}, 18, square_window(3, 1, 1, 1));
    task.inputs.push_back({ElementType::float32, {1, 1, 9, 1}});
    task.constants.push_back({7, 1, 18});
    task.epilogue = (ScalarExpr::input(0) + ScalarExpr::input(1)) * ScalarExpr::constant(1);
    check_kernel(family, task);
}

TEST_CASE("direct_conv: a residual that the output takes the place of") {
    for (const std::int64_t width : {7, 9, 13, 28}) {
        for (const std::int64_t filters : {5, 16, 40}) {
            const Task task = with_residual(convolution_task({2, 7, width, 5}, filters, square_window(3, 1, 1, 1)));
            Candidate layouts = dense_layouts(task);
            layouts.in_place = 1;
            check_kernel(family, task, layouts);
        }
    }
}

TEST_CASE("direct_conv: schedules from all over the space of a small task give the right numbers") {
    check_all_candidates(family, with_bias_and_relu(convolution_task({1, 5, 7, 3}, 20, square_window(3, 1, 1, 1))), 7);
    check_all_candidates(family, convolution_task({2, 4, 6, 17}, 33, square_window(1, 2, 0, 0)), 31);
}

TEST_CASE("direct_conv: a kernel for several threads computes the same bits as one for a single thread") {
    Task task = with_bias_and_relu(convolution_task({1, 40, 40, 16}, 64, square_window(3, 1, 1, 1)));
    const Operands operands = random_operands(task, 1);
    for (const int order : {0, 1, 2}) {
        Candidate candidate = dense_layouts(task);
        candidate.family = family;
        candidate.parameters = {
            {"tile", {7, 2}}, {"rows", {1}}, {"order", {order}}, {"copy", {1}}, {"vector", {host().vector_lanes}}};
        task.threads = 1;
        const Array serial = CompiledCase(task, candidate).run(operands);
        task.threads = 2;
        const Array parallel = CompiledCase(task, candidate).run(operands);
        CHECK(relative_error(parallel, serial) == 0.0);
    }
}
