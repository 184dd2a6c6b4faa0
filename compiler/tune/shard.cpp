#include "tune/shard.h"

#include <charconv>

namespace halcyon {
namespace {

/// 0 from what is no number.
std::size_t number_in(std::string_view text) {
    std::size_t number = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && rest == text.data() + text.size() ? number : 0;
}

}  // namespace

std::optional<Shard> parse_shard(std::string_view text) {
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    const Shard shard{number_in(text.substr(0, slash)), number_in(text.substr(slash + 1))};
    if (shard.number < 1 || shard.number > shard.count) return std::nullopt;
    return shard;
}

std::vector<TuningTask> tasks_of(const Shard& shard, std::vector<TuningTask> tasks) {
    std::vector<TuningTask> own;
    for (std::size_t i = shard.number - 1; i < tasks.size(); i += shard.count) own.push_back(std::move(tasks[i]));
    return own;
}

}  // namespace halcyon
