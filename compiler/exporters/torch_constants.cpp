#include "exporters/torch_constants.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "exporters/torch_builder.h"
#include "exporters/torch_scalar.h"
#include "passes/common.h"
#include "support/check.h"

namespace halcyon {
namespace {

bool reads_weights(const ConstantExpr& constant) {
    if (constant.kind() == ConstantExpr::Kind::weight) return true;
    if (constant.kind() == ConstantExpr::Kind::literal) return false;
    const auto& operands = constant.operands();
    return std::any_of(operands.begin(), operands.end(), reads_weights);
}

Array value_of(const ConstantExpr& constant) {
    return constant.evaluate([](const std::string& name) -> Array {
        internal_error(__FILE__, __LINE__, "a constant without weights asks for " + name);
    });
}

std::string nested_list(const Array& array, std::size_t axis, std::int64_t& next) {
    if (axis == array.shape().size()) return torch_number(array[next++]);
    std::vector<std::string> parts;
    for (std::int64_t i = 0; i < array.shape()[axis]; ++i) parts.push_back(nested_list(array, axis + 1, next));
    return fmt::format("[{}]", fmt::join(parts, ", "));
}

/// The only axis with several elements; the last one if there is none, nothing if there are more.
std::optional<std::size_t> only_axis(const Shape& shape) {
    std::optional<std::size_t> found;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        if (shape[i] == 1) continue;
        if (found) return std::nullopt;
        found = i;
    }
    return found ? found : shape.empty() ? std::nullopt : std::optional(shape.size() - 1);
}

/// What is under reshapes that only add or drop axes of one element, if that is a vector.
const ConstantExpr* vector_behind(const ConstantExpr& constant) {
    if (constant.shape().size() == 1) return &constant;
    return constant.kind() == ConstantExpr::Kind::reshape ? vector_behind(constant.operands()[0]) : nullptr;
}

}  // namespace

std::optional<double> single_number(const ConstantExpr& constant) {
    if (element_count(constant.shape()) != 1 || reads_weights(constant)) return std::nullopt;
    return value_of(constant)[0];
}

const Weight& weight_behind(const ConstantExpr& constant, const std::vector<Weight>& weights) {
    const ConstantExpr* inner = &constant;
    while (inner->kind() != ConstantExpr::Kind::weight) {
        CHECK_INTERNAL(inner->kind() == ConstantExpr::Kind::reshape || inner->kind() == ConstantExpr::Kind::transpose);
        inner = inner->operands().data();
    }
    const auto found =
        std::find_if(weights.begin(), weights.end(), [&](const Weight& each) { return each.name == inner->name(); });
    CHECK_INTERNAL(found != weights.end());
    return *found;
}

std::string TorchConstants::text(const ConstantExpr& constant, const AxisOrder& order) {
    if (const auto number = single_number(constant)) return torch_number(*number);
    Shape extended(order.size() - constant.shape().size(), 1);
    extended.insert(extended.end(), constant.shape().begin(), constant.shape().end());
    const auto axis = only_axis(permuted(extended, order));
    const ConstantExpr* vector = vector_behind(constant);
    if (axis && vector != nullptr && vector->shape()[0] == element_count(constant.shape())) {
        std::string text = plain(*vector);
        if (*axis + 1 == order.size()) return text;
        text += "[:";
        for (std::size_t i = *axis + 1; i < order.size(); ++i) text += ", None";
        return text + "]";
    }
    if (order == own_order(static_cast<int>(order.size()))) return plain(constant);
    const std::string text = plain(extended == constant.shape() ? constant : constant.reshaped(extended));
    return fmt::format("{}.permute({})", text, fmt::join(order, ", "));
}

std::string TorchConstants::plain(const ConstantExpr& constant) {
    if (!reads_weights(constant)) return buffer(value_of(constant));
    switch (constant.kind()) {
    case ConstantExpr::Kind::weight: return parameter(constant.name());
    case ConstantExpr::Kind::reshape:
        return fmt::format("{}.reshape{}", plain(constant.operands()[0]), tuple_text(constant.shape()));
    case ConstantExpr::Kind::transpose:
    case ConstantExpr::Kind::elementwise:
    case ConstantExpr::Kind::literal: break;
    }
    internal_error(__FILE__, __LINE__, "a constant that layers do not make: " + constant.text());
}

std::string TorchConstants::parameter(const std::string& weight) {
    const auto known = std::find_if(parameters_.begin(), parameters_.end(),
                                    [&](const Parameter& each) { return each.weight.name == weight; });
    if (known != parameters_.end()) return "self." + known->name;
    const auto found =
        std::find_if(weights_.begin(), weights_.end(), [&](const Weight& each) { return each.name == weight; });
    CHECK_INTERNAL(found != weights_.end());
    parameters_.push_back({weight.substr(weight.rfind('/') + 1), *found});
    return "self." + parameters_.back().name;
}

std::string TorchConstants::buffer(const Array& array) {
    std::int64_t next = 0;
    const std::string numbers = fmt::format("torch.tensor({})", nested_list(array, 0, next));
    for (const auto& [name, known] : buffers_) {
        if (known == numbers) return "self." + name;
    }
    const char* const names[] = {"first", "second", "third", "fourth"};
    buffers_.emplace_back(buffers_.size() < 4 ? names[buffers_.size()] : fmt::format("number_{}", buffers_.size()),
                          numbers);
    return "self." + buffers_.back().first;
}

}  // namespace halcyon
