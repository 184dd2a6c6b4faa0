#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "kernels/task.h"

namespace halcyon {

/// How a tensor lies in memory: one stride per axis of its shape [batch, spatial..., channels], in elements. Negative strides
/// and gaps are possible (doors seen through a Permute, slices of a concatenation, padded channel strides). With channel_block
/// b > 1 the channels lie in blocks of b, innermost and contiguous, and the last stride is that of a block ("nchw16c").
struct Layout {
    std::vector<std::int64_t> strides;
    int channel_block = 1;

    friend bool operator==(const Layout&, const Layout&) = default;
};

/// Row-major, no gaps.
[[nodiscard]] Layout dense_layout(const Shape& shape);
/// Whether all axes form one run of memory in order.
[[nodiscard]] bool is_dense(const Layout& layout, const Shape& shape);
/// "nhwc", "nhwc+16" (padded channel stride), "nchw", "nchw16c", else the strides.
[[nodiscard]] std::string to_text(const Layout& layout, const Shape& shape);

/// A typed schedule parameter with its value: "tile 14x2", "rows 1".
struct Parameter {
    std::string name;
    std::vector<int> values;
    friend bool operator==(const Parameter&, const Parameter&) = default;
};

/// *How* a task is computed: kernel family, layout of every operand, typed schedule parameters.
struct Candidate {
    std::string family;
    std::vector<Layout> inputs;  ///< as Task::inputs
    Layout output;
    int in_place = -1;  ///< the input whose memory the output takes over; -1: none
    std::vector<Parameter> parameters;

    /// CHECK_INTERNALs that the parameter is there.
    [[nodiscard]] const std::vector<int>& values(std::string_view name) const;
    [[nodiscard]] int value(std::string_view name) const { return values(name).at(0); }
    friend bool operator==(const Candidate&, const Candidate&) = default;
};

/// As a line of an .hcs file: "direct_conv  layout nhwc -> nhwc  tile 14x2  order 0".
[[nodiscard]] std::string to_text(const Candidate& candidate, const Task& task);

[[nodiscard]] nlohmann::json to_json(const Candidate& candidate);
[[nodiscard]] Candidate candidate_from_json(const nlohmann::json& json);

}  // namespace halcyon
