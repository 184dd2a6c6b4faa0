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
    Diagnostics scan_errors;
    Diagnostics grammar_errors;
    ScannedText scanned = scan_lines(sources, file, scan_errors);
    ast::Module module;
    module.file = file;
    module.body = parse_statements(sources, scanned, grammar_errors);
    const bool wrong = scan_errors.has_errors() || grammar_errors.has_errors();
    diag.add_in_order({std::move(scan_errors), std::move(grammar_errors)});
    if (wrong) return std::nullopt;
    module.docstring = docstring_of(module.body);
    module.comments = std::move(scanned.comments);
    return module;
}

}  // namespace halcyon
