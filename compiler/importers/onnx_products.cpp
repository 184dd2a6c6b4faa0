#include <algorithm>

#include <fmt/format.h>

#include "importers/onnx_broadcast.h"
#include "importers/onnx_constants.h"
#include "importers/onnx_operators.h"

namespace halcyon::importers {
namespace {

/// The last axis times a matrix of (inputs, units). It may lie in any order, such as (height, width, channels) of a flattened
/// image: the matrix's rows are brought into it.
OnnxValue dense(OnnxBuilder& builder, const OnnxValue& value, const Array& matrix, const std::optional<Array>& bias) {
    const Shape from = value.shape();
    if (from.empty() || matrix.shape().size() != 2 || matrix.shape()[0] != from.back())
        throw Refused{fmt::format("{} times {} is no product of matrices", to_text(from), to_text(matrix.shape()))};
    const Axis& summed = value.axes.back();
    const int last = value.rank() - 1;
    if (builder.batch_axis(value) == last) throw Refused{"it computes across the items of the batch"};
    std::vector<int> order = builder.order_of(value, {last});
    std::erase(order, last);
    std::vector<Axis> wanted;
    for (int axis : order) wanted.push_back(value.axes[static_cast<std::size_t>(axis)]);
    Axis together;
    for (const Axis& axis : value.lies) {
        for (const Atom& atom : axis)
            if (std::find(summed.begin(), summed.end(), atom) != summed.end()) together.push_back(atom);
    }
    wanted.push_back(together);
    // The rows, whose order is that of `summed`.
    Shape rows;
    std::vector<int> turned;
    for (const Atom& atom : summed) rows.push_back(atom.extent);
    for (const Atom& atom : together)
        turned.push_back(static_cast<int>(std::find(summed.begin(), summed.end(), atom) - summed.begin()));
    rows.push_back(matrix.shape()[1]);
    turned.push_back(static_cast<int>(summed.size()));

    const int laid = builder.lay(value, wanted);
    Shape shape = from;
    shape.back() = matrix.shape()[1];
    const int id =
        builder.layer("Dense", {{"units", Value(matrix.shape()[1])}, {"use_bias", Value(bias.has_value())}}, {laid});
    builder.weight("kernel", matrix.reshaped(rows).transposed(turned).reshaped(matrix.shape()));
    if (bias) builder.weight("bias", *bias);
    order.push_back(last);
    return builder.made(id, shape, order, value);
}

OnnxValue with_last_two_swapped(const OnnxValue& value) {
    OnnxValue result = value;
    std::swap(result.axes[result.axes.size() - 1], result.axes[result.axes.size() - 2]);
    return result;
}

/// Sums of products of two values that are computed, as matrices.
OnnxValue product(OnnxBuilder& builder, const OnnxValue& a, const OnnxValue& b) {
    const Shape left = a.shape(), right = b.shape();
    for (const OnnxValue* each : {&a, &b}) {
        const std::size_t rank = each->axes.size();
        if (rank < 2) throw Refused{"it multiplies vectors that are computed"};
        for (std::size_t i = 0; i + 2 < rank; ++i)
            if (!each->axes[i].empty()) throw Refused{"it multiplies several matrices at once that are computed"};
        if (builder.batch_axis(*each) >= 0) throw Refused{"it computes across the items of the batch"};
    }
    if (left.back() != right[right.size() - 2])
        throw Refused{fmt::format("{} times {} is no product of matrices", to_text(left), to_text(right))};
    const int rank = std::max(a.rank(), b.rank());
    const int x = builder.arranged(a, {a.rank() - 2, a.rank() - 1}),
              y = builder.arranged(b, {b.rank() - 2, b.rank() - 1});
    const int id = builder.layer("Dot", {{"axes", Value(Value::Sequence{Value(2), Value(1)})}}, {x, y});
    Shape shape(static_cast<std::size_t>(rank) - 2, 1);
    shape.push_back(left[left.size() - 2]);
    shape.push_back(right.back());
    return builder.made(id, shape, {rank - 2, rank - 1}, a);
}

Array transposed(const Array& matrix) {
    if (matrix.shape().size() != 2) throw Refused{"its matrix has not two axes"};
    return matrix.transposed({1, 0});
}

/// Without leading axes of extent 1.
Array as_matrix(const Array& array) {
    Shape shape = array.shape();
    while (shape.size() > 2 && shape.front() == 1) shape.erase(shape.begin());
    return array.reshaped(shape);
}

void import_matmul(OnnxCall& call) {
    const OnnxValue &a = call.input(0), &b = call.input(1);
    OnnxBuilder& builder = call.builder;
    if (b.constant) {
        Array matrix = as_matrix(to_array(*b.constant));
        if (matrix.shape().size() > 2) throw Refused{"it multiplies with several matrices at once"};
        const bool vector = matrix.shape().size() == 1;
        if (vector) matrix = matrix.reshaped({matrix.size(), 1});
        OnnxValue result = dense(builder, a, matrix, std::nullopt);
        if (vector) result.axes.pop_back();
        return call.give(result);
    }
    if (a.constant) {
        // (A x)^T = x^T A^T
        const Array matrix = as_matrix(to_array(*a.constant));
        if (matrix.shape().size() != 2 || b.rank() < 2) throw Refused{"it multiplies a constant that is no matrix"};
        return call.give(
            with_last_two_swapped(dense(builder, with_last_two_swapped(b), transposed(matrix), std::nullopt)));
    }
    call.give(product(builder, a, b));
}

Array scaled(Array array, double factor) {
    for (double& number : array.values()) number *= factor;
    return array;
}

void import_gemm(OnnxCall& call) {
    OnnxBuilder& builder = call.builder;
    const double alpha = call.number("alpha", 1.0), beta = call.number("beta", 1.0);
    OnnxValue a = call.input(0);
    if (a.constant) throw Refused{"its first matrix is a constant"};
    if (a.rank() != 2) throw Refused{"its first matrix has not two axes"};
    if (call.integer("transA", 0) != 0) a = with_last_two_swapped(a);
    OnnxValue result;
    std::optional<Array> bias;
    if (call.input(1).constant) {
        Array matrix = to_array(*call.input(1).constant);
        if (call.integer("transB", 0) != 0) matrix = transposed(matrix);
        if (matrix.shape().size() != 2) throw Refused{"its matrix has not two axes"};
        const std::int64_t units = matrix.shape()[1];
        if (call.is_constant(2)) {
            const Array added = call.constant(2, "bias");
            const Shape& shape = added.shape();
            const bool row = added.size() == units && !shape.empty() && shape.back() == units;
            if (row || added.size() == 1) {
                bias = scaled(row ? added.reshaped({units}) : Array(Shape{units}, added[0]), beta);
            }
        }
        result = dense(builder, a, scaled(std::move(matrix), alpha), bias);
    } else {
        OnnxValue b = call.input(1);
        if (b.rank() != 2) throw Refused{"its second matrix has not two axes"};
        if (call.integer("transB", 0) != 0) b = with_last_two_swapped(b);
        result = product(builder, a, b);
        if (alpha != 1.0) result.id = builder.arithmetic('*', result.id, alpha);
    }
    if (bias || !call.has(2)) return call.give(result);
    if (call.input(2).constant) {
        const ConstantOperand operand = constant_beside(builder, result, scaled(call.constant(2, "bias"), beta));
        const int id = builder.layer("Affine", {{"offset", shape_argument(operand.array.shape())}}, {operand.id});
        builder.weight("offset", operand.array);
        return call.give(builder.made(id, operand.shape, operand.order, operand.value));
    }
    OnnxValue added = call.input(2);
    if (beta != 1.0) added.id = builder.arithmetic('*', added.id, beta);
    call.give(joined(builder, result, added, [&](int x, int y) { return builder.arithmetic('+', x, y); }));
}

}  // namespace

const std::vector<OnnxOperator>& onnx_products() {
    static const std::vector<OnnxOperator> table = {{"MatMul", import_matmul}, {"Gemm", import_gemm}};
    return table;
}

}  // namespace halcyon::importers
