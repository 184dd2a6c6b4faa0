#pragma once

#include <string>

#include "backend/library.h"
#include "plan/program.h"

namespace halcyon {

/// Bytes of the library's parts, for the manifest.
struct LibrarySizes {
    std::size_t object = 0;  ///< code and tables, and weights unless they are in a file
    std::size_t weights = 0;
};

/// NAME.json: what the library is made of and from. Nothing in it depends on where or when it was made.
[[nodiscard]] std::string make_manifest(const std::vector<Variant>& variants, const LibrarySizes& sizes,
                                        const LibraryOptions& options);

}  // namespace halcyon
