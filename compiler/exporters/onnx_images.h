#pragma once

#include "exporters/onnx_writer.h"

namespace halcyon {

// Operations on images, [batch, channels, spatial...] in ONNX. Each gives the name of the result without the node's
// epilogue.

/// Convolutions take a bias per channel with them; null for none.
[[nodiscard]] std::string write_convolution(OnnxWriter& writer, NodeId id, const ConstantExpr* bias);
/// Dense along the channels of an image is a convolution with a window of one.
[[nodiscard]] std::string write_dense_on_image(OnnxWriter& writer, NodeId id, const ConstantExpr* bias);
[[nodiscard]] std::string write_pool(OnnxWriter& writer, NodeId id);
[[nodiscard]] std::string write_resize(OnnxWriter& writer, NodeId id);

/// `pads` of a value whose axes are in `order`, by the value's own axes; negative ones cut off.
[[nodiscard]] std::string write_pad(OnnxWriter& writer, const std::string& layer, std::string value,
                                    const AxisOrder& order, const Shape& shape, std::vector<std::int64_t> before,
                                    std::vector<std::int64_t> after, double outside);

}  // namespace halcyon
