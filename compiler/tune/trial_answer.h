#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tune/trial.h"

namespace halcyon {

/// What a program of trials (runtime/trial/trial.c) has found out, and where.
struct TrialAnswer {
    std::string cpu_kind;  ///< one word: "cortex-a72"
    std::string cpu;       ///< as records name it: "cortex-a72, implementer 0x41, part 0xd08"
    int status = 0;        ///< what the run that failed answered; 0 where none did
    std::vector<Timing> timings;
};

/// Finds the program's line of JSON in what a runner wrote: the last that begins with its mark. Nothing where there is none, it
/// is cut off, or says what cannot be. Timings are right where a time was taken.
[[nodiscard]] std::optional<TrialAnswer> trial_answer_in(std::string_view output);

}  // namespace halcyon
