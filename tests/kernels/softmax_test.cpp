#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "kernels/references.h"

namespace halcyon::testing {

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
