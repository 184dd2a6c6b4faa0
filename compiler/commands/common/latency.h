#pragma once

#include <cstddef>
#include <vector>

namespace halcyon {

/// What many runs of one thing took, in seconds.
class Latencies {
public:
    void add(double seconds) { seconds_.push_back(seconds); }
    void add(const Latencies& others) {
        seconds_.insert(seconds_.end(), others.seconds_.begin(), others.seconds_.end());
    }
    [[nodiscard]] double min() const { return quantile(0.0); }
    [[nodiscard]] double median() const { return quantile(0.5); }
    /// The smallest time that this share of the runs did not exceed.
    [[nodiscard]] double quantile(double share) const;
    [[nodiscard]] std::size_t count() const { return seconds_.size(); }

private:
    std::vector<double> seconds_;
};

}  // namespace halcyon
