#pragma once

namespace halcyon {

/// The most multiply-adds that this machine does with vectors of that many float32 lanes, measured: GFLOP/s (2 per
/// multiply-add) of `threads` threads together, each in a loop that does nothing else. `fused` says whether the code
/// that it stands beside may use fused multiply-adds. Takes about 0.1 s.
[[nodiscard]] double measure_peak_gflops(int vector_lanes, bool fused, int threads);

}  // namespace halcyon
