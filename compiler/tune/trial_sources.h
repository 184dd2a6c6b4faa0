#pragma once

#include <string_view>
#include <vector>

namespace halcyon {

/// A C file of runtime/ that a program of trials is compiled from, embedded in Halcyon.
struct TrialSource {
    std::string_view name;  ///< "trial.c", "halcyon/pool.h"
    std::string_view text;
};
[[nodiscard]] std::vector<TrialSource> trial_sources();

}  // namespace halcyon
