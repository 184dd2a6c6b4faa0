#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tune/trial.h"
#include "tune/whole.h"

namespace halcyon {

/// What a program of trials holds, as runtime/trial/trial.h: sizes in bytes.
struct TrialPlan {
    struct Input {
        std::string bytes;  ///< empty: zeros
        std::int64_t size = 0, first = 0;
    };
    struct Output {
        std::string expected;  ///< empty: anything is right
        std::int64_t size = 0, first = 0;
    };
    struct Entrant {
        std::string object, run;  ///< a relocatable object, and its function
        std::int64_t workspace_bytes = 0;
        std::string weights;             ///< the beginning of them
        std::int64_t weights_bytes = 0;  ///< all
        std::int64_t copies = 1;
        double max_error = 0.0;
    };
    int threads = 1;
    double seconds = 0.0;
    int least_blocks = 1;
    std::vector<Input> inputs;
    std::vector<Output> outputs;
    std::vector<Entrant> entrants;
};

/// A task's candidates, with its numbers and what must come out of them.
[[nodiscard]] TrialPlan trial_plan(const Problem& problem, std::span<const Contestant> contestants, double seconds);
/// Whole networks, which are timed only: their inputs are zeros and their weights any numbers.
[[nodiscard]] TrialPlan trial_plan(std::span<const BuiltNetwork> networks, double seconds);

/// Makes static executables of plans with a C compiler for the target, which brings the C library and the linker.
class TrialLinker {
public:
    /// The command by which the C compiler for the target is usually called, on Debian and elsewhere; empty where none is known.
    [[nodiscard]] static std::string usual_compiler(const TargetInfo& target);

    /// Compiles runtime/trial and the thread pool; nothing where that cannot be done, and `why`.
    [[nodiscard]] static std::optional<TrialLinker> make(const TargetInfo& target, const std::string& compiler,
                                                         std::string& why);

    /// The path of the executable, which the next one replaces; nothing where it cannot be linked, and `why`.
    [[nodiscard]] std::optional<std::string> link(const TrialPlan& plan, std::string& why) const;

private:
    /// Gone with its last user.
    struct Folder;
    TrialLinker(TargetInfo target, std::string compiler, std::shared_ptr<const Folder> folder)
        : target_(std::move(target)), compiler_(std::move(compiler)), folder_(std::move(folder)) {}

    TargetInfo target_;
    std::string compiler_;
    std::shared_ptr<const Folder> folder_;
};

}  // namespace halcyon
