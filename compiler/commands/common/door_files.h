#pragma once

#include <optional>
#include <string>
#include <vector>

#include "commands/command.h"
#include "plan/program.h"

namespace halcyon {

/// `[NAME=]FILE` of --input and --output, with the door that it speaks of.
struct DoorFile {
    int door = 0;
    std::string path;
};

/// Which door each word speaks of: the one that it names, else the first that has none yet. With one input further files
/// without a name are further items. Unknown names and too many files are errors; so are inputs without a file where
/// `all` is asked for.
[[nodiscard]] std::optional<std::vector<DoorFile>>
match_doors(const std::vector<std::string>& words, const std::vector<Door>& doors, bool input, Diagnostics& diag);

/// What the model is run on: items[i][door] are the door's bytes.
struct RunInputs {
    std::vector<std::vector<std::string>> items;
    bool batch = false;  ///< the files had one axis more, so results are stacked
};

/// Reads arrays and pictures as `halcyon run` promises.
[[nodiscard]] std::optional<RunInputs> read_inputs(const std::vector<std::string>& words,
                                                   const std::vector<Door>& doors, Diagnostics& diag);

}  // namespace halcyon
