#include <doctest/doctest.h>

#include "kernels/references.h"

namespace halcyon::testing {

TEST_CASE("images are padded for any number of channels") {
    for (const std::int64_t channels : {1, 3, 17, 64}) {
        check_all_candidates("pad", pad_task({2, 5, 6, channels}, {1, 2, 0}, {0, 3, 0}, 0.0), 1, padded);
        check_all_candidates("pad", pad_task({1, 1, 1, channels}, {3, 3, 0}, {3, 3, 0}, -2.5), 1, padded);
    }
}

TEST_CASE("channels, one axis and none are padded") {
    check_all_candidates("pad", pad_task({2, 3, 4, 9}, {0, 1, 2}, {1, 0, 5}, 1.5), 1, padded);
    check_all_candidates("pad", pad_task({2, 3, 4, 9}, {0, 0, 20}, {0, 0, 0}, 1.5), 1, padded);
    check_all_candidates("pad", pad_task({2, 7, 21}, {2, 0}, {1, 0}, 0.0), 1, padded);
    check_all_candidates("pad", pad_task({1, 7, 21}, {0, 0}, {0, 0}, 0.0), 1, padded);
    check_all_candidates("pad", pad_task({1, 2, 3, 4, 5}, {1, 0, 2, 0}, {0, 1, 1, 0}, 0.0), 1, padded);
}

TEST_CASE("pads read and write channels_first doors and slices") {
    const Task task = pad_task({1, 5, 6, 3}, {1, 2, 0}, {2, 1, 0}, 0.0);
    Candidate layouts = dense_layouts(task);
    layouts.inputs[0] = layout_in_order(task.inputs[0].shape, {0, 3, 1, 2});
    check_kernel("pad", task, layouts, padded);
    layouts.output.strides = {8 * 9 * 7, 9 * 7, 7, 1};
    check_kernel("pad", task, layouts, padded);
    layouts.output = layout_in_order(task.output.shape, {0, 3, 1, 2});
    check_kernel("pad", task, layouts, padded);
}

TEST_CASE("pads convert bytes before they put the value round them, and apply an epilogue") {
    Task task = with_residual(pad_task({2, 5, 6, 3}, {1, 2, 0}, {2, 1, 0}, -0.5));
    task.inputs[0].element = ElementType::uint8;
    task.prologue = ScalarExpr::input(0) / 255.0;
    check_all_candidates("pad", task, 1, padded);
    Candidate layouts = dense_layouts(task);
    layouts.in_place = 1;
    check_kernel("pad", task, layouts, padded);
}

TEST_CASE("threads change no bit of a padded image") {
    Task task = pad_task({1, 60, 61, 20}, {1, 2, 0}, {2, 1, 0}, 0.25);
    const Operands operands = random_operands(task, 3);
    const Array one = CompiledCase(task, cheapest("pad", task, dense_layouts(task))).run(operands);
    task.threads = 3;
    const Array three = CompiledCase(task, cheapest("pad", task, dense_layouts(task))).run(operands);
    for (std::int64_t i = 0; i < one.size(); ++i) REQUIRE(three[i] == one[i]);
}

}  // namespace halcyon::testing
