#pragma once

#include <string>

namespace halcyon {

/// The x86-64 object with each prefetchnta made a prefetcht0. Halide's prefetches all say that nothing will be read twice,
/// and such data bypass the second cache of many CPUs; what `fetch_ahead` fetches is read by one tile after another.
[[nodiscard]] std::string keep_prefetched(std::string object);

/// The same for assembly text.
[[nodiscard]] std::string keep_prefetched_text(std::string assembly);

}  // namespace halcyon
