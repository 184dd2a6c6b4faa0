#include <doctest/doctest.h>

#include <algorithm>
#include <limits>

#include "kernels/references.h"

namespace halcyon::testing {
namespace {

void check_both(const Shape& input, const Window& window) {
    check_all_candidates("pool", pool_task(Op::max_pool, input, window), 1, pooled);
    check_all_candidates("pool", pool_task(Op::average_pool, input, window), 1, pooled);
}

}  // namespace

TEST_CASE("the usual pools are right for any number of channels") {
    for (const std::int64_t channels : {1, 3, 17, 64}) {
        check_both({1, 8, 10, channels}, square_window(2, 2, 0, 0));
        check_both({1, 9, 7, channels}, square_window(3, 2, 0, 1));
        check_both({1, 6, 5, channels}, square_window(3, 1, 1, 1));
    }
}

TEST_CASE("pools of a batch treat each item alike") {
    check_both({2, 7, 5, 18}, square_window(3, 2, 1, 1));
}

TEST_CASE("an image of one pixel is pooled, also with a window that is larger") {
    check_both({1, 1, 1, 5}, square_window(1, 1, 0, 0));
    check_both({1, 1, 1, 5}, square_window(3, 1, 1, 1));
    check_both({2, 2, 3, 20}, square_window(5, 2, 2, 2));
}

TEST_CASE("windows of one and three axes, dilated and uneven") {
    check_both({1, 13, 6}, {{3}, {2}, {1}, {1}, {0}});
    check_both({1, 5, 4, 6, 7}, {{2, 2, 3}, {1, 2, 1}, {1, 1, 1}, {0, 0, 1}, {1, 0, 1}});
    check_both({1, 11, 9, 20}, {{3, 2}, {2, 1}, {2, 3}, {1, 2}, {2, 1}});
    check_both({1, 6, 12, 4}, {{2, 3}, {2, 3}, {1, 1}, {0, 0}, {0, 0}});
}

TEST_CASE("windows too large to be unrolled are loops") {
    check_both({1, 16, 15, 20}, {{16, 15}, {1, 1}, {1, 1}, {0, 0}, {0, 0}});
    check_both({2, 9, 9, 3}, square_window(7, 2, 3, 3));
    check_both({1, 60, 9}, {{40}, {3}, {1}, {5}, {5}});
    check_both({1, 5, 6, 7, 33}, {{4, 3, 3}, {1, 1, 2}, {1, 1, 1}, {1, 0, 1}, {1, 0, 1}});
}

TEST_CASE("a max pool whose outside has a value compares with it") {
    Task task = pool_task(Op::max_pool, {1, 5, 5, 9}, square_window(3, 2, 1, 1));
    task.operation.has_pad_value = true;
    check_all_candidates("pool", task, 1, pooled);
}

TEST_CASE("pools read and write channels_first doors and slices") {
    for (const Op op : {Op::max_pool, Op::average_pool}) {
        const Task task = pool_task(op, {1, 7, 6, 5}, square_window(3, 2, 1, 1));
        Candidate layouts = dense_layouts(task);
        layouts.inputs[0] = layout_in_order(task.inputs[0].shape, {0, 3, 1, 2});
        check_kernel("pool", task, layouts, pooled);
        layouts.output.strides = {4 * 3 * 11, 3 * 11, 11, 1};
        check_kernel("pool", task, layouts, pooled);
        layouts.output = layout_in_order(task.output.shape, {0, 3, 1, 2});
        check_kernel("pool", task, layouts, pooled);
    }
}

TEST_CASE("pools of bytes are converted before they are padded") {
    for (const Op op : {Op::max_pool, Op::average_pool}) {
        Task task = pool_task(op, {1, 7, 6, 3}, square_window(3, 2, 1, 1));
        task.inputs[0].element = ElementType::uint8;
        task.prologue = ScalarExpr::input(0) / 127.5 - 1.0;
        check_all_candidates("pool", task, 1, pooled);
    }
}

TEST_CASE("a pool adds a residual, also over its memory") {
    for (const std::int64_t size : {3, 9}) {
        const Task task =
            with_residual(pool_task(Op::average_pool, {1, 10, 9, 19}, square_window(size, 2, size / 2, size / 2)));
        check_kernel("pool", task, dense_layouts(task), pooled);
        Candidate layouts = dense_layouts(task);
        layouts.in_place = 1;
        check_kernel("pool", task, layouts, pooled);
    }
}

TEST_CASE("threads change no bit of a pool") {
    Task task = pool_task(Op::average_pool, {1, 61, 63, 20}, square_window(3, 1, 1, 1));
    const Operands operands = random_operands(task, 3);
    const Array one = CompiledCase(task, cheapest("pool", task, dense_layouts(task))).run(operands);
    task.threads = 3;
    const Array three = CompiledCase(task, cheapest("pool", task, dense_layouts(task))).run(operands);
    for (std::int64_t i = 0; i < one.size(); ++i) REQUIRE(three[i] == one[i]);
}

}  // namespace halcyon::testing
