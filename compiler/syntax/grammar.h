#pragma once

#include "support/diagnostics.h"
#include "syntax/ast.h"
#include "syntax/expression_builder.h"
#include "syntax/line_scanner.h"

namespace halcyon {

/// Reads all statements of a file; after a mistake goes on with the next line. The block counts only without errors.
[[nodiscard]] ast::Block parse_statements(const Sources& sources, const ScannedText& scanned, Diagnostics& diag);

/// Reads one expression, for f-strings. After a mistake the value is a placeholder that covers `place`.
[[nodiscard]] Parsed parse_expression(const Sources& sources, const ScannedText& scanned, Span place,
                                      Diagnostics& diag);

}  // namespace halcyon
