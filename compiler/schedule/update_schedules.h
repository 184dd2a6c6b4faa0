#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schedule/choose.h"

namespace halcyon {

/// What comments behind candidates begin with that tuning has found: an entry without it was written by hand.
inline constexpr std::string_view tuned_mark = "tuned: ";

/// What tuning says of an entry behind its candidate: "tuned: 0.54 ms, 425.1 GFLOP/s, 87 % of the peak, 31 trials".
struct TunedFigures {
    double seconds = 0.0;
    double flops = 0.0;       ///< of the task; 0: it only moves numbers
    double peak_share = 0.0;  ///< of multiply-adds, where the task has any; 0: the peak is not known
    std::size_t trials = 0;
};
[[nodiscard]] std::string to_text(const TunedFigures& figures);
/// The share and the trials of such a comment; nothing from another, and no share where none is written.
struct WrittenFigures {
    std::optional<double> peak_share;
    std::size_t trials = 0;
};
[[nodiscard]] std::optional<WrittenFigures> figures_of(std::string_view comment);

/// What tuning has found for a task.
struct TunedEntry {
    std::string task;  ///< to_text(Task)
    Candidate candidate;
    std::string line;     ///< to_text(Candidate, Task)
    std::string comment;  ///< begins with tuned_mark
    std::string about;    ///< what stands as a comment above a new entry
};

/// The text of a schedule file with new entries in it, and what was done.
struct UpdatedSchedules {
    std::string text;
    int added = 0, replaced = 0, kept = 0;
    std::vector<std::string> replaced_by_hand;  ///< places of hand-written entries that were replaced
};

/// `text` is the file before, `before` its entries; both empty for a new one. Of an entry for the same task and target only the
/// candidate's line changes, and a hand-written line stays above it as a comment; one with the same candidate stays as it is
/// but for its own figures, where trials have changed them. Everything else stays byte by byte. `tuned_on` names the CPU.
[[nodiscard]] UpdatedSchedules update_schedules(const std::string& text, const Schedules& before,
                                                const std::vector<TunedEntry>& entries, const std::string& target,
                                                const std::string& tuned_on);

}  // namespace halcyon
