#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "plan/program.h"
#include "tune/search.h"

namespace halcyon {

/// One distinct task of a network, with all that the search needs.
struct TuningTask {
    Task task;
    Candidate layouts;                 ///< as the call that is measured has them
    std::vector<Option> options;       ///< legal wherever the network has the task
    std::optional<std::size_t> usual;  ///< the one that the program has now: it stays unless it is beaten
    std::string name;                  ///< of the first layer that it computes
    int calls = 1;
    std::int64_t runs = 1;             ///< of its kernel when the network runs once: calls for one item are repeated
    std::int64_t weights_between = 0;  ///< bytes that the network reads between two uses of its weights, roughly
};

/// Every distinct task of the program, in order. `max_error` as for choose_candidate.
[[nodiscard]] std::vector<TuningTask> tuning_tasks(const Program& program, double max_error);

}  // namespace halcyon
