#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "kernels/target_info.h"

namespace halcyon {

/// The folder for temporary files (TMPDIR) is missing, full or closed to us. The message is for the user.
class TemporaryFileError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

struct LinkerInput {
    std::string name;  ///< as the linker's messages call it; without folder
    std::string bytes;
};

/// Runs LLD, which is part of this program, on temporary files whose names do not get into what comes out.
/// InternalError with LLD's messages when it fails, since users' mistakes do not reach it; TemporaryFileError.
[[nodiscard]] std::string link_elf(const std::vector<LinkerInput>& inputs, std::vector<std::string> arguments,
                                   const TargetInfo& target);
[[nodiscard]] std::string link_wasm(const std::vector<LinkerInput>& inputs, std::vector<std::string> arguments);

/// An object with nothing in it.
[[nodiscard]] std::string emit_empty_object(const TargetInfo& target);

}  // namespace halcyon
