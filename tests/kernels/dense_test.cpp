#include <doctest/doctest.h>

#include "kernels/kernel_harness.h"

using namespace halcyon;
using namespace halcyon::testing;

TEST_CASE("dense: any number of inputs and units") {
    for (const std::int64_t inputs : {1, 7, 84, 400}) {
        for (const std::int64_t units : {1, 2, 10, 17, 120, 1000})
            check_kernel("dense", dense_task({1, inputs}, units));
    }
}

TEST_CASE("dense: several rows, bias and an activation") {
    Task task = dense_task({3, 4, 20}, 37);
    task.constants.push_back({37});
    task.epilogue = tanh(ScalarExpr::input(0) + ScalarExpr::constant(1));
    check_kernel("dense", task);
}

TEST_CASE("dense: stored bytes with a prologue, and strides that are not one") {
    Task task = dense_task({1, 50}, 20);
    task.inputs[0].element = ElementType::uint8;
    task.prologue = ScalarExpr::input(0) * (1.0 / 255);
    check_kernel("dense", task);
    Candidate layouts = dense_layouts(task);
    layouts.inputs[0].strides = {150, -3};
    layouts.output.strides = {40, 2};
    check_kernel("dense", task, layouts);
}

TEST_CASE("dense: every legal schedule of a small task gives the right numbers") {
    check_all_candidates("dense", dense_task({1, 33}, 70));
}
