#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "kernels/kernel_harness.h"
#include "kernels/task.h"

using namespace halcyon;
using namespace halcyon::testing;

namespace {

Task first_layer() {
    Task task = convolution_task({1, 224, 224, 3}, 32, square_window(3, 2, 0, 1));
    task.inputs[0].element = ElementType::uint8;
    task.prologue = ScalarExpr::input(0) / 127.5 - 1.0;
    task.constants.push_back({32});
    task.epilogue = max(ScalarExpr::input(0) + ScalarExpr::constant(1), 0.0);
    return task;
}

}  // namespace

TEST_CASE("a task reads as a layer") {
    Task task = convolution_task({1, 56, 56, 64}, 64, square_window(3, 1, 1, 1));
    task.constants.push_back({64});
    task.epilogue = max(ScalarExpr::input(0) + ScalarExpr::constant(1), 0.0);
    CHECK(to_text(task) ==
          "conv2d float32 1x56x56x64 -> 64 kernel 3x3 stride 1 pad 1,1,1,1 constants 64 epilogue max(x + b, 0)");
    CHECK(to_text(first_layer()) == "conv2d uint8 1x224x224x3 -> 32 kernel 3x3 stride 2 pad 0,0,1,1 constants 32 "
                                    "prologue x / 127.5 - 1 epilogue max(x + b, 0)");
    CHECK(to_text(dense_task({1, 84}, 10)) == "dense float32 1x84 -> 10");
}

TEST_CASE("tasks that differ in anything have different texts") {
    const Task task = first_layer();
    std::vector<Task> others(8, task);
    others[0].threads = 2;
    others[1].output.element = ElementType::float16;
    others[2].inputs[0].element = ElementType::int8;
    others[3].operation.window.dilation = {1, 2};
    others[4].operation.window.pad_before = {1, 0};
    others[5].inputs.push_back(task.output);
    others[6].prologue = ScalarExpr::input(0);
    others[7].constants.push_back({1});
    for (const Task& other : others) {
        CHECK(to_text(other) != to_text(task));
        CHECK(other != task);
    }
}

TEST_CASE("a task survives JSON") {
    Task task = first_layer();
    task.inputs.push_back(task.output);
    task.threads = 3;
    CHECK(task_from_json(nlohmann::json::parse(to_json(task).dump())) == task);
}

TEST_CASE("operations and bytes are counted") {
    CHECK(flops(convolution_task({1, 4, 4, 3}, 5, square_window(3, 1, 1, 1))) == 2.0 * 16 * 5 * 27);
    CHECK(flops(convolution_task({1, 4, 4, 6}, 6, square_window(3, 1, 1, 1), 6)) == 2.0 * 16 * 6 * 9);
    CHECK(flops(dense_task({2, 10}, 7)) == 2.0 * 2 * 70);
    CHECK(bytes_moved(dense_task({2, 10}, 7)) == 4.0 * (20 + 14 + 70));
    CHECK(bytes_moved(first_layer()) == 224 * 224 * 3 + 4.0 * (112 * 112 * 32 + 27 * 32 + 32));
}
