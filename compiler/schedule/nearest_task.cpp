#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>
#include <vector>

#include "schedule/choose.h"

namespace halcyon {
namespace {

/// Half or twice the pixels and twice the channels are two layers of one network; beyond this sum of logarithms of factors
/// tasks have nothing in common.
constexpr double farthest = 4.0;
constexpr double other_epilogue = 0.5;

/// A task's text apart: "conv2d float32 1x56x56x64 -> 64 kernel 3x3 ...", and what follows "epilogue".
struct Parts {
    std::vector<std::string_view> words;
    std::string_view epilogue;
};

Parts parts_of(std::string_view task) {
    Parts parts;
    constexpr std::string_view mark = " epilogue ";
    if (const auto at = task.find(mark); at != std::string_view::npos) {
        parts.epilogue = task.substr(at + mark.size());
        task = task.substr(0, at);
    }
    while (!task.empty()) {
        const auto end = std::min(task.find(' '), task.size());
        if (end > 0) parts.words.push_back(task.substr(0, end));
        task.remove_prefix(std::min(end + 1, task.size()));
    }
    return parts;
}

/// "1x56x56x64" as numbers; nothing from another word.
std::optional<std::vector<double>> extents_of(std::string_view word) {
    std::vector<double> extents;
    if (word.ends_with(',')) word.remove_suffix(1);
    while (true) {
        std::int64_t extent = 0;
        const auto [rest, error] = std::from_chars(word.data(), word.data() + word.size(), extent);
        if (error != std::errc{} || extent <= 0) return std::nullopt;
        extents.push_back(static_cast<double>(extent));
        word.remove_prefix(static_cast<std::size_t>(rest - word.data()));
        if (word.empty()) return extents;
        if (word.front() != 'x') return std::nullopt;
        word.remove_prefix(1);
    }
}

/// Whether the numbers behind this word are extents of operands, which may differ; all others say what is computed.
bool counts_extents(std::string_view keyword) {
    return keyword == "->" || keyword == "constants" || keyword == "with" || keyword == "groups" ||
           keyword.starts_with("float") || keyword.starts_with("bfloat") || keyword.starts_with("int") ||
           keyword.starts_with("uint");
}

/// Infinite for tasks that compute different things.
double distance(const Parts& a, const Parts& b) {
    if (a.words.size() != b.words.size()) return INFINITY;
    double sum = a.epilogue == b.epilogue ? 0.0 : other_epilogue;
    std::string_view keyword;
    for (std::size_t i = 0; i < a.words.size(); ++i) {
        const auto own = extents_of(a.words[i]);
        const auto other = extents_of(b.words[i]);
        if (!own) keyword = a.words[i];
        if (a.words[i] == b.words[i]) continue;
        if (!own || !other || own->size() != other->size() || !counts_extents(keyword)) return INFINITY;
        // Biases, residuals and the groups of depthwise convolutions say again what stands in front.
        if (keyword == "constants" || keyword == "with" || keyword == "groups") continue;
        for (std::size_t axis = 0; axis < own->size(); ++axis)
            sum += std::abs(std::log2((*own)[axis] / (*other)[axis]));
    }
    return sum;
}

}  // namespace

const Schedules::Entry* Schedules::find_nearest(const std::string& task, const std::string& target) const {
    const Parts wanted = parts_of(task);
    const Entry* nearest = nullptr;
    double least = farthest;
    const std::string_view operation = std::string_view(task).substr(0, task.find(' '));
    for (const Entry& entry : entries_) {
        if (entry.target != target || !entry.task.starts_with(operation)) continue;
        const double away = distance(wanted, parts_of(entry.task));
        if (away > least || (nearest != nullptr && away == least)) continue;
        nearest = &entry;
        least = away;
    }
    return nearest;
}

}  // namespace halcyon
