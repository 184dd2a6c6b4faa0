#include "importers/block_names.h"

#include <algorithm>

#include "importers/spec_names.h"

namespace halcyon::importers {
namespace {

/// What all of the cells' texts end with.
std::string common_ending(const Cells& cells) {
    std::optional<std::string> ending;
    for (const auto& cell : cells) {
        if (!cell) continue;
        const std::string& name = *cell->string();
        if (!ending) ending = name;
        std::size_t common = 0;
        while (common < ending->size() && common < name.size() &&
               (*ending)[ending->size() - 1 - common] == name[name.size() - 1 - common])
            ++common;
        ending = ending->substr(ending->size() - common);
    }
    return ending.value_or("");
}

/// The longest of what stands before the lines' common endings, for each call: a line's own ending may take some of it.
std::vector<std::optional<std::string>> beginnings(const std::vector<Cells>& names,
                                                   const std::vector<std::string>& endings, std::size_t calls) {
    std::vector<std::optional<std::string>> result(calls);
    for (std::size_t line = 0; line < names.size(); ++line) {
        for (std::size_t call = 0; call < names[line].size(); ++call) {
            if (!names[line][call]) continue;
            const std::string& name = *names[line][call]->string();
            const std::string before = name.substr(0, name.size() - endings[line].size());
            if (!result[call] || before.size() > result[call]->size()) result[call] = before;
        }
    }
    const bool separated =
        std::all_of(result.begin(), result.end(), [](const auto& each) { return !each || each->ends_with('_'); });
    for (auto& each : result) {
        if (each && separated) each->pop_back();
    }
    return result;
}

/// What follows the calls' beginnings in a line's names, if it is the same in all.
std::optional<std::string> rest_of(const Cells& names, const std::vector<std::optional<std::string>>& begin) {
    std::optional<std::string> rest;
    for (std::size_t call = 0; call < names.size(); ++call) {
        if (!names[call]) continue;
        const std::string& name = *names[call]->string();
        if (!name.starts_with(*begin[call])) return std::nullopt;
        const std::string own = name.substr(begin[call]->size());
        if (rest && *rest != own) return std::nullopt;
        rest = own;
    }
    return rest;
}

}  // namespace

SplitNames split_names(const std::vector<Cells>& names, std::size_t calls) {
    SplitNames split;
    for (const Cells& line : names) split.suffixes.push_back(common_ending(line));
    const std::vector<std::optional<std::string>> begin = beginnings(names, split.suffixes, calls);
    for (const auto& each : begin) {
        split.prefixes.push_back(each ? std::optional<Value>(*each) : std::nullopt);
        split.has_prefix = split.has_prefix || (each && !each->empty());
    }
    std::vector<std::string> rests = split.suffixes;
    for (std::size_t line = 0; line < names.size(); ++line) {
        if (names[line].empty()) continue;
        const std::optional<std::string> rest = rest_of(names[line], begin);
        if (!rest) split.has_prefix = false;
        rests[line] = rest.value_or("");
    }
    if (split.has_prefix) split.suffixes = std::move(rests);
    return split;
}

std::string word_in(const std::string& name) {
    for (const std::string& token : name_tokens(name)) {
        if (token.size() >= 3 && is_usable_name(token) && token.find_first_of("0123456789_") == std::string::npos)
            return token;
    }
    return "";
}

}  // namespace halcyon::importers
