#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "tune/tuning_tasks.h"

namespace halcyon {

/// One of several equal parts of a network's tasks, numbered from 1: "2/4".
struct Shard {
    std::size_t number = 1, count = 1;
    friend bool operator==(const Shard&, const Shard&) = default;
};
[[nodiscard]] std::optional<Shard> parse_shard(std::string_view text);

/// Tasks number, number + count, ... in their order.
[[nodiscard]] std::vector<TuningTask> tasks_of(const Shard& shard, std::vector<TuningTask> tasks);

}  // namespace halcyon
