#include "kernels/common/threads.h"

#include <doctest/doctest.h>

#include "kernels/kernel_harness.h"

using namespace halcyon;
using namespace halcyon::testing;

namespace {

Task large_task(int threads) {
    Task task = convolution_task({1, 14, 14, 96}, 96, square_window(3, 1, 1, 1));
    task.threads = threads;
    return task;
}

}  // namespace

TEST_CASE("a task of some microseconds is worth threads, whether it computes or moves much; a shorter one is not") {
    CHECK(worth_threads(large_task(2)));
    CHECK_FALSE(worth_threads(large_task(1)));
    Task task = convolution_task({1, 4, 4, 8}, 8, square_window(1, 1, 0, 0));
    task.threads = 2;
    CHECK_FALSE(worth_threads(task));
    // A row times a matrix computes little for the bytes of its weights.
    Task dense;
    dense.operation.op = Op::dense;
    dense.threads = 2;
    dense.inputs = {{ElementType::float32, {1, 256}}};
    dense.output = {ElementType::float32, {1, 200}};
    dense.constants = {{256, 200}};
    CHECK(worth_threads(dense));
}

TEST_CASE("parts that do not divide by the threads take longer than even ones") {
    CHECK(unevenness(8, large_task(2)) == 1.0);
    CHECK(unevenness(7, large_task(2)) == doctest::Approx(8.0 / 7.0));
    CHECK(unevenness(1, large_task(4)) == 4.0);
    CHECK(unevenness(7, large_task(1)) == 1.0);
}

TEST_CASE("loops that do not divide by the threads are shared out together with the next inside") {
    const auto check = [](const std::vector<std::int64_t>& extents, std::size_t first, std::size_t fused,
                          std::int64_t parts) {
        const SharedLoops shared = shared_loops(extents, large_task(2));
        CHECK(shared.first == first);
        CHECK(shared.fused == fused);
        CHECK(shared.parts == parts);
    };
    check({1, 14, 5}, 1, 1, 14);
    check({1, 7, 5}, 1, 2, 35);
    check({3, 3, 3, 3}, 0, 3, 27);
    check({1, 1, 1}, 2, 1, 1);
}

TEST_CASE("iterations of one loop are handed out in runs, so many that each thread has two equal ones or more") {
    const auto length = [](std::int64_t parts, std::size_t fused = 1) {
        return run_length({.first = 0, .fused = fused, .parts = parts}, large_task(2));
    };
    CHECK(length(16) == 4);
    CHECK(length(20) == 5);
    CHECK(length(12) == 3);
    CHECK(length(6) == 1);
    CHECK(length(7) == 1);
    CHECK(length(16, 2) == 1);
}

TEST_CASE("each thread has several parts of a loop where that keeps them even") {
    CHECK(part_size(56, large_task(2)) == 7);
    CHECK(part_size(28, large_task(2)) == 7);
    CHECK(part_size(14, large_task(2)) == 7);
    CHECK(part_size(7, large_task(2)) == 1);
    CHECK(part_size(1, large_task(2)) == 1);
}
