#include <doctest/doctest.h>

#include <algorithm>
#include <limits>

#include "kernels/references.h"

namespace halcyon::testing {

TEST_CASE("every reduction over rows and columns is right for any number of channels") {
    for (const Op op : {Op::reduce_mean, Op::reduce_max, Op::reduce_min, Op::reduce_sum}) {
        for (const std::int64_t channels : {1, 5, 35}) {
            check_all_candidates("reduce", reduce_task(op, {2, 4, 3, channels}, {0, 1}, channels == 5), 1, reduced);
        }
    }
}

TEST_CASE("a mean over rows and columns is right at every number of vectors") {
    check_all_candidates("reduce", reduce_task(Op::reduce_mean, {1, 7, 7, 300}, {0, 1}, false), 1, reduced);
    check_all_candidates("reduce", reduce_task(Op::reduce_mean, {2, 1, 1, 17}, {0, 1}, true), 1, reduced);
}

TEST_CASE("any axes can be reduced") {
    for (const std::vector<int>& axes : {std::vector{0}, {1}, {2}, {0, 2}, {1, 2}, {0, 1, 2}}) {
        for (const bool keep : {false, true}) {
            check_all_candidates("reduce", reduce_task(Op::reduce_mean, {2, 6, 5, 37}, axes, keep), 1, reduced);
            check_all_candidates("reduce", reduce_task(Op::reduce_max, {1, 3, 130, 3}, axes, keep), 1, reduced);
        }
    }
}

TEST_CASE("one and three spatial axes are reduced") {
    check_all_candidates("reduce", reduce_task(Op::reduce_mean, {2, 9, 20}, {0}, false), 1, reduced);
    check_all_candidates("reduce", reduce_task(Op::reduce_mean, {1, 3, 4, 5, 20}, {0, 1, 2}, true), 1, reduced);
}

TEST_CASE("long sums keep their accuracy, even of equal numbers") {
    for (const std::vector<int>& axes : {std::vector{0, 1}, {0, 1, 2}}) {
        const Task task = reduce_task(Op::reduce_mean, {1, 150, 150, 3}, axes, false);
        Operands operands = random_operands(task, 1);
        for (double& value : operands.inputs[0].values()) value = static_cast<float>(0.1);
        for (const Candidate& candidate :
             candidates(*find_kernel_family("reduce"), task, dense_layouts(task), host())) {
            CHECK(relative_error(CompiledCase(task, candidate).run(operands), reduced(task, operands)) < 1e-5);
        }
    }
    check_kernel("reduce", reduce_task(Op::reduce_sum, {1, 3000, 2}, {0}, false),
                 dense_layouts(reduce_task(Op::reduce_sum, {1, 3000, 2}, {0}, false)), reduced);
}

TEST_CASE("reductions read channels_first doors and write into slices") {
    for (const bool keep : {false, true}) {
        const Task task = reduce_task(Op::reduce_mean, {2, 9, 7, 6}, {0, 1}, keep);
        Candidate layouts = dense_layouts(task);
        layouts.inputs[0] = layout_in_order(task.inputs[0].shape, {0, 3, 1, 2});
        check_kernel("reduce", task, layouts, reduced);
        layouts.output.strides.front() = 25;
        check_kernel("reduce", task, layouts, reduced);
        layouts.inputs[0] = layout_in_order(task.inputs[0].shape, {0, 2, 3, 1});
        check_kernel("reduce", task, layouts, reduced);
    }
}

TEST_CASE("reductions apply prologue and epilogue") {
    for (const bool keep : {false, true}) {
        for (const std::vector<int>& axes : {std::vector{0, 1}, {2}}) {
            Task task = with_residual(reduce_task(Op::reduce_mean, {2, 4, 6, 19}, axes, keep));
            task.inputs[0].element = ElementType::uint8;
            task.prologue = ScalarExpr::input(0) / 255.0;
            task.constants = {{task.output.shape.back()}};
            task.epilogue = task.epilogue * ScalarExpr::constant(0);
            check_all_candidates("reduce", task, 1, reduced);
            Candidate layouts = dense_layouts(task);
            layouts.in_place = 1;
            check_kernel("reduce", task, layouts, reduced);
        }
    }
}

TEST_CASE("threads change no bit of a reduction") {
    for (const std::vector<int>& axes : {std::vector{0, 1}, {2}}) {
        Task task = reduce_task(Op::reduce_mean, {1, 40, 41, 70}, axes, false);
        const Operands operands = random_operands(task, 3);
        const Array one = CompiledCase(task, cheapest("reduce", task, dense_layouts(task))).run(operands);
        task.threads = 3;
        const Array three = CompiledCase(task, cheapest("reduce", task, dense_layouts(task))).run(operands);
        for (std::int64_t i = 0; i < one.size(); ++i) REQUIRE(three[i] == one[i]);
    }
}

}  // namespace halcyon::testing
