#include <doctest/doctest.h>

#include <algorithm>

#include "kernels/kernel_harness.h"

using namespace halcyon;
using namespace halcyon::testing;

namespace {

constexpr const char* family = "depthwise_conv";

Task depthwise_task(const Shape& input, const Window& window, std::int64_t multiplier = 1) {
    return convolution_task(input, input.back() * multiplier, window, input.back());
}

}  // namespace

TEST_CASE("depthwise_conv: any number of channels, stride, window") {
    for (const std::int64_t channels : {2, 3, 7, 16, 24, 37, 96}) {
        check_kernel(family, depthwise_task({1, 7, 9, channels}, square_window(3, 1, 1, 1)));
        check_kernel(family, depthwise_task({1, 8, 10, channels}, square_window(3, 2, 0, 1)));
    }
    check_kernel(family, depthwise_task({1, 14, 15, 20}, square_window(5, 1, 2, 2)));
    check_kernel(family, depthwise_task({1, 14, 15, 20}, square_window(7, 3, 3, 2)));
    check_kernel(family, depthwise_task({1, 14, 15, 20}, square_window(3, 1, 0, 0)));
    check_kernel(family, depthwise_task({1, 14, 15, 20}, {{3, 3}, {1, 1}, {3, 2}, {1, 4}, {5, 0}}));
}

TEST_CASE("depthwise_conv: images smaller than a tile") {
    check_kernel(family, depthwise_task({1, 1, 1, 20}, square_window(3, 1, 1, 1)));
    check_kernel(family, depthwise_task({1, 2, 3, 20}, square_window(5, 1, 2, 2)));
}

TEST_CASE("depthwise_conv: several filters per channel") {
    check_kernel(family, depthwise_task({1, 6, 7, 10}, square_window(3, 1, 1, 1), 2));
    check_kernel(family, depthwise_task({1, 6, 7, 3}, square_window(3, 2, 1, 1), 5));
}

TEST_CASE("depthwise_conv: one and three spatial axes, batches") {
    check_kernel(family, depthwise_task({2, 23, 20}, {{5}, {2}, {1}, {2}, {2}}));
    check_kernel(family, depthwise_task({2, 3, 5, 6, 20}, {{3, 3, 3}, {1, 1, 1}, {1, 1, 1}, {1, 1, 1}, {1, 1, 1}}));
}

TEST_CASE("depthwise_conv: bias, activation, residual in place") {
    Task task = depthwise_task({2, 7, 9, 20}, square_window(3, 1, 1, 1));
    task.inputs.push_back(task.output);
    task.constants.push_back({20});
    task.epilogue = clip(ScalarExpr::input(0) + ScalarExpr::constant(1), 0.0, 6.0) + ScalarExpr::input(1);
    check_kernel(family, task);
    Candidate layouts = dense_layouts(task);
    layouts.in_place = 1;
    check_kernel(family, task, layouts);
}

TEST_CASE("depthwise_conv: layouts with gaps and other orders, bytes with a prologue") {
    Task task = depthwise_task({1, 7, 9, 20}, square_window(3, 1, 1, 1));
    Candidate layouts = dense_layouts(task);
    layouts.inputs[0].strides = {0, 9 * 32, 32, 1};
    layouts.output = layout_in_order(task.output.shape, {0, 3, 1, 2});
    check_kernel(family, task, layouts);
    task.inputs[0].element = ElementType::uint8;
    task.prologue = ScalarExpr::input(0) - 128.0;
    check_kernel(family, task);
}

TEST_CASE("depthwise_conv: schedules from all over the space of a small task give the right numbers") {
    check_all_candidates(family, depthwise_task({1, 5, 6, 40}, square_window(3, 1, 1, 1)), 11);
}

TEST_CASE("depthwise_conv: no two threads compute the same element, whose bits differ between edges and the inside") {
    Task task = depthwise_task({1, 62, 62, 44}, square_window(3, 1, 1, 1));
    const auto overlapping = [&](const std::vector<Candidate>& all) {
        return std::count_if(all.begin(), all.end(), [](const Candidate& candidate) {
            return 62 % candidate.values("tile").at(0) != 0 || 62 % candidate.values("tile").at(1) != 0;
        });
    };
    const KernelFamily& found = *find_kernel_family(family);
    CHECK(overlapping(candidates(found, task, dense_layouts(task), host())) > 0);
    task.threads = 4;
    const std::vector<Candidate> shared = candidates(found, task, dense_layouts(task), host());
    CHECK_FALSE(shared.empty());
    CHECK(overlapping(shared) == 0);
}
