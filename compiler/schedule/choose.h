#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/kernel_family.h"
#include "support/diagnostics.h"

namespace halcyon {

/// How a kernel packs a constant, as far as extents tell: those of what it reads, without ones. Equal forms of one constant
/// are stored once.
using PackedForm = Shape;
[[nodiscard]] PackedForm packed_form(const KernelFamily& family, const Task& task, const Candidate& candidate,
                                     int constant);

/// Choice::source where the least cost decided.
inline constexpr std::string_view heuristic = "heuristic";

/// What one candidate takes: time as KernelFamily::cost, and bytes of packed constants.
struct Tradeoff {
    double cost = 0.0;
    std::int64_t bytes = 0;
};

/// Where a candidate came from, for `show --schedules`.
struct Choice {
    Candidate candidate;
    /// "resnet50.hcs:12", "schedules/x86-64-v4.hcs:7", "heuristic"; of a similar task: "resnet50.hcs:12, nearest".
    std::string source;
    double cost = 0.0;  ///< analytic, as KernelFamily::cost
    /// What became of the other families that compute the task: "direct_conv 2.9 x", "winograd_conv error 2e-05".
    std::string others;
    std::int64_t bytes = 0;             ///< of its packed constants, each rounded up to 64
    std::vector<Tradeoff> tradeoffs{};  ///< of all legal candidates those than which none has less of both, by cost
    bool is_fixed = false;              ///< by an entry of the user's for this very task
    std::string note{};  ///< what stands as a comment behind the task's own entry: "tuned: 0.54 ms, 425 GFLOP/s, ..."
};

/// The schedules that a compilation reads: --schedules, else SPEC.hcs. Text; see docs/schedules.md.
class Schedules {
public:
    /// Reads the text format; mistakes are reported at their line (06xx). `source` is the file's index in `sources`.
    [[nodiscard]] static Schedules parse(const Sources& sources, std::uint32_t file, Diagnostics& diag);
    void append(Schedules other);
    [[nodiscard]] bool empty() const { return entries_.empty(); }

    struct Entry {
        std::string target;  ///< TargetInfo::name
        std::string task;    ///< to_text(Task)
        std::string family;
        std::vector<Parameter> parameters;
        Span span;
        std::string place;     ///< "file:line"
        std::string comment;   ///< behind the candidate, without '#' and blanks
        bool shipped = false;  ///< with Halcyon: where it is not legal, nobody has made a mistake

        /// Whether the candidate is of this family and has exactly these parameters, in any order.
        [[nodiscard]] bool names(const Candidate& candidate) const;
    };
    /// The first entry for the task on that target; null if there is none.
    [[nodiscard]] const Entry* find(const std::string& task, const std::string& target) const;
    /// The entry of the most similar task on that target: the same operation on other extents, each dimension by a factor, and
    /// with another epilogue at most. Null if none is near.
    [[nodiscard]] const Entry* find_nearest(const std::string& task, const std::string& target) const;
    [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }
    /// Marks all entries as shipped.
    void mark_shipped();

private:
    std::vector<Entry> entries_;
};

/// What a layer may be off by where nobody says otherwise, as max |a - b| / max |reference|.
constexpr double default_max_error = 1e-4;

/// The candidate for a task with the given layouts: the schedules' entry if there is one (an illegal one is an error at its
/// line naming the legal values, unless it was shipped), else that of the nearest task's entry if it is legal and its cost not
/// far above the least, else, and behind an error, the legal candidate of least analytic cost over all families that match. Candidates whose error_bound is above `max_error` are not legal; 0 leaves only exact families.
/// Of those without an entry only candidates are legal that pack the constants in `forms`, by number, as it says.
/// Of those without an entry that counts least whose cost and bytes of packed constants, each at `byte_price`, are least.
/// Nothing when no family can compute the task with these layouts (in place, say) and forms.
[[nodiscard]] std::optional<Choice> choose_candidate(const Task& task, const Candidate& layouts,
                                                     const TargetInfo& target, const Schedules& schedules,
                                                     Diagnostics& diag, double max_error = default_max_error,
                                                     const std::map<int, PackedForm>& forms = {},
                                                     double byte_price = 0.0);

}  // namespace halcyon
