#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "graph/tensor_type.h"

namespace halcyon {

/// The small vocabulary between layers and kernels. Every layer lowers to these; a kernel family computes some of them.
/// Tensors are channels last and without batch axis: [spatial..., channels]. Rank-free: 1 to 3 spatial axes.
enum class Op {
    input,        ///< a door of the model
    convolution,  ///< constants: kernel [window..., channels / groups, filters]. Cross-correlation, zeros outside.
    transposed_convolution,  ///< constants: kernel [window..., filters, channels]. Each input element adds its multiple of
    ///< the kernel to the output, `stride` apart, of which pad_before and pad_after are cut off.
    dense,         ///< [..., n] times constant [n, units]
    max_pool,      ///< outside the image: the lowest value, or `pad_value` where has_pad_value
    average_pool,  ///< the mean over those window elements that lie inside the image
    reduce_mean,
    reduce_max,
    reduce_min,
    reduce_sum,   ///< over `axes`; the node's type says whether they are kept
    softmax,      ///< over `axes` (one axis)
    elementwise,  ///< nothing but the node's epilogue, inputs broadcast by NumPy's rule
    pad,  ///< `pad_value` round the input, pad_before and pad_after per axis (all axes, channels too); a negative
          ///< pad takes elements away
    concatenate,      ///< all inputs along axes[0]
    transpose,        ///< out axis i is input axis axes[i]
    reshape,          ///< row-major, to the node's type
    slice,            ///< out element k along axis i is input element begin[i] + k * step[i]; steps may be negative
    resize_nearest,   ///< spatial axes only, to the node's type; centres of the pixels are aligned, as in TensorFlow 2
    resize_bilinear,  ///< likewise; outside the image its outermost pixels go on
};

[[nodiscard]] std::string_view to_text(Op op);

/// A sliding window; one entry per spatial axis.
struct Window {
    std::vector<std::int64_t> size, stride, dilation, pad_before, pad_after;
    friend bool operator==(const Window&, const Window&) = default;
};

struct Operation {
    Op op = Op::elementwise;
    Window window = {};       ///< convolution and pools
    std::int64_t groups = 1;  ///< convolution
    /// Convolution: of each block of so many results per spatial axis the largest goes on to the epilogue, and what makes no
    /// whole block does not. Empty: all results do.
    std::vector<std::int64_t> pooled = {};
    std::vector<int> axes = {};                                 ///< see Op
    std::vector<std::int64_t> pad_before = {}, pad_after = {};  ///< pad
    std::vector<std::int64_t> begin = {}, step = {};            ///< slice, per axis (all axes, channels too)
    bool has_pad_value = false;                                 ///< max_pool
    double pad_value = 0.0;
    friend bool operator==(const Operation&, const Operation&) = default;
};

[[nodiscard]] nlohmann::json to_json(const Operation& operation);
[[nodiscard]] Operation operation_from_json(const nlohmann::json& json);

}  // namespace halcyon
