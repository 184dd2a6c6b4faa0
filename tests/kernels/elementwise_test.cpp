#include <doctest/doctest.h>

#include "kernels/kernel_harness.h"

namespace halcyon::testing {
namespace {

Task elementwise_task(const std::vector<TensorType>& inputs, const Shape& output, ScalarExpr expr,
                      std::vector<Shape> constants = {}) {
    Task task;
    task.operation.op = Op::elementwise;
    task.inputs = inputs;
    task.operand_count = static_cast<int>(inputs.size());
    task.output = {ElementType::float32, output};
    task.constants = std::move(constants);
    task.epilogue = std::move(expr);
    return task;
}

TensorType floats(const Shape& shape) {
    return {ElementType::float32, shape};
}

const ScalarExpr x = ScalarExpr::input(0), y = ScalarExpr::input(1);

}  // namespace

TEST_CASE("elementwise arithmetic is right for extents that no vector divides") {
    for (const Shape& shape :
         {Shape{1, 1}, Shape{1, 7}, Shape{2, 5, 3, 17}, Shape{1, 33}, Shape{3, 4, 4, 64}, Shape{2, 1, 1, 1}}) {
        check_all_candidates("elementwise",
                             elementwise_task({floats(shape), floats(shape)}, shape, max(x + 2.0 * y, 0.0)));
    }
}

TEST_CASE("elementwise operands of extent 1 are broadcast") {
    const Shape shape{2, 5, 3, 19};
    check_all_candidates("elementwise", elementwise_task({floats(shape), floats({2, 1, 1, 19})}, shape, x * y));
    check_all_candidates("elementwise", elementwise_task({floats(shape), floats({2, 5, 3, 1})}, shape, x * y));
    check_all_candidates("elementwise", elementwise_task({floats({2, 1, 3, 1}), floats({2, 5, 1, 19})}, shape, x - y));
}

TEST_CASE("elementwise constants are broadcast from the right") {
    const Shape shape{2, 5, 3, 19};
    const ScalarExpr a = ScalarExpr::constant(0), b = ScalarExpr::constant(1);
    check_all_candidates("elementwise", elementwise_task({floats(shape)}, shape, x * a + b, {{19}, {1, 1, 19}}));
    check_all_candidates("elementwise", elementwise_task({floats(shape)}, shape, x * a + b, {{5, 3, 19}, {1}}));
    check_all_candidates("elementwise", elementwise_task({floats(shape)}, shape, x * a, {{5, 1, 1}}));
}

TEST_CASE("a copy goes between any two layouts") {
    for (const Shape& shape : {Shape{1, 9, 7, 3}, Shape{2, 6, 5, 21}, Shape{1, 1, 40, 2}, Shape{1, 17, 33, 1}}) {
        const Task task = elementwise_task({floats(shape)}, shape, x);
        Candidate layouts = dense_layouts(task);
        layouts.inputs[0] = layout_in_order(shape, {0, 3, 1, 2});
        check_kernel("elementwise", task, layouts);
        std::swap(layouts.inputs[0], layouts.output);
        check_kernel("elementwise", task, layouts);
        layouts.inputs[0] = layout_in_order(shape, {3, 2, 1, 0});
        check_kernel("elementwise", task, layouts);
    }
}

TEST_CASE("elementwise writes into a slice and reads one, and leaves the gaps alone") {
    const Shape shape{2, 3, 4, 5};
    const Task task = elementwise_task({floats(shape), floats(shape)}, shape, x + y);
    Candidate layouts = dense_layouts(task);
    layouts.output.strides = {3 * 4 * 13, 4 * 13, 13, 1};
    layouts.inputs[1].strides = {3 * 4 * 9, 4 * 9, 9, 1};
    check_kernel("elementwise", task, layouts);
}

TEST_CASE("a reversed axis is read backwards") {
    const Shape shape{1, 3, 4, 3};
    const Task task = elementwise_task({floats(shape)}, shape, 2.0 * x);
    Candidate layouts = dense_layouts(task);
    layouts.inputs[0].strides = {36, 12, 3, -1};
    check_kernel("elementwise", task, layouts);
}

TEST_CASE("a reversed tensor of a vector or less, where no loop remains, is read backwards") {
    for (std::int64_t extent : {1, 2, 5, 16, 17, 64}) {
        const Shape shape{1, extent};
        const Task task = elementwise_task({floats(shape)}, shape, 2.0 * x);
        Candidate layouts = dense_layouts(task);
        layouts.inputs[0].strides = {extent, -1};
        check_kernel("elementwise", task, layouts);
    }
}

TEST_CASE("elementwise writes over its input, each element once") {
    for (const Shape& shape : {Shape{1, 5, 5, 17}, Shape{2, 3, 3, 64}, Shape{1, 9}}) {
        const Task task = elementwise_task({floats(shape), floats(shape)}, shape, x * 0.5 + y);
        for (int over : {0, 1}) {
            Candidate layouts = dense_layouts(task);
            layouts.in_place = over;
            check_kernel("elementwise", task, layouts);
        }
    }
}

TEST_CASE("elementwise refuses to write over an input that is broadcast or lies otherwise") {
    const Shape shape{1, 4, 4, 8};
    const KernelFamily& family = *find_kernel_family("elementwise");
    const Task task = elementwise_task({floats(shape), floats({1, 1, 1, 8})}, shape, x * y);
    Candidate layouts = dense_layouts(task);
    layouts.in_place = 1;
    CHECK_FALSE(family.accepts(task, layouts));
    layouts.in_place = 0;
    CHECK(family.accepts(task, layouts));
    layouts.inputs[0] = layout_in_order(shape, {0, 3, 1, 2});
    CHECK_FALSE(family.accepts(task, layouts));
}

TEST_CASE("doors of every element type are converted as they are read") {
    const Shape shape{1, 5, 7, 3};
    for (const ElementType element :
         {ElementType::uint8, ElementType::int8, ElementType::float16, ElementType::bfloat16}) {
        check_all_candidates("elementwise", elementwise_task({{element, shape}}, shape, x * 0.25 - 1.0));
    }
}

TEST_CASE("elementwise exponentials keep their accuracy") {
    const Shape shape{1, 4, 4, 37};
    check_all_candidates("elementwise", elementwise_task({floats(shape)}, shape, 1.0 / (1.0 + exp(-x))));
    check_all_candidates("elementwise", elementwise_task({floats(shape)}, shape, tanh(x)));
}

TEST_CASE("threads and the place in a batch change no bit of an elementwise result") {
    const Shape shape{2, 61, 67, 19};
    Task task = elementwise_task({floats(shape), floats(shape)}, shape, exp(x) * y + x / 3.0);
    Operands operands = random_operands(task, 7);
    const std::int64_t item = element_count(shape) / 2;
    for (Array& input : operands.inputs) {
        for (std::int64_t i = 0; i < item; ++i) input[item + i] = input[i];
    }
    const Candidate alone = cheapest("elementwise", task, dense_layouts(task));
    const Array one = CompiledCase(task, alone).run(operands);
    for (std::int64_t i = 0; i < item; ++i) REQUIRE(one[item + i] == one[i]);
    task.threads = 3;
    const Array three = CompiledCase(task, cheapest("elementwise", task, dense_layouts(task))).run(operands);
    for (std::int64_t i = 0; i < one.size(); ++i) REQUIRE(three[i] == one[i]);
}

}  // namespace halcyon::testing
