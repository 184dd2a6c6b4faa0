#include <doctest/doctest.h>

#include <cmath>

#include "kernels/references.h"

using namespace halcyon;
using namespace halcyon::testing;

namespace {

constexpr const char* family = "resize";

void check(const Task& task) {
    check_kernel(family, task, dense_layouts(task), resized);
}

}  // namespace

TEST_CASE("resize: larger, smaller, along one axis only, and to one pixel") {
    for (const Op op : {Op::resize_nearest, Op::resize_bilinear}) {
        check(resize_task(op, {1, 5, 7, 24}, {1, 10, 14, 24}));
        check(resize_task(op, {1, 5, 7, 24}, {1, 13, 9, 24}));
        check(resize_task(op, {1, 33, 40, 8}, {1, 9, 7, 8}));
        check(resize_task(op, {1, 6, 9, 16}, {1, 6, 27, 16}));
        check(resize_task(op, {1, 6, 9, 16}, {1, 18, 9, 16}));
        check(resize_task(op, {1, 6, 9, 16}, {1, 1, 1, 16}));
        check(resize_task(op, {1, 1, 1, 16}, {1, 4, 5, 16}));
    }
}

TEST_CASE("resize: few channels and odd numbers of them, a batch") {
    for (const std::int64_t channels : {1, 2, 3, 5, 9, 17, 33}) {
        check(resize_task(Op::resize_bilinear, {2, 7, 9, channels}, {2, 14, 19, channels}));
        check(resize_task(Op::resize_nearest, {2, 7, 9, channels}, {2, 14, 19, channels}));
    }
}

TEST_CASE(
    "resize: few channels and rows that become a whole number of times as long, whose neighbours read neighbours") {
    for (const std::int64_t ratio : {2, 3, 4}) {
        for (const std::int64_t channels : {1, 2, 3, 4}) {
            check(resize_task(Op::resize_bilinear, {2, 5, 21, channels}, {2, 10, 21 * ratio, channels}));
            check(resize_task(Op::resize_bilinear, {1, 5, 3, channels}, {1, 4, 3 * ratio, channels}));
        }
    }
}

TEST_CASE("resize: one and three spatial axes") {
    for (const Op op : {Op::resize_nearest, Op::resize_bilinear}) {
        check(resize_task(op, {2, 9, 20}, {2, 23, 20}));
        check(resize_task(op, {1, 9, 1}, {1, 23, 1}));
        check(resize_task(op, {2, 3, 4, 5, 6}, {2, 6, 7, 10, 6}));
    }
}

TEST_CASE("resize: images channels first, and pictures that are converted as they are read") {
    Task task = resize_task(Op::resize_bilinear, {1, 8, 11, 3}, {1, 20, 33, 3});
    Candidate layouts = dense_layouts(task);
    layouts.inputs[0] = layout_in_order(task.inputs[0].shape, {0, 3, 1, 2});
    layouts.output = layout_in_order(task.output.shape, {0, 3, 1, 2});
    check_kernel(family, task, layouts, resized);
    task.inputs[0].element = ElementType::uint8;
    task.prologue = ScalarExpr::input(0) / 255.0;
    task.constants = {{3}};
    task.epilogue = max(ScalarExpr::input(0) + ScalarExpr::constant(0), 0.0);
    check(task);
}

TEST_CASE("resize: threads, and all schedules") {
    Task task = resize_task(Op::resize_bilinear, {1, 40, 50, 32}, {1, 80, 100, 32});
    task.threads = 4;
    check(task);
    check_all_candidates(family, resize_task(Op::resize_bilinear, {1, 6, 9, 70}, {1, 12, 18, 70}), 1, resized);
    check_all_candidates(family, resize_task(Op::resize_nearest, {1, 6, 30, 3}, {1, 12, 70, 3}), 1, resized);
}

TEST_CASE("resize: a residual that the output takes the place of is added once, whatever the vectors do at the end") {
    for (const Op op : {Op::resize_nearest, Op::resize_bilinear}) {
        for (const std::int64_t channels : {3, 31}) {
            const Task task = with_residual(resize_task(op, {1, 4, 9, channels}, {1, 5, 19, channels}));
            Candidate layouts = dense_layouts(task);
            layouts.in_place = 1;
            check_kernel(family, task, layouts, resized);
        }
    }
}
