#pragma once

#include <string>
#include <vector>

#include "backend/library.h"
#include "support/diagnostics.h"
#include "support/file_system.h"

namespace halcyon {

/// Writes all files into the folder, which is made if it is missing, or none: under temporary names first, renamed when the
/// last one is on the disk. Problems are one error.
bool write_files(const std::string& folder, const std::vector<LibraryFile>& written, FileSystem& files,
                 Diagnostics& diag);

/// One file, whole or not at all.
bool write_file(const std::string& path, std::string_view bytes, FileSystem& files, Diagnostics& diag);

}  // namespace halcyon
