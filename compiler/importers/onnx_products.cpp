#include <algorithm>

#include <fmt/format.h>

#include "importers/onnx_broadcast.h"
#include "importers/onnx_constants.h"
#include "importers/onnx_operators.h"
#include "importers/onnx_parts.h"
#include "support/checked.h"

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

/// Sums of products of two values that are computed, as matrices; of each item of the batch its own.
OnnxValue product(OnnxBuilder& builder, const OnnxValue& a, const OnnxValue& b) {
    const Shape left = a.shape(), right = b.shape();
    const int rank = std::max(a.rank(), b.rank());
    const int batch = builder.batch_axis(a);
    const bool beside = batch < 0 || (a.rank() == b.rank() && batch < rank - 2);
    if (batch != builder.batch_axis(b) || !beside) throw Refused{"it computes across the items of the batch"};
    if (left.back() != right[right.size() - 2])
        throw Refused{fmt::format("{} times {} is no product of matrices", to_text(left), to_text(right))};
    const int x = builder.arranged(a, {a.rank() - 2, a.rank() - 1}),
              y = builder.arranged(b, {b.rank() - 2, b.rank() - 1});
    const int id = builder.layer("Dot", {{"axes", Value(Value::Sequence{Value(2), Value(1)})}}, {x, y});
    Shape shape(static_cast<std::size_t>(rank) - 2, 1);
    if (batch >= 0) shape[static_cast<std::size_t>(batch)] = left[static_cast<std::size_t>(batch)];
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

/// The matrix of the last two axes at that place of the axes before them, which are right-aligned.
Array matrix_at(const Array& array, const std::vector<std::int64_t>& place) {
    const Shape& shape = array.shape();
    const std::size_t leading = shape.size() - 2;
    const std::int64_t rows = shape[leading], columns = shape[leading + 1];
    std::int64_t flat = 0;
    for (std::size_t i = 0; i < leading; ++i)
        flat = flat * shape[i] + (shape[i] == 1 ? 0 : place[place.size() - leading + i]);
    const auto begin = array.values().begin() + flat * rows * columns;
    return {Shape{rows, columns}, std::vector<double>(begin, begin + rows * columns)};
}

OnnxValue matrix_at(OnnxBuilder& builder, const OnnxValue& value, const std::vector<std::int64_t>& place) {
    OnnxValue result = value;
    const auto leading = static_cast<std::size_t>(value.rank()) - 2;
    const int batch = builder.batch_axis(value);
    for (std::size_t i = 0; i < leading; ++i) {
        const int axis = static_cast<int>(i);
        if (axis == batch || value.axes[i].empty()) continue;
        result = part_of(builder, result, axis, place[place.size() - leading + i], 1);
    }
    return result;
}

/// (A x)^T = x^T A^T
OnnxValue product(OnnxBuilder& builder, const Array& a, const OnnxValue& b) {
    return with_last_two_swapped(dense(builder, with_last_two_swapped(b), transposed(a), std::nullopt));
}

/// Matrices of the last two axes, one pair for each place of the axes before them.
OnnxValue products(OnnxBuilder& builder, const OnnxValue& a, const OnnxValue& b) {
    const auto leading = [](const OnnxValue& value) {
        const Shape shape = value.shape();
        return Shape(shape.begin(), shape.end() - 2);
    };
    const std::optional<Shape> places = broadcast(leading(a), leading(b));
    if (!places)
        throw Refused{fmt::format("{} times {} is no product of matrices", to_text(a.shape()), to_text(b.shape()))};
    Shape own = *places;  // without the batch
    const OnnxValue& computed = a.constant ? b : a;
    const int batch = builder.batch_axis(computed);
    if (batch >= 0 && own.size() + 2 != static_cast<std::size_t>(computed.rank()))
        throw Refused{"it computes across the items of the batch"};
    for (const OnnxValue* each : {&a, &b}) {
        const int at = batch - (computed.rank() - each->rank());
        if (batch >= 0 && each->constant && at >= 0 && each->constant->shape[static_cast<std::size_t>(at)] != 1)
            throw Refused{"its matrices differ from item to item of the batch"};
    }
    if (batch >= 0 && batch < static_cast<int>(own.size())) own[static_cast<std::size_t>(batch)] = 1;
    constexpr std::int64_t most = 64;
    const std::optional<std::int64_t> count = checked_product(own);
    if (!count || *count > most) throw Refused{"it multiplies more than 64 matrices at once"};
    std::vector<OnnxValue> results;
    for_each_index(own, [&](const std::vector<std::int64_t>& place) {
        OnnxValue result;
        if (b.constant) {
            const Array matrix = matrix_at(to_array(*b.constant), place);
            result = dense(builder, matrix_at(builder, a, place), matrix, std::nullopt);
        } else if (a.constant) {
            result = product(builder, matrix_at(to_array(*a.constant), place), matrix_at(builder, b, place));
        } else {
            result = product(builder, matrix_at(builder, a, place), matrix_at(builder, b, place));
        }
        while (result.axes.size() < own.size() + 2) result.axes.insert(result.axes.begin(), Axis{});
        results.push_back(std::move(result));
    });
    if (results.size() == 1) return results[0];
    // One behind the other along the last axis of the places that has several, then as the places are.
    int along = static_cast<int>(own.size()) - 1;
    while (own[static_cast<std::size_t>(along)] == 1) --along;
    const OnnxValue all = concatenated(builder, results, along);
    Shape shape = *places;
    const Shape last = results[0].shape();
    shape.insert(shape.end(), last.end() - 2, last.end());
    return builder.reshaped(all, shape);
}

void import_matmul(OnnxCall& call) {
    OnnxValue a = call.input(0), b = call.input(1);
    OnnxBuilder& builder = call.builder;
    const auto widened = [](OnnxValue& value, bool behind) {
        if (value.rank() > 1) return false;
        if (value.rank() == 0) throw Refused{"it multiplies a single number"};
        if (value.constant) {
            value.constant->shape.insert(behind ? value.constant->shape.end() : value.constant->shape.begin(), 1);
        } else {
            value.axes.insert(behind ? value.axes.end() : value.axes.begin(), Axis{});
        }
        return true;
    };
    const bool row = widened(a, false), column = widened(b, true);
    const auto is_matrix = [](const OnnxValue& value, int most_rank) {
        return value.constant && value.rank() <= most_rank && as_matrix(to_array(*value.constant)).shape().size() == 2;
    };
    OnnxValue result;
    if (is_matrix(b, a.rank())) {
        result = dense(builder, a, as_matrix(to_array(*b.constant)), std::nullopt);
    } else if (is_matrix(a, b.rank())) {
        result = product(builder, as_matrix(to_array(*a.constant)), b);
    } else {
        result = products(builder, a, b);
    }
    if (column) result.axes.pop_back();
    if (row) result.axes.erase(result.axes.end() - (column ? 1 : 2));
    call.give(result);
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
