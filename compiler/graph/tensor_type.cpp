#include "graph/tensor_type.h"

#include <algorithm>

#include <fmt/format.h>

#include "support/check.h"

namespace halcyon {
namespace {

struct ElementInfo {
    ElementType element;
    std::string_view name;
    std::int64_t bytes;
};

constexpr ElementInfo elements[] = {
    {ElementType::float32, "float32", 4}, {ElementType::float16, "float16", 2}, {ElementType::bfloat16, "bfloat16", 2},
    {ElementType::uint8, "uint8", 1},     {ElementType::int8, "int8", 1},
};

const ElementInfo& info_of(ElementType element) {
    for (const ElementInfo& info : elements) {
        if (info.element == element) return info;
    }
    internal_error(__FILE__, __LINE__, "an element type without a name");
}

}  // namespace

std::string_view to_text(ElementType element) {
    return info_of(element).name;
}

std::optional<ElementType> element_type_of(std::string_view name) {
    for (const ElementInfo& info : elements) {
        if (info.name == name) return info.element;
    }
    return std::nullopt;
}

std::int64_t bytes_of(ElementType element) {
    return info_of(element).bytes;
}

std::string to_text(const Shape& shape) {
    if (shape.size() == 1) return fmt::format("({},)", shape[0]);
    return fmt::format("({})", fmt::join(shape, ", "));
}

std::int64_t element_count(const Shape& shape) {
    std::int64_t count = 1;
    for (std::int64_t extent : shape) count *= extent;
    return count;
}

std::string to_text(const TensorType& type) {
    return fmt::format("{}[{}]", to_text(type.element), fmt::join(type.shape, ", "));
}

std::optional<Shape> broadcast(const Shape& a, const Shape& b) {
    const Shape& longer = a.size() >= b.size() ? a : b;
    const Shape& shorter = a.size() >= b.size() ? b : a;
    Shape result = longer;
    const std::size_t offset = longer.size() - shorter.size();
    for (std::size_t i = 0; i < shorter.size(); ++i) {
        std::int64_t& extent = result[offset + i];
        if (extent == 1) {
            extent = shorter[i];
        } else if (shorter[i] != 1 && shorter[i] != extent) {
            return std::nullopt;
        }
    }
    return result;
}

}  // namespace halcyon
