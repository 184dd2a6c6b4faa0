#pragma once

#include <cstdint>
#include <vector>

#include "kernels/common/convolution_geometry.h"

namespace halcyon {

// A transposed convolution seen from its output. Along one axis the places p, p + stride, p + 2 * stride, ... are phase p: all
// of them see the same taps of the kernel, `stride` apart, over neighbouring elements of the input.

/// The first tap that reaches the places of a phase; the next one is `stride` taps further (without a stride, 1).
[[nodiscard]] std::int64_t first_tap(const ConvolutionGeometry& g, std::size_t axis, std::int64_t phase);

/// Neighbouring phases of one axis, `phases` from `first` on, that see `taps` each and have `count` places.
struct PhaseRun {
    std::int64_t first, phases, taps, count;
};
[[nodiscard]] std::vector<PhaseRun> runs_of(const ConvolutionGeometry& g, std::size_t axis);

/// One run of every axis: what one loop nest computes.
using PhaseStage = std::vector<PhaseRun>;
[[nodiscard]] std::vector<PhaseStage> stages_of(const ConvolutionGeometry& g);
/// Of phases, taps or places, over all axes.
[[nodiscard]] std::int64_t product_of(const PhaseStage& stage, std::int64_t PhaseRun::* number);

/// The fewest places of any phase along an axis, counted from the last one.
[[nodiscard]] std::int64_t fewest_places(const ConvolutionGeometry& g, std::size_t from_last);
/// Whether tiles of that many places along an axis, counted from the last one, cover every phase without overlap.
[[nodiscard]] bool divides(const ConvolutionGeometry& g, std::size_t from_last, std::int64_t tile);
/// Whether any place gathers from beyond the input.
[[nodiscard]] bool gathers_outside(const ConvolutionGeometry& g);

}  // namespace halcyon
