// Every sum over products of two tensors: the first's other axes, then the second's.
#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "graph/apply_scalar.h"
#include "layers/common/normalization.h"
#include "layers/common/shapes.h"
#include "support/checked.h"

namespace halcyon::layers {
namespace {

/// The axis of input 0 or 1 as Keras counts it.
std::int64_t written_axis(const Attributes& attributes, std::size_t input) {
    return attributes.integers("axes").at(input);
}

int summed_axis(const Attributes& attributes, std::size_t input, const Shape& shape) {
    return checked_axis(written_axis(attributes, input), static_cast<int>(shape.size()));
}

Shape without(Shape shape, int axis) {
    shape.erase(shape.begin() + axis);
    return shape;
}

/// The shapes of both inputs with the summed axis last and ones where the other has its axes, so that they broadcast to all
/// products.
struct Operands {
    Shape shapes[2];
    Shape products;
};

Operands operands_of(const Attributes& attributes, const Shape& a, const Shape& b) {
    const int axis = summed_axis(attributes, 0, a);
    const Shape mine = without(a, axis), others = without(b, summed_axis(attributes, 1, b));
    Operands result{{mine, Shape(mine.size(), 1)}, mine};
    result.shapes[0].resize(mine.size() + others.size(), 1);
    result.shapes[1].insert(result.shapes[1].end(), others.begin(), others.end());
    result.products.insert(result.products.end(), others.begin(), others.end());
    for (Shape* shape : {&result.shapes[0], &result.shapes[1], &result.products})
        shape->push_back(a[static_cast<std::size_t>(axis)]);
    return result;
}

/// All axes, that one last.
std::vector<int> moved_last(int axis, std::size_t rank) {
    std::vector<int> axes;
    for (int i = 0; i < static_cast<int>(rank); ++i)
        if (i != axis) axes.push_back(i);
    axes.push_back(axis);
    return axes;
}

std::optional<TensorType> infer_type(const LayerCall& call) {
    const Shape &a = call.inputs[0].shape, &b = call.inputs[1].shape;
    for (std::size_t i = 0; i < 2; ++i) {
        const LayerCall one(call.attributes, call.inputs.subspan(i, 1),
                            [&](Code code, std::string_view argument, const std::string& message) {
                                call.error(code, argument, message);
                            });
        if (!axis_of(one, "axes", written_axis(call.attributes, i), call.inputs[i].rank())) return std::nullopt;
    }
    const std::int64_t mine = a[static_cast<std::size_t>(summed_axis(call.attributes, 0, a))];
    const std::int64_t others = b[static_cast<std::size_t>(summed_axis(call.attributes, 1, b))];
    if (mine != others) {
        call.error(Code::shape_mismatch, "axes",
                   fmt::format("the axes of {} and {} that are summed over have {} and {} elements", to_text(a),
                               to_text(b), mine, others));
        return std::nullopt;
    }
    Shape shape = operands_of(call.attributes, a, b).products;
    const std::optional<std::int64_t> products = checked_product(shape);
    if (!products || *products > max_elements) {
        call.error(Code::too_large, "",
                   fmt::format("the products of {} and {} are more than {}", to_text(a), to_text(b), max_elements));
        return std::nullopt;
    }
    shape.pop_back();
    if (shape.empty()) shape = {1};
    return computed(std::move(shape));
}

ScalarExpr product() {
    return ScalarExpr::input(0) * ScalarExpr::input(1);
}

/// Of a sum of squares; the lower bound is Keras's.
ScalarExpr inverse_length() {
    return 1.0 / max(sqrt(ScalarExpr::input(0)), 1e-12);
}

void reference(const Attributes& attributes, std::span<const Array>, std::span<const Array> inputs, Array& output) {
    const Operands shapes = operands_of(attributes, inputs[0].shape(), inputs[1].shape());
    Array operands[2];
    for (std::size_t i = 0; i < 2; ++i) {
        const Shape& shape = inputs[i].shape();
        Array turned = inputs[i].transposed(moved_last(summed_axis(attributes, i, shape), shape.size()));
        if (attributes.boolean("normalize")) {
            const Array both[] = {turned, turned};
            const Array sum = mean_over(apply_scalar(product(), both, {}, turned.shape()),
                                        {static_cast<int>(shape.size()) - 1}, true);
            const Array scaled[] = {turned, apply_scalar(inverse_length(), std::span(&sum, 1), {}, sum.shape())};
            turned = apply_scalar(product(), scaled, {}, turned.shape());
        }
        operands[i] = turned.reshaped(shapes.shapes[i]);
    }
    const std::int64_t count = shapes.products.back();
    const Array products = apply_scalar(product(), operands, {}, shapes.products);
    for (std::int64_t i = 0; i < products.size(); ++i) output[i / count] += products[i];
}

int lower(Lowering& lowering) {
    const Attributes& attributes = *lowering.attributes;
    const Operands shapes = operands_of(attributes, lowering.inputs[0].shape, lowering.inputs[1].shape);
    int operands[2];
    for (std::size_t i = 0; i < 2; ++i) {
        const Shape& shape = lowering.inputs[i].shape;
        Operation turn{.op = Op::transpose};
        turn.axes = moved_last(summed_axis(attributes, i, shape), shape.size());
        Shape turned;
        for (int axis : turn.axes) turned.push_back(shape[static_cast<std::size_t>(axis)]);
        int value = lowering.add(std::move(turn), {static_cast<int>(i)}, {}, ScalarExpr::input(0), turned);
        if (attributes.boolean("normalize")) {
            const int squares = lowering.elementwise(ScalarExpr::input(0) * ScalarExpr::input(0), {value}, {}, turned);
            const int inverse = lower_reduction(lowering, Op::reduce_sum, squares,
                                                {static_cast<int>(turned.size()) - 1}, inverse_length());
            value = lowering.elementwise(product(), {value, inverse}, {}, turned);
        }
        operands[i] = lowering.add({.op = Op::reshape}, {value}, {}, ScalarExpr::input(0), shapes.shapes[i]);
    }
    const int products = lowering.elementwise(product(), {operands[0], operands[1]}, {}, shapes.products);
    Operation sum{.op = Op::reduce_sum};
    sum.axes = {static_cast<int>(shapes.products.size()) - 1};
    Shape summed = shapes.products;
    summed.back() = 1;
    const int sums = lowering.add(std::move(sum), {products}, {}, ScalarExpr::input(0), std::move(summed));
    return lowering.add({.op = Op::reshape}, {sums}, {}, ScalarExpr::input(0), lowering.output.shape);
}

}  // namespace

extern const LayerDef dot;
const LayerDef dot{
    .name = "Dot",
    .doc = "Sums of products of two tensors along an axis of each.",
    .arguments =
        {
            {"axes", argument::tuple_of(argument::integer(-64, 64), 2), std::nullopt,
             "summed over, one of each input, counted with the batch as 0"},
            {"normalize", argument::boolean(), Value(false),
             "whether the vectors along it are first brought to length 1"},
        },
    .min_inputs = 2,
    .max_inputs = 2,
    .infer_type = infer_type,
    .reference = reference,
    .lower = lower,
};

}  // namespace halcyon::layers
