#include <doctest/doctest.h>

#include "kernels/kernel_harness.h"

using namespace halcyon;
using namespace halcyon::testing;

namespace {

constexpr const char* family = "pointwise_conv";

Task pointwise_task(const Shape& input, std::int64_t filters) {
    return convolution_task(input, filters, square_window(1, 1, 0, 0));
}

}  // namespace

TEST_CASE("pointwise_conv: odd numbers of channels, filters and pixels") {
    for (const std::int64_t channels : {1, 3, 17}) {
        for (const std::int64_t filters : {1, 3, 10, 24, 65})
            check_kernel(family, pointwise_task({1, 5, 7, channels}, filters));
    }
    check_kernel(family, pointwise_task({1, 1, 1, 9}, 40));
    check_kernel(family, pointwise_task({2, 3, 3, 256}, 64));
}

TEST_CASE("pointwise_conv: a dense layer over many rows") {
    check_kernel(family, dense_task({5, 30}, 17));
    check_kernel(family, dense_task({2, 3, 4, 30}, 64));
}

TEST_CASE("pointwise_conv: bias, activation and a residual that the output takes the place of") {
    Task task = pointwise_task({2, 7, 7, 20}, 40);
    task.inputs.push_back(task.output);
    task.constants.push_back({40});
    task.epilogue = max(ScalarExpr::input(0) + ScalarExpr::constant(1) + ScalarExpr::input(1), 0.0);
    check_kernel(family, task);
    Candidate layouts = dense_layouts(task);
    layouts.in_place = 1;
    check_kernel(family, task, layouts);
}

TEST_CASE("pointwise_conv: channels with a gap, inside a concatenation") {
    const Task task = pointwise_task({2, 3, 5, 20}, 40);
    Candidate layouts = dense_layouts(task);
    layouts.inputs[0].strides = {15 * 36, 5 * 36, 36, 1};
    layouts.output.strides = {15 * 100, 5 * 100, 100, 1};
    check_kernel(family, task, layouts);
}

TEST_CASE("pointwise_conv: layouts whose pixels are not one axis are refused") {
    const KernelFamily* pointwise = find_kernel_family(family);
    const Task task = pointwise_task({2, 3, 5, 20}, 40);
    Candidate layouts = dense_layouts(task);
    CHECK(pointwise->accepts(task, layouts));
    layouts.inputs[0].strides = {1000, 120, 20, 1};
    CHECK_FALSE(pointwise->accepts(task, layouts));
    layouts.inputs[0] = layout_in_order(task.inputs[0].shape, {0, 3, 1, 2});
    CHECK_FALSE(pointwise->accepts(task, layouts));
}

TEST_CASE("pointwise_conv: one image with channels first is one axis of pixels") {
    const Task task = pointwise_task({1, 3, 5, 20}, 40);
    Candidate layouts = dense_layouts(task);
    layouts.inputs[0] = layout_in_order(task.inputs[0].shape, {0, 3, 1, 2});
    check_kernel(family, task, layouts);
}

TEST_CASE("pointwise_conv: stored bytes with a prologue") {
    Task task = pointwise_task({1, 9, 5, 3}, 16);
    task.inputs[0].element = ElementType::uint8;
    task.prologue = ScalarExpr::input(0) * (1.0 / 256);
    check_kernel(family, task);
}

TEST_CASE("pointwise_conv: schedules from all over the space of a small task give the right numbers") {
    check_all_candidates(family, pointwise_task({1, 3, 7, 6}, 40), 9);
}
