#pragma once

#include <string>
#include <vector>

#include "graph/array.h"
#include "kernels/candidate.h"
#include "kernels/common/built_kernel.h"
#include "kernels/kernel_family.h"
#include "kernels/target_info.h"
#include "kernels/task.h"

namespace halcyon {

/// What direct_conv and pointwise_conv share: a convolution in register tiles. A tile is `tile[0]` pixels of `rows` rows times
/// `tile[1]` vectors of output channels, whose sums stay in registers while the window and the input channels pass: one load
/// per weight vector and one broadcast of an input element per pixel and step. Weights are packed
/// [filters / block][window...][channels][block], block = tile[1] vectors, the last block filled up with zeros.
///
///     tile T x V  pixels and vectors of a register tile
///     rows R      rows of pixels in a tile
///     order O     loops over blocks of filters: 0 outermost, 1 inside rows, 2 inside tiles
///     copy 0|1    1: the input is copied first: padded, converted, prologue applied
///     vector L    lanes of a vector; less than the target's for few filters or narrow groups
///
/// Blocks that are pooled lie inside a tile, whose pixels and rows are those of the results.
///
/// Tasks are convolutions of 1 to 3 spatial axes, pooled along the last two at most; every output's products are added in one fixed order: channels innermost.
[[nodiscard]] std::vector<ParameterSpace> tiled_space(const Task& task, const Candidate& layouts,
                                                      const TargetInfo& target);
[[nodiscard]] bool tiled_legal(const Task& task, const Candidate& candidate, const TargetInfo& target);
[[nodiscard]] double tiled_cost(const Task& task, const Candidate& candidate, const TargetInfo& target);
[[nodiscard]] BuiltKernel build_tiled(const Task& task, const Candidate& candidate, const TargetInfo& target,
                                      const KernelFamily& family);
[[nodiscard]] Shape tiled_packed_shape(const Task& task, const Candidate& candidate, int constant);
[[nodiscard]] Array tiled_pack(const Task& task, const Candidate& candidate, int constant, const Array& value);

}  // namespace halcyon
