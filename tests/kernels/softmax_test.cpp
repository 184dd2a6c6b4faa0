#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "kernels/streaming_cases.h"

namespace halcyon::testing {
namespace {

Array softmaxed(const Task& task, const Operands& operands) {
    const Array source = source_of(task, operands);
    const std::size_t own = static_cast<std::size_t>(task.operation.axes[0]) + 1;
    Array result(task.output.shape);
    std::int64_t flat = 0;
    for_each_index(task.output.shape, [&](const std::vector<std::int64_t>& at) {
        double sum = 0.0;
        std::vector<std::int64_t> other = at;
        for (other[own] = 0; other[own] < source.shape()[own]; ++other[own]) {
            sum += std::exp(element_at(source, other) - element_at(source, at));
        }
        result[flat++] = 1.0 / sum;
    });
    return result;
}

Task softmax_task(const Shape& shape, int axis) {
    Task task = streaming_task(Op::softmax, shape, shape);
    task.operation.axes = {axis};
    return task;
}

}  // namespace

TEST_CASE("softmax of vectors of any length") {
    for (const std::int64_t length : {1, 2, 3, 10, 16, 33, 1000}) {
        check_all_candidates("softmax", softmax_task({1, length}, 0), 1, softmaxed);
        check_all_candidates("softmax", softmax_task({3, length}, 0), 1, softmaxed);
    }
}

TEST_CASE("softmax along every axis of an image") {
    for (const int axis : {0, 1, 2}) {
        for (const std::int64_t channels : {1, 5, 36}) {
            check_all_candidates("softmax", softmax_task({2, 4, 6, channels}, axis), 1, softmaxed);
        }
    }
}

TEST_CASE("softmax neither overflows nor loses what is far below the largest") {
    Task task = softmax_task({2, 21}, 0);
    task.prologue = ScalarExpr::input(0) * 400.0;
    check_all_candidates("softmax", task, 1, softmaxed);
}

TEST_CASE("softmax reads and writes channels_first doors and slices") {
    for (const int axis : {0, 2}) {
        const Task task = softmax_task({1, 5, 6, 19}, axis);
        Candidate layouts = dense_layouts(task);
        layouts.inputs[0] = layout_in_order(task.inputs[0].shape, {0, 3, 1, 2});
        check_kernel("softmax", task, layouts, softmaxed);
        layouts.output.strides = {5 * 6 * 23, 6 * 23, 23, 1};
        check_kernel("softmax", task, layouts, softmaxed);
        layouts.output = layouts.inputs[0];
        check_kernel("softmax", task, layouts, softmaxed);
    }
}

TEST_CASE("softmax applies an epilogue, also over its operand's memory") {
    for (const int axis : {0, 2}) {
        const Task task = with_residual(softmax_task({1, 5, 6, 19}, axis));
        check_all_candidates("softmax", task, 1, softmaxed);
        Candidate layouts = dense_layouts(task);
        layouts.in_place = 1;
        check_kernel("softmax", task, layouts, softmaxed);
    }
}

TEST_CASE("threads change no bit of a softmax") {
    for (const int axis : {0, 2}) {
        Task task = softmax_task({1, 40, 41, 70}, axis);
        const Operands operands = random_operands(task, 3);
        const Array one = CompiledCase(task, cheapest("softmax", task, dense_layouts(task))).run(operands);
        task.threads = 3;
        const Array three = CompiledCase(task, cheapest("softmax", task, dense_layouts(task))).run(operands);
        for (std::int64_t i = 0; i < one.size(); ++i) REQUIRE(three[i] == one[i]);
    }
}

}  // namespace halcyon::testing
