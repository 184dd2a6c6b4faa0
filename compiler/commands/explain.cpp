#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <memory>

#include "commands/command.h"

namespace halcyon::commands {
namespace {

/// "E0204", "e204", "0204" and the name "bad_argument" mean the same.
const CodeInfo* find_code(std::string_view text) {
    const auto& codes = all_codes();
    int number = 0;
    const std::string_view digits = text.starts_with('E') || text.starts_with('e') ? text.substr(1) : text;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    const bool is_number = error == std::errc() && end == digits.data() + digits.size();
    const auto found = std::find_if(codes.begin(), codes.end(), [&](const CodeInfo& info) {
        return is_number ? static_cast<int>(info.code) == number : info.name == text;
    });
    return found == codes.end() ? nullptr : &*found;
}

int run(const std::string& text, CommandContext& context) {
    if (text.empty()) {
        for (const CodeInfo& info : all_codes()) fmt::print("{}  {}\n", code_text(info.code), info.title);
        return 0;
    }
    const CodeInfo* info = find_code(text);
    if (info == nullptr) {
        context.diag.error(Code::unknown_command_line_name, {}, "there is no error code '{}'", text).hint =
            "`halcyon explain` lists them";
        return 1;
    }
    fmt::print("{}: {}\n\n{}", code_text(info->code), info->title, info->explanation);
    if (!info->explanation.ends_with('\n')) fmt::print("\n");
    return 0;
}

std::function<int(CommandContext&)> declare(CLI::App& app) {
    const auto code = std::make_shared<std::string>();
    app.add_option("CODE", *code, "the code in an error's brackets, E0204; without it, all are listed");
    return [code](CommandContext& context) { return run(*code, context); };
}

}  // namespace

extern const Command explain_command;
const Command explain_command{"explain", "Says more about an error code.", declare};

}  // namespace halcyon::commands
