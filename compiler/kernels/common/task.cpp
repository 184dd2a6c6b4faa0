#include "kernels/task.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <span>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "support/check.h"

namespace halcyon {
namespace {

std::string by_x(std::span<const std::int64_t> numbers) {
    return fmt::format("{}", fmt::join(numbers, "x"));
}

std::string typed(const TensorType& type) {
    return fmt::format("{} {}", to_text(type.element), by_x(type.shape));
}

/// "2x1", or one number when all are equal.
std::string per_axis(const std::vector<std::int64_t>& numbers) {
    const bool equal = std::adjacent_find(numbers.begin(), numbers.end(), std::not_equal_to<>()) == numbers.end();
    return equal && !numbers.empty() ? std::to_string(numbers[0]) : by_x(numbers);
}

/// top,left,bottom,right: before for all axes, then after.
std::string pads(const std::vector<std::int64_t>& before, const std::vector<std::int64_t>& after) {
    return fmt::format("{},{}", fmt::join(before, ","), fmt::join(after, ","));
}

bool any_not(const std::vector<std::int64_t>& numbers, std::int64_t usual) {
    return std::any_of(numbers.begin(), numbers.end(), [&](std::int64_t number) { return number != usual; });
}

std::string window_text(const Window& window) {
    std::string text = fmt::format(" kernel {} stride {}", by_x(window.size), per_axis(window.stride));
    if (any_not(window.dilation, 1)) text += " dilation " + per_axis(window.dilation);
    if (any_not(window.pad_before, 0) || any_not(window.pad_after, 0)) {
        text += " pad " + pads(window.pad_before, window.pad_after);
    }
    return text;
}

/// What the operation adds to the types: window, groups, axes, pads.
std::string attributes_text(const Operation& operation) {
    std::string text;
    if (!operation.window.size.empty()) text += window_text(operation.window);
    if (operation.groups != 1) text += fmt::format(" groups {}", operation.groups);
    if (!operation.pooled.empty()) text += " pooled " + by_x(operation.pooled);
    if (!operation.axes.empty()) text += fmt::format(" axes {}", fmt::join(operation.axes, ","));
    if (!operation.pad_before.empty()) text += " pad " + pads(operation.pad_before, operation.pad_after);
    if (operation.has_pad_value || operation.pad_value != 0.0) text += fmt::format(" outside {}", operation.pad_value);
    return text;
}

std::string operation_name(const Task& task) {
    if (task.operation.op == Op::convolution) return fmt::format("conv{}d", task.operation.window.size.size());
    if (task.operation.op == Op::transposed_convolution)
        return fmt::format("conv{}d_transpose", task.operation.window.size.size());
    return std::string(to_text(task.operation.op));
}

double product(const Shape& shape) {
    return std::accumulate(shape.begin(), shape.end(), 1.0,
                           [](double a, std::int64_t b) { return a * static_cast<double>(b); });
}

nlohmann::json type_to_json(const TensorType& type) {
    return {{"element", to_text(type.element)}, {"shape", type.shape}};
}

TensorType type_from_json(const nlohmann::json& json) {
    const std::optional<ElementType> element = element_type_of(json.at("element").get<std::string>());
    CHECK_INTERNAL(element.has_value());
    return {*element, json.at("shape").get<Shape>()};
}

}  // namespace

// The main operand and the result stand in front, as people name a layer: "1x56x56x64 -> 64". Whatever two different tasks
// can differ in is part of the text.
std::string to_text(const Task& task) {
    std::string text = operation_name(task);
    std::vector<std::string> operands;
    for (int i = 0; i < task.operand_count; ++i) operands.push_back(typed(task.inputs.at(static_cast<std::size_t>(i))));
    text += fmt::format(" {} -> ", fmt::join(operands, ", "));
    if (task.output.element != ElementType::float32) text += std::string(to_text(task.output.element)) + " ";
    const bool filters_only = task.operation.op == Op::convolution || task.operation.op == Op::dense;
    text += filters_only ? std::to_string(task.output.shape.back()) : by_x(task.output.shape);
    text += attributes_text(task.operation);

    std::vector<std::string> further;
    for (std::size_t i = static_cast<std::size_t>(task.operand_count); i < task.inputs.size(); ++i) {
        further.push_back(typed(task.inputs[i]));
    }
    if (!further.empty()) text += fmt::format(" with {}", fmt::join(further, ", "));
    std::vector<std::string> constants;
    for (const Shape& shape : std::span(task.constants).subspan(filters_only && !task.constants.empty() ? 1 : 0)) {
        constants.push_back(by_x(shape));
    }
    if (!constants.empty()) text += fmt::format(" constants {}", fmt::join(constants, ", "));
    if (!task.prologue.is_identity()) text += " prologue " + to_text(task.prologue);
    if (!task.epilogue.is_identity()) text += " epilogue " + to_text(task.epilogue);
    if (task.threads > 1) text += fmt::format(" threads {}", task.threads);
    return text;
}

nlohmann::json to_json(const Task& task) {
    nlohmann::json inputs = nlohmann::json::array();
    for (const TensorType& input : task.inputs) inputs.push_back(type_to_json(input));
    return {{"operation", to_json(task.operation)}, {"inputs", inputs},
            {"operand_count", task.operand_count},  {"output", type_to_json(task.output)},
            {"constants", task.constants},          {"prologue", to_json(task.prologue)},
            {"epilogue", to_json(task.epilogue)},   {"threads", task.threads}};
}

Task task_from_json(const nlohmann::json& json) {
    Task task;
    task.operation = operation_from_json(json.at("operation"));
    for (const nlohmann::json& input : json.at("inputs")) task.inputs.push_back(type_from_json(input));
    task.operand_count = json.at("operand_count").get<int>();
    task.output = type_from_json(json.at("output"));
    task.constants = json.at("constants").get<std::vector<Shape>>();
    task.prologue = scalar_expr_from_json(json.at("prologue"));
    task.epilogue = scalar_expr_from_json(json.at("epilogue"));
    task.threads = json.at("threads").get<int>();
    return task;
}

double flops(const Task& task) {
    const double outputs = product(task.output.shape);
    const Operation& operation = task.operation;
    switch (operation.op) {
    case Op::convolution: {
        // The kernel's shape is [window..., channels / groups, filters].
        const Shape& kernel = task.constants.at(0);
        const double results = outputs * product(operation.pooled);
        return 2.0 * results * product(kernel) / static_cast<double>(kernel.back());
    }
    // Each input element meets the whole kernel, [window..., filters, channels]; what is cut off counts too.
    case Op::transposed_convolution:
        return 2.0 * product(task.inputs.at(0).shape) * product(task.constants.at(0)) /
               static_cast<double>(task.constants.at(0).back());
    case Op::dense: return 2.0 * outputs * static_cast<double>(task.constants.at(0).at(0));
    case Op::max_pool:
    case Op::average_pool: return outputs * product(operation.window.size);
    case Op::reduce_mean:
    case Op::reduce_max:
    case Op::reduce_min:
    case Op::reduce_sum: return product(task.inputs.at(0).shape);
    // A maximum, a difference, an exponential, a sum and a quotient per element.
    case Op::softmax: return 5.0 * outputs;
    default: return 0.0;
    }
}

double bytes_moved(const Task& task) {
    double bytes = 0.0;
    const auto add = [&](const TensorType& type) {
        bytes += product(type.shape) * static_cast<double>(bytes_of(type.element));
    };
    for (const TensorType& input : task.inputs) add(input);
    add(task.output);
    for (const Shape& constant : task.constants) bytes += 4.0 * product(constant);
    return bytes;
}

}  // namespace halcyon
