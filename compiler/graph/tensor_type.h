#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace halcyon {

/// How a number lies in memory. Computation is always float32.
enum class ElementType { float32, float16, bfloat16, uint8, int8 };

[[nodiscard]] std::string_view to_text(ElementType element);
[[nodiscard]] std::optional<ElementType> element_type_of(std::string_view name);
[[nodiscard]] std::int64_t bytes_of(ElementType element);

/// Extents as Keras's axes say, without the batch axis: height, width, channels for an image.
using Shape = std::vector<std::int64_t>;

/// "(28, 28, 1)", as Keras and Python print it.
[[nodiscard]] std::string to_text(const Shape& shape);
/// The product; shapes inside a graph are checked to stay below 2^31 elements, so it cannot overflow there.
[[nodiscard]] std::int64_t element_count(const Shape& shape);

struct TensorType {
    ElementType element = ElementType::float32;
    Shape shape;

    [[nodiscard]] int rank() const { return static_cast<int>(shape.size()); }
    friend bool operator==(const TensorType&, const TensorType&) = default;
};

/// "float32[28, 28, 1]", as the language writes it.
[[nodiscard]] std::string to_text(const TensorType& type);

/// No tensor has more elements than this.
inline constexpr std::int64_t max_elements = (std::int64_t{1} << 31) - 1;

/// NumPy's broadcast of two shapes, nothing if they disagree.
[[nodiscard]] std::optional<Shape> broadcast(const Shape& a, const Shape& b);

}  // namespace halcyon
