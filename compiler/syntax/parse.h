#pragma once

#include <cstdint>
#include <optional>

#include "support/diagnostics.h"
#include "syntax/ast.h"

namespace halcyon {

/// Reads one file of `sources` as a spec. Never throws and never crashes, whatever the bytes; reports several mistakes a
/// run (01xx) and returns nothing if there was one. Limits: file 16 MiB, brackets and blocks nested 256 deep, an
/// expression's tree 1,000 levels deep, so that walking it by recursion is safe.
[[nodiscard]] std::optional<ast::Module> parse(const Sources& sources, std::uint32_t file, Diagnostics& diag);

/// The tree as indented text, one node a line with its place, for `--emit ast` and golden tests.
[[nodiscard]] std::string to_text(const ast::Module& module, const Sources& sources);

}  // namespace halcyon
