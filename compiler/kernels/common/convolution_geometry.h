#pragma once

#include <cstdint>
#include <vector>

#include "kernels/candidate.h"
#include "kernels/target_info.h"
#include "kernels/task.h"

namespace halcyon {

/// A convolution's numbers under names.
struct ConvolutionGeometry {
    std::int64_t batch = 1, channels = 1, filters = 1, groups = 1;
    std::int64_t group_channels = 1, group_filters = 1;  ///< per group
    std::vector<std::int64_t> input, output;             ///< spatial extents; of the output, before pooling
    std::vector<std::int64_t> pooled;                    ///< results per element of what is stored, 1 without pooling
    Window window;

    [[nodiscard]] int axes() const { return static_cast<int>(input.size()); }
    [[nodiscard]] std::int64_t width() const { return output.back(); }
    /// Rows of the last but one axis; 1 where there is none.
    [[nodiscard]] std::int64_t height() const { return output.size() < 2 ? 1 : output[output.size() - 2]; }
    [[nodiscard]] std::int64_t pixels() const;  ///< of the output, batch included
    [[nodiscard]] std::int64_t window_size() const;
    [[nodiscard]] bool padded() const;  ///< whether any window reaches outside the image
};
[[nodiscard]] ConvolutionGeometry geometry_of(const Task& task);

/// How far apart pixels of so many float32 channels had best lie, in elements: a cache line more where they would lie a KiB or a
/// multiple apart, and so in few sets of the first cache, so that a tile of them pushes its own lines out.
[[nodiscard]] std::int64_t spread_stride(std::int64_t channels);
/// Lanes of a vector of `count` channels: the target's, or the least power of two that holds them all.
[[nodiscard]] int lanes_for(std::int64_t count, const TargetInfo& target);

/// Vector registers that one step of a register tile takes beside its sums, of `elements` by `vectors` of weights.
[[nodiscard]] int registers_beside_sums(int vectors, int elements, const TargetInfo& target);
/// What each register that a step lacks costs it (measured).
[[nodiscard]] double spill_cycles(const TargetInfo& target);

/// Whether every layout is without channel blocks.
[[nodiscard]] bool plain_layouts(const Candidate& layouts);

}  // namespace halcyon
