#include "importers/onnx_fold.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numeric>

#include <fmt/format.h>

#include "importers/onnx_axes.h"
#include "importers/onnx_constants.h"
#include "support/checked.h"

namespace halcyon::importers {
namespace {

/// A constant on its way: whole numbers are divided otherwise than others.
struct Folded {
    Array array;
    bool whole = false;
};

constexpr std::int64_t most_elements = std::int64_t{1} << 26;

void check_size(const Shape& shape) {
    const std::optional<std::int64_t> count = checked_product(shape);
    const bool negative = std::any_of(shape.begin(), shape.end(), [](std::int64_t extent) { return extent < 0; });
    if (negative || !count || *count > most_elements)
        throw Refused{fmt::format("it makes a constant of the shape ({})", fmt::join(shape, ", "))};
}

using Operands = std::vector<Folded>;

/// Elements where the index into the result leads to one of the source.
Array gathered(const Array& from, const Shape& shape,
               const std::function<std::int64_t(const std::vector<std::int64_t>&)>& place) {
    check_size(shape);
    Array result(shape);
    std::int64_t flat = 0;
    for_each_index(shape, [&](const std::vector<std::int64_t>& index) { result[flat++] = from[place(index)]; });
    return result;
}

Shape broadcast_shape(const Operands& operands) {
    Shape shape;
    for (const Folded& operand : operands) {
        const std::optional<Shape> both = broadcast(shape, operand.array.shape());
        if (!both) throw Refused{"the shapes of its constants do not fit"};
        shape = *both;
    }
    check_size(shape);
    return shape;
}

Array broadcast_to(const Array& from, const Shape& shape) {
    if (from.shape() == shape) return from;
    const std::vector<std::int64_t> strides = from.strides();
    const std::size_t missing = shape.size() - from.shape().size();
    return gathered(from, shape, [&](const std::vector<std::int64_t>& index) {
        std::int64_t flat = 0;
        for (std::size_t i = 0; i < strides.size(); ++i)
            flat += from.shape()[i] == 1 ? 0 : index[i + missing] * strides[i];
        return flat;
    });
}

using Elementwise = double (*)(const double* operands, bool whole);

struct ElementwiseFold {
    std::string_view type;
    std::size_t operands;
    Elementwise compute;
    bool gives_whole;  ///< whatever it is given
};

double divided(const double* x, bool whole) {
    if (!whole) return x[0] / x[1];
    return x[1] == 0.0 ? 0.0 : std::trunc(x[0] / x[1]);
}

double remainder(const double* x, bool whole) {
    if (x[1] == 0.0) return 0.0;
    return whole ? x[0] - std::floor(x[0] / x[1]) * x[1] : std::fmod(x[0], x[1]);
}

constexpr std::array elementwise_folds = {
    ElementwiseFold{"Add", 2, [](const double* x, bool) { return x[0] + x[1]; }, false},
    ElementwiseFold{"Sub", 2, [](const double* x, bool) { return x[0] - x[1]; }, false},
    ElementwiseFold{"Mul", 2, [](const double* x, bool) { return x[0] * x[1]; }, false},
    ElementwiseFold{"Div", 2, divided, false},
    ElementwiseFold{"Mod", 2, remainder, false},
    ElementwiseFold{"Pow", 2, [](const double* x, bool) { return std::pow(x[0], x[1]); }, false},
    ElementwiseFold{"Min", 2, [](const double* x, bool) { return std::min(x[0], x[1]); }, false},
    ElementwiseFold{"Max", 2, [](const double* x, bool) { return std::max(x[0], x[1]); }, false},
    ElementwiseFold{"Neg", 1, [](const double* x, bool) { return -x[0]; }, false},
    ElementwiseFold{"Abs", 1, [](const double* x, bool) { return std::abs(x[0]); }, false},
    ElementwiseFold{"Sqrt", 1, [](const double* x, bool) { return std::sqrt(x[0]); }, false},
    ElementwiseFold{"Reciprocal", 1, [](const double* x, bool) { return 1.0 / x[0]; }, false},
    ElementwiseFold{"Exp", 1, [](const double* x, bool) { return std::exp(x[0]); }, false},
    ElementwiseFold{"Log", 1, [](const double* x, bool) { return std::log(x[0]); }, false},
    ElementwiseFold{"Sin", 1, [](const double* x, bool) { return std::sin(x[0]); }, false},
    ElementwiseFold{"Cos", 1, [](const double* x, bool) { return std::cos(x[0]); }, false},
    ElementwiseFold{"Floor", 1, [](const double* x, bool) { return std::floor(x[0]); }, false},
    ElementwiseFold{"Ceil", 1, [](const double* x, bool) { return std::ceil(x[0]); }, false},
    ElementwiseFold{"Round", 1, [](const double* x, bool) { return std::nearbyint(x[0]); }, false},
    ElementwiseFold{"Equal", 2, [](const double* x, bool) { return x[0] == x[1] ? 1.0 : 0.0; }, true},
    ElementwiseFold{"Less", 2, [](const double* x, bool) { return x[0] < x[1] ? 1.0 : 0.0; }, true},
    ElementwiseFold{"Greater", 2, [](const double* x, bool) { return x[0] > x[1] ? 1.0 : 0.0; }, true},
    ElementwiseFold{"LessOrEqual", 2, [](const double* x, bool) { return x[0] <= x[1] ? 1.0 : 0.0; }, true},
    ElementwiseFold{"GreaterOrEqual", 2, [](const double* x, bool) { return x[0] >= x[1] ? 1.0 : 0.0; }, true},
    ElementwiseFold{"And", 2, [](const double* x, bool) { return x[0] != 0.0 && x[1] != 0.0 ? 1.0 : 0.0; }, true},
    ElementwiseFold{"Or", 2, [](const double* x, bool) { return x[0] != 0.0 || x[1] != 0.0 ? 1.0 : 0.0; }, true},
    ElementwiseFold{"Not", 1, [](const double* x, bool) { return x[0] == 0.0 ? 1.0 : 0.0; }, true},
    ElementwiseFold{"Where", 3, [](const double* x, bool) { return x[0] != 0.0 ? x[1] : x[2]; }, false},
};

Folded fold_elementwise(const ElementwiseFold& fold, const Operands& operands) {
    const Shape shape = broadcast_shape(operands);
    std::vector<Array> arrays;
    bool whole = true;
    for (std::size_t i = 0; i < operands.size(); ++i) {
        arrays.push_back(broadcast_to(operands[i].array, shape));
        whole = whole && (operands[i].whole || (fold.operands == 3 && i == 0));
    }
    Array result(shape);
    for (std::int64_t i = 0; i < result.size(); ++i) {
        std::array<double, 3> x{};
        for (std::size_t k = 0; k < arrays.size(); ++k) x[k] = arrays[k][i];
        result[i] = fold.compute(x.data(), whole);
    }
    return {std::move(result), whole || fold.gives_whole};
}

Array fold_slice(const OnnxCall& call, const Array& from) {
    const Slicing slicing = slicing_of(call, from.shape());
    const std::vector<std::int64_t> strides = from.strides();
    return gathered(from, slicing.count, [&](const std::vector<std::int64_t>& index) {
        std::int64_t flat = 0;
        for (std::size_t i = 0; i < index.size(); ++i)
            flat += (slicing.begin[i] + index[i] * slicing.step[i]) * strides[i];
        return flat;
    });
}

Array fold_concat(const OnnxCall& call, const Operands& operands) {
    const int rank = static_cast<int>(operands[0].array.shape().size());
    const auto axis = static_cast<std::size_t>(OnnxCall::axis(call.integer("axis", 0), rank));
    Shape shape = operands[0].array.shape();
    shape[axis] = 0;
    for (const Folded& operand : operands) {
        Shape each = operand.array.shape();
        if (each.size() != shape.size()) throw Refused{"the shapes of its constants do not fit"};
        shape[axis] += each[axis];
        each[axis] = shape[axis];
        if (each != shape) throw Refused{"the shapes of its constants do not fit"};
    }
    check_size(shape);
    Array result(shape);
    const std::vector<std::int64_t> strides = result.strides();
    std::int64_t begin = 0;
    for (const Folded& operand : operands) {
        std::int64_t from = 0;
        for_each_index(operand.array.shape(), [&](const std::vector<std::int64_t>& index) {
            std::int64_t flat = begin * strides[axis];
            for (std::size_t i = 0; i < index.size(); ++i) flat += index[i] * strides[i];
            result[flat] = operand.array[from++];
        });
        begin += operand.array.shape()[axis];
    }
    return result;
}

Array fold_gather(const OnnxCall& call, const Array& from, const Array& indices) {
    const int rank = static_cast<int>(from.shape().size());
    const auto axis = static_cast<std::size_t>(OnnxCall::axis(call.integer("axis", 0), rank));
    Shape shape(from.shape().begin(), from.shape().begin() + static_cast<std::ptrdiff_t>(axis));
    shape.insert(shape.end(), indices.shape().begin(), indices.shape().end());
    shape.insert(shape.end(), from.shape().begin() + static_cast<std::ptrdiff_t>(axis) + 1, from.shape().end());
    const std::vector<std::int64_t> strides = from.strides(), steps = indices.strides();
    const std::size_t width = indices.shape().size();
    return gathered(from, shape, [&](const std::vector<std::int64_t>& index) {
        std::int64_t which = 0, flat = 0;
        for (std::size_t i = 0; i < width; ++i) which += index[axis + i] * steps[i];
        std::int64_t at = saturated(indices[which]);
        if (at < -from.shape()[axis] || at >= from.shape()[axis])
            throw Refused{fmt::format("its index {} is beyond {}", at, from.shape()[axis])};
        if (at < 0) at += from.shape()[axis];
        for (std::size_t i = 0; i < axis; ++i) flat += index[i] * strides[i];
        for (std::size_t i = axis + 1; i < strides.size(); ++i) flat += index[i + width - 1] * strides[i];
        return flat + at * strides[axis];
    });
}

Array fold_range(const Operands& operands) {
    for (const Folded& operand : operands)
        if (operand.array.size() != 1) throw Refused{"it goes from something that is not one number"};
    const double start = operands[0].array[0], limit = operands[1].array[0], step = operands[2].array[0];
    const double count = std::ceil((limit - start) / step);
    if (!(count < static_cast<double>(most_elements))) throw Refused{"it makes too large a constant"};
    Array result(Shape{static_cast<std::int64_t>(std::max(count, 0.0))});
    for (std::int64_t i = 0; i < result.size(); ++i) result[i] = start + static_cast<double>(i) * step;
    return result;
}

/// ReduceProd and its like over all axes, or those that are named.
Array fold_reduction(const OnnxCall& call, const Array& from, double first, double (*join)(double, double)) {
    const int rank = static_cast<int>(from.shape().size());
    std::vector<bool> gone(from.shape().size(), false);
    const auto axes = call.integers("axes", 1);
    if (!axes || axes->empty()) gone.assign(gone.size(), true);
    for (std::int64_t axis : axes.value_or(Shape{})) gone[static_cast<std::size_t>(OnnxCall::axis(axis, rank))] = true;
    Shape kept = from.shape(), shape;
    for (std::size_t i = 0; i < kept.size(); ++i) {
        if (!gone[i]) shape.push_back(kept[i]);
        if (gone[i]) kept[i] = 1;
    }
    Array result(kept, first);
    const std::vector<std::int64_t> strides = result.strides();
    std::int64_t at = 0;
    for_each_index(from.shape(), [&](const std::vector<std::int64_t>& index) {
        std::int64_t flat = 0;
        for (std::size_t i = 0; i < index.size(); ++i) flat += gone[i] ? 0 : index[i] * strides[i];
        result[flat] = join(result[flat], from[at++]);
    });
    return call.integer("keepdims", 1) != 0 ? result : result.reshaped(shape);
}

/// What a Constant says in one of its attributes.
std::optional<StoredTensor> constant_of(OnnxCall& call) {
    using Kind = onnx_file::Attribute::Kind;
    for (const onnx_file::Attribute& attribute : call.node.attributes) {
        switch (attribute.kind) {
        case Kind::tensor:
            if (!attribute.tensor.refused.empty()) throw Refused{attribute.tensor.refused};
            return attribute.tensor.value;
        case Kind::number:
            return call.builder.keep(StoredType::float32, Shape{}, std::vector{static_cast<double>(attribute.number)});
        case Kind::integer:
            return call.builder.keep(StoredType::int64, Shape{}, std::vector{static_cast<double>(attribute.integer)});
        case Kind::numbers:
            return call.builder.keep(StoredType::float32, Shape{static_cast<std::int64_t>(attribute.numbers.size())},
                                     std::vector<double>(attribute.numbers.begin(), attribute.numbers.end()));
        case Kind::integers:
            return call.builder.keep(StoredType::int64, Shape{static_cast<std::int64_t>(attribute.integers.size())},
                                     std::vector<double>(attribute.integers.begin(), attribute.integers.end()));
        default: break;
        }
    }
    throw Refused{"it holds no numbers"};
}

Folded fold_constant_of_shape(OnnxCall& call) {
    const Shape shape = call.integers_in(0, "shape");
    check_size(shape);
    const onnx_file::Attribute* value = call.attribute("value");
    if (value == nullptr) return {Array(shape), false};
    if (!value->tensor.refused.empty()) throw Refused{value->tensor.refused};
    const Array one = to_array(value->tensor.value);
    if (one.size() != 1) throw Refused{"its value is not one number"};
    return {Array(shape, one[0]), is_whole(value->tensor.value.type)};
}

Shape named_shape(const OnnxCall& call, const Shape& of) {
    const auto rank = static_cast<std::int64_t>(of.size());
    const auto place = [&](std::int64_t at) { return std::clamp<std::int64_t>(at < 0 ? at + rank : at, 0, rank); };
    const std::int64_t begin = place(std::max(call.integer("start", 0), -rank));
    const std::int64_t end = place(std::max(call.integer("end", rank), -rank));
    return begin < end ? Shape(of.begin() + begin, of.begin() + end) : Shape{};
}

/// One output, of constants alone; nothing where the type is none that is folded.
std::optional<Folded> fold_one(OnnxCall& call, const Operands& x) {
    const std::string& type = call.node.type;
    const auto count = x.size();
    for (const ElementwiseFold& fold : elementwise_folds) {
        if (type == fold.type && fold.operands == count) return fold_elementwise(fold, x);
    }
    if (count == 0) return std::nullopt;
    const bool whole = x[0].whole;
    const Array& from = x[0].array;
    const Shape& shape = from.shape();
    if (type == "Cast") {
        const std::int64_t to = call.integer("to", 1);
        const bool to_whole = is_integer_type(to);
        if (!to_whole && to != 1 && to != 10 && to != 11 && to != 16)
            throw Refused{"it rounds to numbers of fewer than 8 bits, or makes text of them"};
        Array result = from;
        if (to_whole && !whole)
            std::transform(result.values().begin(), result.values().end(), result.values().begin(),
                           [](double v) { return std::trunc(v); });
        if (to == 9)
            std::transform(result.values().begin(), result.values().end(), result.values().begin(),
                           [](double v) { return v != 0.0 ? 1.0 : 0.0; });
        return Folded{std::move(result), to_whole};
    }
    if (type == "Reshape") return Folded{from.reshaped(reshape_target(call, shape)), whole};
    if (type == "Squeeze") return Folded{from.reshaped(squeezed(call, shape)), whole};
    if (type == "Unsqueeze") return Folded{from.reshaped(unsqueezed(call, shape)), whole};
    if (type == "Flatten") return Folded{from.reshaped(flattened(call, shape)), whole};
    if (type == "Transpose") return Folded{from.transposed(transposition(call, static_cast<int>(shape.size()))), whole};
    if (type == "Slice") return Folded{fold_slice(call, from), whole};
    if (type == "Concat") return Folded{fold_concat(call, x), whole};
    if (type == "Gather" && count == 2) return Folded{fold_gather(call, from, x[1].array), whole};
    if (type == "Range" && count == 3) return Folded{fold_range(x), whole};
    if (type == "ConstantOfShape") return fold_constant_of_shape(call);
    if (type == "ReduceProd")
        return Folded{fold_reduction(call, from, 1.0, [](double a, double b) { return a * b; }), whole};
    if (type == "ReduceSum")
        return Folded{fold_reduction(call, from, 0.0, [](double a, double b) { return a + b; }), whole};
    if (type == "ReduceMax")
        return Folded{fold_reduction(call, from, -INFINITY, [](double a, double b) { return std::max(a, b); }), whole};
    if (type == "ReduceMin")
        return Folded{fold_reduction(call, from, INFINITY, [](double a, double b) { return std::min(a, b); }), whole};
    if (type == "Expand" && count == 2) {
        const Shape target = call.integers_in(1, "shape");
        check_size(target);
        const Operands shapes{x[0], {Array(target), true}};
        return Folded{broadcast_to(from, broadcast_shape(shapes)), whole};
    }
    return std::nullopt;
}

OnnxValue constant(StoredTensor tensor) {
    OnnxValue value;
    value.constant = std::move(tensor);
    return value;
}

}  // namespace

bool fold_onnx(OnnxCall& call) {
    const std::string& type = call.node.type;
    if (type == "Constant") {
        call.give(constant(*constant_of(call)));
        return true;
    }
    if (type == "Shape" || type == "Size") {
        const Shape shape = call.input(0).shape();
        const Shape named = named_shape(call, shape);
        std::vector<double> numbers(named.begin(), named.end());
        Shape result{static_cast<std::int64_t>(named.size())};
        if (type == "Size") {
            numbers = {static_cast<double>(checked_product(shape).value_or(0))};
            result.clear();
        }
        call.give(constant(call.builder.keep(StoredType::int64, result, numbers)));
        return true;
    }
    const bool constants =
        !call.inputs.empty() && std::all_of(call.inputs.begin(), call.inputs.end(),
                                            [](const OnnxValue* each) { return each == nullptr || each->constant; });
    if (!constants || call.inputs[0] == nullptr) return false;
    if (type == "Identity" || type == "Dropout") {
        call.give(*call.inputs[0]);
        return true;
    }
    // Where there is no room for more, nothing is computed first to find that out.
    static_cast<void>(call.builder.keep(StoredType::int64, Shape{0}, {}));
    Operands operands;
    for (const OnnxValue* each : call.inputs)
        if (each != nullptr) operands.push_back({to_array(*each->constant), is_whole(each->constant->type)});
    const std::optional<Folded> folded = fold_one(call, operands);
    if (!folded) return false;
    call.give(constant(call.builder.keep(folded->whole ? StoredType::int64 : StoredType::float32, folded->array)));
    return true;
}

}  // namespace halcyon::importers
