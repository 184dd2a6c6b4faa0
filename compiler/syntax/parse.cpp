#include "syntax/parse.h"

#include <utility>

#include "syntax/grammar.h"
#include "syntax/line_scanner.h"

namespace halcyon {
namespace {

std::string docstring_of(const ast::Block& body) {
    if (body.empty()) return {};
    const auto* first = std::get_if<ast::ExpressionStatement>(&body.front().kind);
    const auto* text = first == nullptr ? nullptr : std::get_if<ast::String>(&first->value->kind);
    return text == nullptr ? std::string() : text->value;
}

}  // namespace

std::optional<ast::Module> parse(const Sources& sources, std::uint32_t file, Diagnostics& diag) {
    const int errors_before = diag.error_count();
    ScannedText scanned = scan_lines(sources, file, diag);
    ast::Module module;
    module.file = file;
    module.body = parse_statements(sources, scanned, diag);
    if (diag.error_count() > errors_before) return std::nullopt;
    module.docstring = docstring_of(module.body);
    module.comments = std::move(scanned.comments);
    return module;
}

}  // namespace halcyon
