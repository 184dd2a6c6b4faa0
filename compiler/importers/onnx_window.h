#pragma once

#include <cstdint>
#include <vector>

#include "importers/onnx_call.h"

namespace halcyon::importers {

/// The window of a convolution or pool, one entry per spatial axis.
struct OnnxWindow {
    std::vector<std::int64_t> kernel, strides, dilations, before, after;

    [[nodiscard]] std::size_t rank() const { return kernel.size(); }
    [[nodiscard]] bool padded() const;
    [[nodiscard]] bool dilated() const;
};

/// `image` is (N, C, spatial...). With auto_pad the padding is computed from it.
[[nodiscard]] OnnxWindow window_of(const OnnxCall& call, const Shape& image, const std::vector<std::int64_t>& kernel);

/// How many places the window has along an axis of that extent.
[[nodiscard]] std::int64_t places_of(const OnnxWindow& window, std::size_t axis, std::int64_t extent, bool ceil);

/// What Keras has for it: "valid", "same" where that is the same, or numbers.
[[nodiscard]] Value padding_of(const OnnxWindow& window, const Shape& image);

/// The input as Keras wants images, (spatial..., C), and what one computes from it.
struct OnnxImage {
    int id;
    std::vector<int> order;  ///< 2, ..., 1
    Shape shape;             ///< as the file has it
};
/// `fewest` spatial axes at least, 3 at most.
[[nodiscard]] OnnxImage image_of(OnnxCall& call);

/// "Conv" and 2 give "Conv2D".
[[nodiscard]] std::string with_rank(std::string_view type, std::size_t spatial, std::string_view suffix = "");

}  // namespace halcyon::importers
