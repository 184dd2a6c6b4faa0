#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "kernels/streaming_cases.h"

// What operations other than convolutions give, by their definitions in double precision, and tasks of them.

namespace halcyon::testing {

/// A pool by its definition, one window at a time.
[[nodiscard]] inline Array pooled(const Task& task, const Operands& operands) {
    const Array source = source_of(task, operands);
    const Window& window = task.operation.window;
    const bool largest = task.operation.op == Op::max_pool;
    Array result(task.output.shape);
    std::int64_t flat = 0;
    for_each_index(task.output.shape, [&](const std::vector<std::int64_t>& at) {
        double sum = 0.0, most = std::numeric_limits<float>::lowest();
        std::int64_t inside = 0;
        for_each_index(window.size, [&](const std::vector<std::int64_t>& tap) {
            std::vector<std::int64_t> from = at;
            for (std::size_t axis = 0; axis < window.size.size(); ++axis) {
                from[axis + 1] =
                    at[axis + 1] * window.stride[axis] + tap[axis] * window.dilation[axis] - window.pad_before[axis];
                if (from[axis + 1] >= 0 && from[axis + 1] < source.shape()[axis + 1]) continue;
                if (task.operation.has_pad_value) most = std::max(most, task.operation.pad_value);
                return;
            }
            ++inside;
            sum += element_at(source, from);
            most = std::max(most, element_at(source, from));
        });
        result[flat++] = largest ? most : sum / static_cast<double>(inside);
    });
    return result;
}

/// The output's extents follow.
[[nodiscard]] inline Task pool_task(Op op, const Shape& input, const Window& window) {
    Shape output{input.front()};
    for (std::size_t axis = 0; axis < window.size.size(); ++axis) {
        const std::int64_t reach = (window.size[axis] - 1) * window.dilation[axis] + 1;
        output.push_back(
            (input[axis + 1] + window.pad_before[axis] + window.pad_after[axis] - reach) / window.stride[axis] + 1);
    }
    output.push_back(input.back());
    Task task = streaming_task(op, input, output);
    task.operation.window = window;
    return task;
}

/// Whether that axis of the input, which has the batch in front, is one of the operation's.
[[nodiscard]] inline bool is_reduced(const Task& task, std::size_t axis) {
    return std::find(task.operation.axes.begin(), task.operation.axes.end(), static_cast<int>(axis) - 1) !=
           task.operation.axes.end();
}

/// A reduction, one element at a time.
[[nodiscard]] inline Array reduced(const Task& task, const Operands& operands) {
    const Array source = source_of(task, operands);
    const Op op = task.operation.op;
    const bool keeps = task.output.shape.size() == source.shape().size();
    const double limit = std::numeric_limits<float>::max();
    Array result(task.output.shape, op == Op::reduce_max ? -limit : op == Op::reduce_min ? limit : 0.0);
    std::int64_t flat = 0;
    for_each_index(source.shape(), [&](const std::vector<std::int64_t>& at) {
        std::int64_t place = 0;
        for (std::size_t axis = 0, kept = 0; axis < at.size(); ++axis) {
            if (is_reduced(task, axis)) {
                if (keeps) ++kept;
                continue;
            }
            std::int64_t stride = 1;
            for (std::size_t later = kept + 1; later < task.output.shape.size(); ++later)
                stride *= task.output.shape[later];
            place += at[axis] * stride;
            ++kept;
        }
        const double value = source[flat++];
        double& sum = result[place];
        if (op == Op::reduce_max)
            sum = std::max(sum, value);
        else if (op == Op::reduce_min)
            sum = std::min(sum, value);
        else
            sum += value;
    });
    if (op == Op::reduce_mean) {
        for (double& sum : result.values())
            sum /= static_cast<double>(source.size()) / static_cast<double>(result.size());
    }
    return result;
}

[[nodiscard]] inline Task reduce_task(Op op, const Shape& input, std::vector<int> axes, bool keep) {
    Task task = streaming_task(op, input, {});
    task.operation.axes = std::move(axes);
    for (std::size_t axis = 0; axis < input.size(); ++axis) {
        if (!is_reduced(task, axis))
            task.output.shape.push_back(input[axis]);
        else if (keep)
            task.output.shape.push_back(1);
    }
    return task;
}

/// Each element by the differences to all others of its row.
[[nodiscard]] inline Array softmaxed(const Task& task, const Operands& operands) {
    const Array source = source_of(task, operands);
    const std::size_t own = static_cast<std::size_t>(task.operation.axes[0]) + 1;
    Array result(task.output.shape);
    std::int64_t flat = 0;
    for_each_index(task.output.shape, [&](const std::vector<std::int64_t>& at) {
        double sum = 0.0;
        std::vector<std::int64_t> other = at;
        for (other[own] = 0; other[own] < source.shape()[own]; ++other[own]) {
            sum += std::exp(element_at(source, other) - element_at(source, at));
        }
        result[flat++] = 1.0 / sum;
    });
    return result;
}

[[nodiscard]] inline Task softmax_task(const Shape& shape, int axis) {
    Task task = streaming_task(Op::softmax, shape, shape);
    task.operation.axes = {axis};
    return task;
}

/// Each element of the output from where it lies in the input.
[[nodiscard]] inline Array padded(const Task& task, const Operands& operands) {
    const Array source = source_of(task, operands);
    Array result(task.output.shape);
    std::int64_t flat = 0;
    for_each_index(task.output.shape, [&](const std::vector<std::int64_t>& at) {
        std::vector<std::int64_t> from = at;
        bool inside = true;
        for (std::size_t axis = 1; axis < at.size(); ++axis) {
            from[axis] -= task.operation.pad_before[axis - 1];
            inside = inside && from[axis] >= 0 && from[axis] < source.shape()[axis];
        }
        result[flat++] = inside ? element_at(source, from) : task.operation.pad_value;
    });
    return result;
}

[[nodiscard]] inline Task pad_task(const Shape& input, std::vector<std::int64_t> before,
                                   std::vector<std::int64_t> after, double value) {
    Task task = streaming_task(Op::pad, input, input);
    for (std::size_t axis = 1; axis < input.size(); ++axis)
        task.output.shape[axis] += before[axis - 1] + after[axis - 1];
    task.operation.pad_before = std::move(before);
    task.operation.pad_after = std::move(after);
    task.operation.pad_value = value;
    return task;
}

/// A float32 transposed convolution [batch, spatial..., channels] -> filters; the output's extents follow.
[[nodiscard]] inline Task transposed_task(const Shape& input, std::int64_t filters, const Window& window) {
    Task task;
    task.operation.op = Op::transposed_convolution;
    task.operation.window = window;
    task.inputs = {{ElementType::float32, input}};
    Shape output{input.front()}, kernel = window.size;
    for (std::size_t axis = 0; axis < window.size.size(); ++axis) {
        const std::int64_t reach = (window.size[axis] - 1) * window.dilation[axis] + 1;
        output.push_back((input[axis + 1] - 1) * window.stride[axis] + reach - window.pad_before[axis] -
                         window.pad_after[axis]);
    }
    output.push_back(filters);
    kernel.push_back(filters);
    kernel.push_back(input.back());
    task.output = {ElementType::float32, output};
    task.constants = {kernel};
    return task;
}

/// Each input element adds its multiple of the kernel.
[[nodiscard]] inline Array scattered(const Task& task, const Operands& operands) {
    const Window& w = task.operation.window;
    const Array& kernel = operands.constants.at(0);
    const std::size_t axes = w.size.size();
    Array result(task.output.shape);
    const std::vector<std::int64_t> strides = result.strides(), kernel_strides = kernel.strides();
    std::int64_t flat = 0;
    for_each_index(task.inputs[0].shape, [&](const std::vector<std::int64_t>& at) {
        const double element = operands.inputs[0][flat++];
        const double x = evaluate(task.prologue, std::span(&element, 1), {});
        for_each_index(w.size, [&](const std::vector<std::int64_t>& tap) {
            std::int64_t to = at[0] * strides[0], from = at.back();
            for (std::size_t axis = 0; axis < axes; ++axis) {
                const std::int64_t place =
                    at[axis + 1] * w.stride[axis] + tap[axis] * w.dilation[axis] - w.pad_before[axis];
                if (place < 0 || place >= task.output.shape[axis + 1]) return;
                to += place * strides[axis + 1];
                from += tap[axis] * kernel_strides[axis];
            }
            for (std::int64_t f = 0; f < task.output.shape.back(); ++f)
                result[to + f] += x * kernel[from + f * kernel_strides[axes]];
        });
    });
    return result;
}

[[nodiscard]] inline Task resize_task(Op op, const Shape& input, const Shape& output) {
    Task task;
    task.operation.op = op;
    task.inputs = {{ElementType::float32, input}};
    task.output = {ElementType::float32, output};
    return task;
}

/// One place at a time: at (o + 1/2) in / out - 1/2 among the input's elements.
[[nodiscard]] inline Array resized(const Task& task, const Operands& operands) {
    const Array& image = operands.inputs[0];
    const Shape& in = task.inputs[0].shape;
    const Shape& out = task.output.shape;
    const bool nearest = task.operation.op == Op::resize_nearest;
    const std::size_t spatial = in.size() - 2;
    const std::vector<std::int64_t> strides = image.strides();
    Array result(out);
    std::int64_t flat = 0;
    for_each_index(out, [&](const std::vector<std::int64_t>& at) {
        double sum = 0.0;
        for (std::size_t corner = 0; corner < (std::size_t{1} << spatial); ++corner) {
            double weight = 1.0;
            std::int64_t from = at.front() * strides.front() + at.back();
            for (std::size_t axis = 1; axis <= spatial; ++axis) {
                const auto extent = static_cast<double>(in[axis]);
                const double place = (static_cast<double>(at[axis]) + 0.5) * extent / static_cast<double>(out[axis]);
                const bool second = (corner >> (axis - 1) & 1) != 0;
                const double low = nearest ? std::floor(place) : std::floor(place - 0.5);
                const double share = nearest ? 0.0 : place - 0.5 - low;
                weight *= second ? share : 1.0 - share;
                const double index = std::min(std::max(low + (second ? 1.0 : 0.0), 0.0), extent - 1.0);
                from += static_cast<std::int64_t>(index) * strides[axis];
            }
            const double element = image[from];
            if (weight != 0.0) sum += weight * evaluate(task.prologue, std::span(&element, 1), {});
        }
        result[flat++] = sum;
    });
    return result;
}

}  // namespace halcyon::testing
