#include <doctest/doctest.h>

#include "kernels/references.h"

using namespace halcyon;
using namespace halcyon::testing;

namespace {

constexpr const char* family = "transposed_conv";

void check(const Task& task) {
    check_kernel(family, task, dense_layouts(task), scattered);
}

Task with_bias_and_relu(Task task) {
    task.constants.push_back({task.output.shape.back()});
    task.epilogue = max(ScalarExpr::input(0) + ScalarExpr::constant(1), 0.0);
    return task;
}

}  // namespace

TEST_CASE("transposed_conv: windows larger and smaller than the stride, cut off as Keras's 'same' does") {
    for (const std::int64_t stride : {1, 2, 3}) {
        for (const std::int64_t size : {1, 2, 3, 4, 5}) {
            const std::int64_t whole = std::max<std::int64_t>(size - stride, 0);
            check(with_bias_and_relu(transposed_task(
                {1, 5, 7, 6}, 10, square_window(size, stride, whole / 2, std::min(size - stride, whole - whole / 2)))));
        }
    }
}

TEST_CASE("transposed_conv: nothing cut off, and zeros after what is reached") {
    check(transposed_task({1, 4, 5, 3}, 16, square_window(3, 2, 0, 0)));
    check(transposed_task({1, 4, 5, 3}, 16, square_window(2, 3, 0, -2)));
    check(transposed_task({1, 4, 5, 3}, 16, square_window(3, 4, 0, -3)));
    check(transposed_task({1, 4, 5, 3}, 16, {{3, 1}, {2, 1}, {1, 1}, {2, 0}, {1, 2}}));
}

TEST_CASE("transposed_conv: dilation, and windows that differ along the axes") {
    check(transposed_task({1, 6, 7, 5}, 8, {{3, 2}, {1, 1}, {2, 3}, {1, 0}, {1, 2}}));
    check(transposed_task({1, 6, 7, 5}, 8, {{4, 3}, {2, 1}, {1, 2}, {1, 2}, {1, 2}}));
}

TEST_CASE("transposed_conv: odd numbers of channels and filters") {
    for (const std::int64_t channels : {1, 3, 17}) {
        for (const std::int64_t filters : {1, 3, 17, 33})
            check(with_bias_and_relu(transposed_task({1, 5, 6, channels}, filters, square_window(4, 2, 1, 1))));
    }
}

TEST_CASE("transposed_conv: images of one pixel, one row and one column; a batch") {
    check(transposed_task({1, 1, 1, 8}, 24, square_window(4, 2, 1, 1)));
    check(transposed_task({1, 1, 19, 8}, 24, square_window(3, 2, 1, 0)));
    check(transposed_task({1, 19, 1, 8}, 24, square_window(3, 2, 1, 0)));
    check(transposed_task({3, 5, 6, 4}, 20, square_window(4, 2, 1, 1)));
    check(transposed_task({1, 2, 2, 3}, 4, square_window(7, 5, 3, 3)));
}

TEST_CASE("transposed_conv: one and three spatial axes") {
    check(transposed_task({2, 23, 5}, 12, {{5}, {2}, {1}, {2}, {1}}));
    check(transposed_task({1, 9, 5}, 12, {{3}, {1}, {4}, {0}, {0}}));
    check(transposed_task({2, 3, 4, 5, 3}, 12, {{3, 2, 4}, {1, 2, 2}, {1, 1, 1}, {1, 0, 1}, {1, 0, 1}}));
}

TEST_CASE("transposed_conv: images channels first, and pictures that are converted as they are read") {
    const Task task = with_bias_and_relu(transposed_task({2, 7, 9, 3}, 20, square_window(4, 2, 1, 1)));
    Candidate layouts = dense_layouts(task);
    layouts.inputs[0] = layout_in_order(task.inputs[0].shape, {0, 3, 1, 2});
    layouts.output = layout_in_order(task.output.shape, {0, 3, 1, 2});
    check_kernel(family, task, layouts, scattered);
    Task picture = task;
    picture.inputs[0].element = ElementType::uint8;
    picture.prologue = ScalarExpr::input(0) / 255.0 - 0.5;
    check(picture);
}

TEST_CASE("transposed_conv: a residual added in place") {
    Task task = transposed_task({1, 6, 8, 4}, 16, square_window(4, 2, 1, 1));
    task.inputs.push_back(task.output);
    task.epilogue = ScalarExpr::input(0) + ScalarExpr::input(1);
    Candidate layouts = dense_layouts(task);
    layouts.in_place = 1;
    check_kernel(family, task, layouts, scattered);
}

TEST_CASE("transposed_conv: threads") {
    Task task = with_bias_and_relu(transposed_task({1, 16, 16, 64}, 32, square_window(4, 2, 1, 1)));
    task.threads = 4;
    check(task);
    task.operation.window = square_window(3, 2, 1, 0);
    task.constants[0] = {3, 3, 32, 64};
    check(task);
}

TEST_CASE("transposed_conv: few filters, whose places share a vector") {
    for (const std::int64_t filters : {1, 2, 4}) {
        check(with_bias_and_relu(transposed_task({2, 5, 37, 6}, filters, square_window(4, 2, 1, 1))));
        check(transposed_task({1, 5, 37, 6}, filters, square_window(2, 2, 0, 0)));
        check(transposed_task({2, 70, 3}, filters, {{5}, {3}, {1}, {1}, {1}}));
    }
    check(transposed_task({1, 3, 4, 18, 5}, 2, {{3, 2, 4}, {1, 2, 2}, {1, 1, 1}, {1, 0, 1}, {1, 0, 1}}));
    Task task = with_bias_and_relu(transposed_task({1, 32, 64, 64}, 3, square_window(4, 2, 1, 1)));
    task.threads = 4;
    check(task);
    check_all_candidates(family, transposed_task({1, 4, 35, 5}, 3, square_window(3, 2, 1, 0)), 23, scattered);
}

TEST_CASE("transposed_conv: a sample of all schedules") {
    check_all_candidates(family, transposed_task({1, 6, 9, 5}, 40, square_window(3, 2, 1, 0)), 9, scattered);
}
