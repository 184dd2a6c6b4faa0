#include <doctest/doctest.h>

#include "kernels/kernel_harness.h"

using namespace halcyon;
using namespace halcyon::testing;

namespace {

constexpr const char* family = "winograd_conv";

Task task_of(const Shape& input, std::int64_t filters) {
    Task task = convolution_task(input, filters, square_window(3, 1, 1, 1));
    task.constants.push_back({filters});
    task.epilogue = max(ScalarExpr::input(0) + ScalarExpr::constant(1), 0.0);
    return task;
}

Task with_residual(Task task) {
    task.inputs.push_back(task.output);
    task.epilogue = task.epilogue + ScalarExpr::input(1);
    return task;
}

Candidate schedule(const Task& task, int output, std::vector<int> tile, int rows, int order) {
    Candidate candidate = dense_layouts(task);
    candidate.family = family;
    candidate.parameters = {{"output", {output}},
                            {"tile", std::move(tile)},
                            {"rows", {rows}},
                            {"order", {order}},
                            {"vector", {host().vector_lanes}}};
    REQUIRE(find_kernel_family(family)->legal(task, candidate, host()));
    return candidate;
}

void check_schedule(const Task& task, const Candidate& candidate, const Operands& operands, const Array& expected) {
    CAPTURE(to_text(task));
    CAPTURE(to_text(candidate, task));
    CHECK(relative_error(CompiledCase(task, candidate).run(operands), expected) < 1e-5);
}

/// These sizes of tile, one row of tiles in a block and several, filters at once and in blocks.
void check_schedules(const Task& task, const std::vector<int>& outputs = {2, 4}) {
    const Operands operands = random_operands(task, 1);
    const Array expected = reference_result(task, operands);
    const Shape& window = task.operation.window.size;
    for (const int output : outputs) {
        const std::int64_t high = window[0] == 1 ? 1 : output;
        const std::int64_t wide = window[1] == 1 ? 1 : output;
        for (const int rows : {1, 2}) {
            const bool one_row = task.output.shape[1] <= high;
            if (rows == 2 && one_row) continue;
            const bool one_block = task.output.shape.back() <= host().vector_lanes;
            for (const int order : {0, 1}) {
                if (order == 1 && one_block) continue;
                // One tile at a time is whole for every width.
                const int tiles = task.output.shape[2] <= wide ? 1 : 2;
                check_schedule(task, schedule(task, output, {tiles, 1}, rows, order), operands, expected);
            }
        }
    }
}

}  // namespace

TEST_CASE("winograd_conv: images that whole tiles cover, and that they do not") {
    for (const std::int64_t height : {4, 5, 10}) {
        for (const std::int64_t width : {8, 9, 11, 14}) check_kernel(family, task_of({1, height, width, 16}, 32));
    }
}

TEST_CASE("winograd_conv: both sizes of tile, blocks of one row and of two, filters at once and in blocks") {
    check_schedules(task_of({1, 7, 13, 17}, 40));
    check_schedules(task_of({1, 12, 16, 32}, 16));
}

TEST_CASE("winograd_conv: windows of 5x5, and along one axis") {
    const auto along = [](std::int64_t high, std::int64_t wide) {
        return Window{{high, wide}, {1, 1}, {1, 1}, {high / 2, wide / 2}, {high / 2, wide / 2}};
    };
    for (const std::int64_t taps : {3, 5, 7}) {
        check_schedules(convolution_task({1, 6, 13, 17}, 40, along(1, taps)));
        check_schedules(convolution_task({1, 11, 7, 17}, 40, along(taps, 1)));
    }
    check_schedules(convolution_task({1, 7, 10, 16}, 40, along(5, 5)), {2});
}

TEST_CASE("winograd_conv: the largest of each block of results, with rows and columns that make none") {
    check_schedules(pooled_task(task_of({1, 8, 16, 16}, 32), {2, 2}));
    check_schedules(pooled_task(task_of({1, 7, 17, 17}, 40), {2, 2}));
    check_schedules(pooled_task(task_of({2, 10, 9, 16}, 16), {1, 2}));
    check_schedules(pooled_task(task_of({1, 6, 13, 16}, 16), {2, 1}));
}

TEST_CASE("winograd_conv: images of a few pixels") {
    check_kernel(family, task_of({1, 1, 1, 16}, 16));
    check_kernel(family, task_of({1, 1, 6, 16}, 24));
    check_kernel(family, task_of({1, 6, 1, 16}, 24));
    check_kernel(family, task_of({1, 2, 3, 16}, 16));
}

TEST_CASE("winograd_conv: numbers of channels and filters that no vector divides") {
    for (const std::int64_t channels : {16, 17, 31, 35}) {
        for (const std::int64_t filters : {17, 33, 50}) check_kernel(family, task_of({1, 6, 9, channels}, filters));
    }
}

TEST_CASE("winograd_conv: no padding, padding that differs on each side, and more than the window") {
    check_kernel(family, convolution_task({1, 9, 10, 16}, 16, square_window(3, 1, 0, 0)));
    check_kernel(family, convolution_task({1, 9, 10, 16}, 16, {{3, 3}, {1, 1}, {1, 1}, {0, 2}, {1, 0}}));
    check_kernel(family, convolution_task({1, 5, 6, 16}, 16, square_window(3, 1, 5, 4)));
}

TEST_CASE("winograd_conv: a batch, whose images do not see each other") {
    const Task task = task_of({3, 6, 7, 16}, 20);
    check_kernel(family, task);
    const Operands operands = random_operands(task, 1);
    Operands others = random_operands(task, 2);
    others.constants = operands.constants;
    const std::int64_t image = 6 * 7 * 16;
    for (std::int64_t i = 0; i < image; ++i) others.inputs[0][image + i] = operands.inputs[0][image + i];
    const Candidate candidate = schedule(task, 4, {2, 1}, 1, 0);
    const Array result = CompiledCase(task, candidate).run(operands);
    const Array beside_others = CompiledCase(task, candidate).run(others);
    const std::int64_t size = result.size() / 3;
    bool same = true;
    for (std::int64_t i = size; i < 2 * size; ++i) same = same && result[i] == beside_others[i];
    CHECK(same);
    CHECK(result[0] != beside_others[0]);
}

TEST_CASE("winograd_conv: doors with gaps, from below, and channels of a wider tensor") {
    const Task task = task_of({2, 7, 9, 16}, 20);
    Candidate layouts = dense_layouts(task);
    layouts.inputs[0].strides = {7 * 9 * 20, -9 * 20, 20, 1};
    layouts.output.strides = {7 * 9 * 24, 9 * 24, 24, 1};
    check_kernel(family, task, layouts);
}

TEST_CASE("winograd_conv: layouts whose channels are not neighbours are another family's") {
    const Task task = task_of({1, 7, 9, 16}, 20);
    Candidate layouts = dense_layouts(task);
    layouts.inputs[0] = layout_in_order(task.inputs[0].shape, {0, 3, 1, 2});
    CHECK_FALSE(find_kernel_family(family)->accepts(task, layouts));
}

TEST_CASE("winograd_conv: other windows, strides, dilations, groups and few channels are other families'") {
    const auto matches = [](const Task& task) { return find_kernel_family(family)->matches(task, host()); };
    CHECK(matches(convolution_task({1, 8, 8, 16}, 16, square_window(3, 1, 1, 1))));
    CHECK(matches(convolution_task({1, 8, 8, 16}, 16, square_window(5, 1, 2, 2))));
    CHECK_FALSE(matches(convolution_task({1, 8, 8, 16}, 16, square_window(7, 1, 3, 3))));
    CHECK_FALSE(matches(convolution_task({1, 8, 8, 16}, 16, square_window(1, 1, 0, 0))));
    CHECK_FALSE(matches(convolution_task({1, 8, 8, 16}, 16, {{3, 5}, {1, 1}, {1, 1}, {1, 2}, {1, 2}})));
    CHECK_FALSE(matches(convolution_task({1, 8, 8, 16}, 16, square_window(3, 2, 1, 1))));
    CHECK_FALSE(matches(convolution_task({1, 8, 8, 16}, 16, {{3, 3}, {1, 1}, {2, 1}, {1, 1}, {1, 1}})));
    CHECK_FALSE(matches(convolution_task({1, 8, 8, 32}, 32, square_window(3, 1, 1, 1), 2)));
    CHECK_FALSE(matches(convolution_task({1, 8, 8, 3}, 16, square_window(3, 1, 1, 1))));
    CHECK_FALSE(matches(convolution_task({1, 8, 8, 16}, 3, square_window(3, 1, 1, 1))));
}

TEST_CASE("winograd_conv: stored element types convert as they are read, and the prologue comes before the padding") {
    Task task = task_of({1, 8, 9, 16}, 16);
    task.inputs[0].element = ElementType::uint8;
    task.prologue = ScalarExpr::input(0) * (1.0 / 128) - 1.0;
    check_kernel(family, task);
}

TEST_CASE("winograd_conv: a residual, beside the output and under it") {
    for (const std::int64_t width : {7, 8, 13}) {
        const Task task = with_residual(task_of({1, 7, width, 16}, 36));
        check_kernel(family, task);
        Candidate layouts = dense_layouts(task);
        layouts.in_place = 1;
        check_kernel(family, task, layouts);
    }
}

TEST_CASE("winograd_conv: a kernel for several threads computes the same bits, whatever it shares out") {
    Task task = task_of({1, 28, 28, 32}, 96);
    const Operands operands = random_operands(task, 1);
    for (const Candidate& candidate : {schedule(task, 4, {7, 2}, 1, 0), schedule(task, 4, {7, 2}, 7, 1)}) {
        task.threads = 1;
        const Array serial = CompiledCase(task, candidate).run(operands);
        task.threads = 2;
        const Array parallel = CompiledCase(task, candidate).run(operands);
        CHECK(relative_error(parallel, serial) == 0.0);
    }
    Task batch = task_of({4, 14, 14, 32}, 64);
    const Operands images = random_operands(batch, 1);
    const Candidate candidate = schedule(batch, 4, {4, 2}, 2, 0);
    const Array serial = CompiledCase(batch, candidate).run(images);
    batch.threads = 2;
    CHECK(relative_error(CompiledCase(batch, candidate).run(images), serial) == 0.0);
}

TEST_CASE("winograd_conv: errors stay within the bound that the choice of kernels goes by") {
    const auto check_bound = [](std::int64_t high, std::int64_t wide, int output) {
        const Task task = convolution_task({1, 8, 8, 256}, 32,
                                           {{high, wide}, {1, 1}, {1, 1}, {high / 2, wide / 2}, {high / 2, wide / 2}});
        const Operands operands = random_operands(task, 1);
        const Candidate candidate = schedule(task, output, {2, 2}, 1, 0);
        const double error =
            relative_error(CompiledCase(task, candidate).run(operands), reference_result(task, operands));
        const double bound = find_kernel_family(family)->error_bound(task, candidate);
        CAPTURE(to_text(task));
        CHECK(error <= bound);
    };
    for (const int output : {2, 4}) {
        check_bound(3, 3, output);
        for (const std::int64_t taps : {3, 5, 7}) check_bound(1, taps, output);
    }
    check_bound(5, 5, 2);
}
