#pragma once

#include <map>

namespace halcyon {

/// How fast this machine reads memory, measured once per working set: a set that fits a cache reads from there.
class Bandwidth {
public:
    /// GB/s of one thread that reads `bytes` again and again.
    [[nodiscard]] double gigabytes_per_second(double bytes);

private:
    std::map<int, double> measured_;  ///< by the logarithm of the size
};

}  // namespace halcyon
