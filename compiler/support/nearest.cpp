#include <algorithm>
#include <numeric>

#include "support/diagnostics.h"

namespace halcyon {
namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Least number of inserted, removed, replaced or swapped neighbouring letters; only case differing costs nothing.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1);
    std::vector<std::size_t> previous(b.size() + 1);
    std::vector<std::size_t> current(b.size() + 1);
    std::iota(previous.begin(), previous.end(), std::size_t{0});
    const auto same = [&](std::size_t i, std::size_t j) { return lower(a[i]) == lower(b[j]); };
    for (std::size_t i = 0; i < a.size(); ++i) {
        current[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            current[j + 1] = std::min({previous[j + 1] + 1, current[j] + 1, previous[j] + (same(i, j) ? 0 : 1)});
            const bool swapped = i > 0 && j > 0 && same(i, j - 1) && same(i - 1, j);
            if (swapped) current[j + 1] = std::min(current[j + 1], before[j - 1] + 1);
        }
        std::swap(before, previous);
        std::swap(previous, current);
    }
    return previous[b.size()];
}

}  // namespace

std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates) {
    constexpr std::size_t longest = 100;  // names come from untrusted text, and the distance is quadratic
    if (word.empty() || word.size() > longest) return {};
    const std::size_t enough = word.size() == 1 ? 0 : std::max<std::size_t>(1, word.size() / 3);
    std::string_view best;
    std::size_t best_distance = enough + 1;
    for (std::string_view candidate : candidates) {
        if (candidate.size() > word.size() + enough || word.size() > candidate.size() + enough) continue;
        const std::size_t distance = edit_distance(word, candidate);
        if (distance < best_distance) {
            best = candidate;
            best_distance = distance;
        }
    }
    return best;
}

}  // namespace halcyon
