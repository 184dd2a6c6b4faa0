#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/diagnostics.h"

namespace halcyon {

/// What became of a trial.
enum class TrialStatus {
    ok,
    wrong_answer,  ///< the result is not the reference's
    crashed,       ///< compiling or running ended in a signal or an error
    hung,          ///< compiling or running took too long
};
[[nodiscard]] std::string_view to_text(TrialStatus status);
[[nodiscard]] std::optional<TrialStatus> trial_status_of(std::string_view text);

/// One candidate of one task, tried once on one machine. Times hold only for equal task, candidate, family revision, target,
/// CPU, and bytes of weights in between.
struct TrialRecord {
    std::string task;       ///< to_text(Task); batch and threads are part of it
    std::string candidate;  ///< to_text(Candidate, Task); layouts are part of it
    std::string family;
    std::string revision;  ///< family_revision(family) of the Halcyon that made it
    std::string target;    ///< TargetInfo::name
    std::string cpu;       ///< as cpu_name() of the machine that ran it
    int threads = 1;
    TrialStatus status = TrialStatus::ok;
    double nanoseconds = 0.0;  ///< of the fastest runs; 0 unless ok
    double noise = 0.0;        ///< how far runs scatter above that, as a share of it
    std::string versions;      ///< of Halcyon and Halide
    std::string model;
    std::string run;        ///< names the run of `tune`; a candidate has one record a run
    std::int64_t when = 0;  ///< seconds since 1970
    std::int64_t weights_between =
        0;  ///< bytes that were read between two uses of the same weights; 0 where nobody knows

    friend bool operator==(const TrialRecord&, const TrialRecord&) = default;
};

/// As one line of JSON, for `records export` and back. Nothing from a text that is no record.
[[nodiscard]] std::string to_json_line(const TrialRecord& record);
[[nodiscard]] std::optional<TrialRecord> record_from_json_line(std::string_view line);

/// An SQLite file of trials, which several processes may use at once. Each trial is a transaction, so a process that is
/// killed loses none that it has added.
class Records {
public:
    /// Opens the file or begins a new one. A damaged one is renamed to PATH.damaged-TIME, with a warning. An error (E0606)
    /// where that cannot be done, and for files of other programs and of newer versions, which stay as they are.
    [[nodiscard]] static std::optional<Records> open(const std::string& path, Diagnostics& diag);
    ~Records();
    Records(Records&&) noexcept;
    Records& operator=(Records&&) noexcept;

    /// Replaces the record of the same candidate in the same run. False when the file cannot be written: see trouble().
    bool add(const TrialRecord& record);
    /// Adds what is not there yet, all or nothing; the number of those added.
    std::optional<std::size_t> merge(const std::vector<TrialRecord>& records);

    /// What is known of a task on a machine: the latest record of each candidate whose family has not changed since.
    [[nodiscard]] std::vector<TrialRecord> find(const std::string& task, const std::string& target,
                                                const std::string& cpu, std::int64_t weights_between) const;
    /// All, in the order in which they were added.
    [[nodiscard]] std::vector<TrialRecord> all() const;
    /// Removes those that `unwanted` names; their number.
    std::optional<std::size_t> remove(const std::function<bool(const TrialRecord&)>& unwanted);

    /// Why something could not be read or written, if so: to be said once.
    [[nodiscard]] const std::optional<std::string>& trouble() const;

private:
    struct State;
    explicit Records(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

/// XDG_STATE_HOME/halcyon/records.db, else ~/.local/state/halcyon/records.db; empty when neither is set.
[[nodiscard]] std::string default_records_file();

}  // namespace halcyon
