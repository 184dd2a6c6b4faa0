#include "tune/task_reference.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <span>
#include <thread>

#include "graph/used_constants.h"
#include "support/check.h"

namespace halcyon {
namespace {

using Index = std::vector<std::int64_t>;

std::size_t place(std::int64_t flat) {
    return static_cast<std::size_t>(flat);
}

/// Calls work(begin, end) for parts of 0 ... count - 1 from several threads.
template <typename Work>
void in_parts(std::int64_t count, const Work& work) {
    const std::int64_t parts =
        std::clamp<std::int64_t>(std::thread::hardware_concurrency(), 1, std::max<std::int64_t>(count, 1));
    std::vector<std::jthread> threads;
    for (std::int64_t part = 0; part < parts; ++part)
        threads.emplace_back([=, &work] { work(count * part / parts, count * (part + 1) / parts); });
}

/// The index of an element by its number.
Index index_of(const Shape& shape, std::int64_t flat) {
    Index index(shape.size());
    for (std::size_t axis = shape.size(); axis-- > 0;) {
        index[axis] = flat % shape[axis];
        flat /= shape[axis];
    }
    return index;
}

/// result[i] = element(index of i).
template <typename Element>
Array each_element(const Shape& shape, const Element& element) {
    Array result(shape);
    in_parts(result.size(), [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t flat = begin; flat < end; ++flat) result[flat] = element(index_of(shape, flat));
    });
    return result;
}

double element_at(const Array& array, const Index& at) {
    std::int64_t flat = 0;
    for (std::size_t axis = 0; axis < at.size(); ++axis) flat = flat * array.shape()[axis] + at[axis];
    return array[flat];
}

/// By NumPy's rule.
double broadcast_element(const Array& values, const Index& at) {
    const std::size_t skipped = at.size() - values.shape().size();
    std::int64_t flat = 0;
    for (std::size_t axis = 0; axis < values.shape().size(); ++axis) {
        const std::int64_t extent = values.shape()[axis];
        flat = flat * extent + (extent == 1 ? 0 : at[axis + skipped]);
    }
    return values[flat];
}

/// What an expression takes of the constants at a place of its tensor; of those that it does not use, anything.
std::vector<double> constants_at(const ScalarExpr& expr, const Operands& operands, const Index& at) {
    std::vector<double> constants(operands.constants.size());
    for (const int k : used_constants(expr)) {
        const auto number = static_cast<std::size_t>(k);
        constants.at(number) = broadcast_element(operands.constants.at(number), at);
    }
    return constants;
}

/// inputs[0] as the operation sees it.
Array source_of(const Task& task, const Operands& operands) {
    const Array& source = operands.inputs.at(0);
    if (task.prologue.is_identity()) return source;
    return each_element(source.shape(), [&](const Index& at) {
        const double element = element_at(source, at);
        return evaluate(task.prologue, std::span(&element, 1), constants_at(task.prologue, operands, at));
    });
}

/// Where a tap of the window over that place of the output lies in the input; false outside.
bool tap_place(const Window& window, const Index& at, const Index& tap, const Shape& shape, Index& from) {
    for (std::size_t axis = 0; axis < tap.size(); ++axis) {
        from[axis + 1] =
            at[axis + 1] * window.stride[axis] + tap[axis] * window.dilation[axis] - window.pad_before[axis];
        if (from[axis + 1] < 0 || from[axis + 1] >= shape[axis + 1]) return false;
    }
    return true;
}

/// What a convolution gives before pooling.
Shape results_shape(const Task& task) {
    Shape shape = task.output.shape;
    for (std::size_t axis = 0; axis < task.operation.pooled.size(); ++axis)
        shape[axis + 1] *= task.operation.pooled[axis];
    return shape;
}

/// The largest of each block that is pooled.
Array largest_of_blocks(const Task& task, const Array& results) {
    const Shape& block = task.operation.pooled;
    if (block.empty()) return results;
    return each_element(task.output.shape, [&](const Index& at) {
        double most = -std::numeric_limits<double>::infinity();
        for (std::int64_t number = 0; number < element_count(block); ++number) {
            const Index offset = index_of(block, number);
            Index from = at;
            for (std::size_t axis = 0; axis < block.size(); ++axis)
                from[axis + 1] = at[axis + 1] * block[axis] + offset[axis];
            most = std::max(most, element_at(results, from));
        }
        return most;
    });
}

/// All filters of a pixel at once, so that the innermost loop runs through memory.
Array convolved(const Task& task, const Array& source, const Array& kernel) {
    const Window& window = task.operation.window;
    const std::int64_t groups = task.operation.groups;
    const std::int64_t channels = source.shape().back();
    const std::int64_t filters = task.output.shape.back();
    const std::int64_t group_channels = channels / groups;
    const std::int64_t group_filters = filters / groups;
    Array result(results_shape(task));
    Shape pixels = result.shape();
    pixels.back() = 1;
    in_parts(element_count(pixels), [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t pixel = begin; pixel < end; ++pixel) {
            const Index at = index_of(pixels, pixel);
            Index from = at;
            double* const sums = &result.values()[place(pixel * filters)];
            for (std::int64_t number = 0; number < element_count(window.size); ++number) {
                if (!tap_place(window, at, index_of(window.size, number), source.shape(), from)) continue;
                from.back() = 0;
                std::int64_t first = 0;
                for (std::size_t axis = 0; axis < from.size(); ++axis)
                    first = first * source.shape()[axis] + from[axis];
                for (std::int64_t channel = 0; channel < channels; ++channel) {
                    const std::int64_t group = channel / group_channels;
                    const double x = source[first + channel];
                    const double* const weights = &kernel.values()[place(
                        (number * group_channels + channel % group_channels) * filters + group * group_filters)];
                    double* const own = sums + group * group_filters;
                    for (std::int64_t f = 0; f < group_filters; ++f) own[f] += x * weights[f];
                }
            }
        }
    });
    return result;
}

/// Each input element adds its multiple of the kernel [window..., filters, channels].
Array scattered(const Task& task, const Array& source, const Array& kernel) {
    const Window& window = task.operation.window;
    const Shape& shape = source.shape();
    const std::int64_t channels = shape.back();
    const std::int64_t filters = task.output.shape.back();
    Array result(task.output.shape);
    for (std::int64_t flat = 0; flat < source.size(); ++flat) {
        const Index at = index_of(shape, flat);
        for (std::int64_t number = 0; number < element_count(window.size); ++number) {
            const Index tap = index_of(window.size, number);
            std::int64_t to = at[0];
            bool inside = true;
            for (std::size_t axis = 0; axis < tap.size(); ++axis) {
                const std::int64_t p =
                    at[axis + 1] * window.stride[axis] + tap[axis] * window.dilation[axis] - window.pad_before[axis];
                inside = inside && p >= 0 && p < task.output.shape[axis + 1];
                to = to * task.output.shape[axis + 1] + p;
            }
            if (!inside) continue;
            for (std::int64_t f = 0; f < filters; ++f)
                result[to * filters + f] += source[flat] * kernel[(number * filters + f) * channels + at.back()];
        }
    }
    return result;
}

Array multiplied(const Task& task, const Array& source, const Array& kernel) {
    const std::int64_t depth = kernel.shape()[0];
    const std::int64_t units = kernel.shape()[1];
    Array result(task.output.shape);
    for (std::int64_t row = 0; row < result.size() / units; ++row)
        for (std::int64_t i = 0; i < depth; ++i)
            for (std::int64_t unit = 0; unit < units; ++unit)
                result[row * units + unit] += source[row * depth + i] * kernel[i * units + unit];
    return result;
}

Array pooled(const Task& task, const Array& source) {
    const Window& window = task.operation.window;
    const bool largest = task.operation.op == Op::max_pool;
    return each_element(task.output.shape, [&](const Index& at) {
        double sum = 0.0;
        double most = std::numeric_limits<float>::lowest();
        std::int64_t inside = 0;
        Index from = at;
        for (std::int64_t number = 0; number < element_count(window.size); ++number) {
            if (!tap_place(window, at, index_of(window.size, number), source.shape(), from)) {
                if (task.operation.has_pad_value) most = std::max(most, task.operation.pad_value);
                continue;
            }
            ++inside;
            const double value = element_at(source, from);
            sum += value;
            most = std::max(most, value);
        }
        return largest ? most : sum / static_cast<double>(inside);
    });
}

Array reduced(const Task& task, const Array& source) {
    const Op op = task.operation.op;
    const std::vector<int>& axes = task.operation.axes;  // without the batch
    const double limit = std::numeric_limits<float>::max();
    Array result(task.output.shape, op == Op::reduce_max ? -limit : op == Op::reduce_min ? limit : 0.0);
    for (std::int64_t flat = 0; flat < source.size(); ++flat) {
        const Index at = index_of(source.shape(), flat);
        std::int64_t to = 0;
        for (std::size_t axis = 0; axis < at.size(); ++axis) {
            const bool gone = std::find(axes.begin(), axes.end(), static_cast<int>(axis) - 1) != axes.end();
            if (!gone) to = to * source.shape()[axis] + at[axis];
        }
        double& value = result[to];
        if (op == Op::reduce_max)
            value = std::max(value, source[flat]);
        else if (op == Op::reduce_min)
            value = std::min(value, source[flat]);
        else
            value += source[flat];
    }
    if (op == Op::reduce_mean)
        for (double& value : result.values())
            value /= static_cast<double>(source.size()) / static_cast<double>(result.size());
    return result;
}

Array softmaxed(const Task& task, const Array& source) {
    const auto own = static_cast<std::size_t>(task.operation.axes.at(0)) + 1;
    return each_element(task.output.shape, [&](const Index& at) {
        double sum = 0.0;
        Index other = at;
        for (other[own] = 0; other[own] < source.shape()[own]; ++other[own])
            sum += std::exp(element_at(source, other) - element_at(source, at));
        return 1.0 / sum;
    });
}

Array padded(const Task& task, const Array& source) {
    return each_element(task.output.shape, [&](const Index& at) {
        Index from = at;
        for (std::size_t axis = 1; axis < at.size(); ++axis) {
            from[axis] -= task.operation.pad_before[axis - 1];
            if (from[axis] < 0 || from[axis] >= source.shape()[axis]) return task.operation.pad_value;
        }
        return element_at(source, from);
    });
}

/// From (o + 1/2) in / out - 1/2 among the input's elements, along each spatial axis.
Array resized(const Task& task, const Array& source) {
    const bool nearest = task.operation.op == Op::resize_nearest;
    const Shape& in = source.shape();
    const std::size_t spatial = in.size() - 2;
    return each_element(task.output.shape, [&](const Index& at) {
        double sum = 0.0;
        Index from = at;
        for (std::size_t corner = 0; corner < (std::size_t{1} << spatial); ++corner) {
            double weight = 1.0;
            for (std::size_t axis = 1; axis <= spatial; ++axis) {
                const auto extent = static_cast<double>(in[axis]);
                const double middle =
                    (static_cast<double>(at[axis]) + 0.5) * extent / static_cast<double>(task.output.shape[axis]);
                const bool second = (corner >> (axis - 1) & 1) != 0;
                const double low = nearest ? std::floor(middle) : std::floor(middle - 0.5);
                const double share = nearest ? 0.0 : middle - 0.5 - low;
                weight *= second ? share : 1.0 - share;
                from[axis] = static_cast<std::int64_t>(std::clamp(low + (second ? 1.0 : 0.0), 0.0, extent - 1.0));
            }
            if (weight != 0.0) sum += weight * element_at(source, from);
        }
        return sum;
    });
}

bool has_kernel(Op op) {
    return op == Op::convolution || op == Op::transposed_convolution || op == Op::dense;
}

/// Before the epilogue.
Array operation_result(const Task& task, const Operands& operands, const Array& source) {
    switch (task.operation.op) {
    case Op::convolution: return largest_of_blocks(task, convolved(task, source, operands.constants.at(0)));
    case Op::transposed_convolution: return scattered(task, source, operands.constants.at(0));
    case Op::dense: return multiplied(task, source, operands.constants.at(0));
    case Op::max_pool:
    case Op::average_pool: return pooled(task, source);
    case Op::reduce_mean:
    case Op::reduce_max:
    case Op::reduce_min:
    case Op::reduce_sum: return reduced(task, source);
    case Op::softmax: return softmaxed(task, source);
    case Op::pad: return padded(task, source);
    case Op::resize_nearest:
    case Op::resize_bilinear: return resized(task, source);
    default: internal_error(__FILE__, __LINE__, "no kernel computes " + to_text(task));
    }
}

}  // namespace

Operands random_operands(const Task& task, std::uint64_t seed) {
    std::mt19937_64 bits(seed);
    const auto unit = [&] { return static_cast<double>(bits() >> 54) * 0x1p-10; };
    Operands operands;
    for (const TensorType& type : task.inputs) {
        Array& values = operands.inputs.emplace_back(type.shape);
        for (double& value : values.values()) {
            switch (type.element) {
            case ElementType::uint8: value = static_cast<double>(bits() >> 56); break;
            case ElementType::int8: value = static_cast<double>(bits() >> 56) - 128.0; break;
            // 8 bits are what bfloat16 holds.
            case ElementType::float16:
            case ElementType::bfloat16: value = static_cast<double>(bits() >> 56) * 0x1p-8; break;
            case ElementType::float32: value = unit(); break;
            }
        }
    }
    for (std::size_t k = 0; k < task.constants.size(); ++k) {
        Array& values = operands.constants.emplace_back(task.constants[k]);
        const bool kernel = k == 0 && has_kernel(task.operation.op);
        for (double& value : values.values()) value = kernel ? (unit() - 0.5) * 0.25 : 0.25 + 0.5 * unit();
    }
    return operands;
}

Array task_reference(const Task& task, const Operands& operands) {
    const bool elementwise = task.operation.op == Op::elementwise;
    const Array source = source_of(task, operands);
    const Array before = elementwise ? Array() : operation_result(task, operands, source);
    if (!elementwise && task.epilogue.is_identity()) return before;
    return each_element(task.output.shape, [&](const Index& at) {
        std::vector<double> inputs;
        inputs.push_back(elementwise ? broadcast_element(source, at) : element_at(before, at));
        for (std::size_t i = elementwise ? 1 : static_cast<std::size_t>(task.operand_count); i < operands.inputs.size();
             ++i)
            inputs.push_back(broadcast_element(operands.inputs[i], at));
        return evaluate(task.epilogue, inputs, constants_at(task.epilogue, operands, at));
    });
}

}  // namespace halcyon
