#include "schedule/update_schedules.h"

#include <algorithm>

namespace halcyon {
namespace {

/// A part of the text that becomes another.
struct Edit {
    std::size_t begin = 0, end = 0;
    std::string text;
};

std::size_t line_end(const std::string& text, std::size_t at) {
    return std::min(text.find('\n', at), text.size());
}

std::string with_comment(const TunedEntry& entry) {
    return entry.line + "  # " + entry.comment;
}

}  // namespace

UpdatedSchedules update_schedules(const std::string& text, const Schedules& before,
                                  const std::vector<TunedEntry>& entries, const std::string& target,
                                  const std::string& tuned_on) {
    UpdatedSchedules updated;
    std::vector<Edit> edits;
    std::string appended;
    for (const TunedEntry& entry : entries) {
        const Schedules::Entry* old = before.find(entry.task, target);
        if (old == nullptr) {
            ++updated.added;
            appended += fmt::format("\n# {}\n{} {{\n    {}\n}}\n", entry.about, entry.task, with_comment(entry));
            continue;
        }
        const std::size_t begin = old->span.begin;
        const std::size_t end = line_end(text, begin);
        const bool by_hand = !old->comment.starts_with(tuned_mark);
        if (old->names(entry.candidate)) {
            ++updated.kept;
            if (!by_hand) edits.push_back({begin, end, with_comment(entry)});
            continue;
        }
        ++updated.replaced;
        std::string line = with_comment(entry);
        if (by_hand) {
            updated.replaced_by_hand.push_back(old->place);
            line = fmt::format("# by hand: {}\n    {}", text.substr(begin, end - begin), line);
        }
        edits.push_back({begin, end, std::move(line)});
    }
    std::sort(edits.begin(), edits.end(), [](const Edit& a, const Edit& b) { return a.begin < b.begin; });
    std::size_t at = 0;
    for (const Edit& edit : edits) {
        updated.text += text.substr(at, edit.begin - at) + edit.text;
        at = edit.end;
    }
    updated.text += text.substr(std::min(at, text.size()));

    if (updated.text.empty()) updated.text = "halcyon-schedules 1\n";
    if (appended.empty()) return updated;
    if (updated.text.back() != '\n') updated.text += '\n';
    if (before.empty() || before.entries().back().target != target)
        updated.text += fmt::format("target {} tuned-on {}\n", target, tuned_on);
    updated.text += appended;
    return updated;
}

}  // namespace halcyon
