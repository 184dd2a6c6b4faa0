#pragma once

#include <optional>
#include <string>
#include <utility>

#include "syntax/parse.h"

namespace halcyon {

/// One text read as a spec of the name `a.hcn`.
struct Reading {
    explicit Reading(std::string text, std::string name = "a.hcn")
        : file(sources.add(std::move(name), std::move(text))) {
        module = parse(sources, file, diag);
    }
    [[nodiscard]] std::string errors() const { return render(diag, sources); }
    /// The printed tree, or the errors.
    [[nodiscard]] std::string tree() const { return module ? to_text(*module, sources) : errors(); }

    Sources sources;
    std::uint32_t file;
    Diagnostics diag;
    std::optional<ast::Module> module;
};

/// The tree of `x = EXPRESSION` in one line: "+(a *(b c))". Places are left out.
[[nodiscard]] std::string shape(const std::string& expression);

}  // namespace halcyon
