#include "schedule/update_schedules.h"

#include <algorithm>
#include <charconv>

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

/// The number in front of a word, "87" of "87 % of the peak"; nothing where it is not there.
std::optional<double> number_before(std::string_view text, std::string_view word) {
    const auto at = text.find(word);
    if (at == std::string_view::npos) return std::nullopt;
    const auto begin = text.substr(0, at).find_last_of(' ') + 1;  // 0 where there is none
    double number = 0.0;
    const auto [rest, error] = std::from_chars(text.data() + begin, text.data() + at, number);
    return error == std::errc{} && rest == text.data() + at ? std::optional(number) : std::nullopt;
}

constexpr std::string_view peak_words = " % of the peak";
constexpr std::string_view trials_word = " trial";

/// What a comment says that is the same whenever the same trials stand behind it: the peak is measured anew each time.
std::string without_share(std::string comment) {
    const auto end = comment.find(peak_words);
    if (end == std::string::npos) return comment;
    const auto begin = comment.rfind(", ", end);
    return begin == std::string::npos ? comment : comment.erase(begin, end + peak_words.size() - begin);
}

}  // namespace

std::string to_text(const TunedFigures& figures) {
    std::string text = fmt::format("{}{:.4g} ms", tuned_mark, figures.seconds * 1e3);
    if (figures.flops > 0.0) text += fmt::format(", {:.1f} GFLOP/s", figures.flops / figures.seconds * 1e-9);
    if (figures.flops > 0.0 && figures.peak_share > 0.0)
        text += fmt::format(", {:.0f}{}", 100.0 * figures.peak_share, peak_words);
    return text + fmt::format(", {}{}{}", figures.trials, trials_word, figures.trials == 1 ? "" : "s");
}

std::optional<WrittenFigures> figures_of(std::string_view comment) {
    if (!comment.starts_with(tuned_mark)) return std::nullopt;
    WrittenFigures figures;
    if (const std::optional<double> share = number_before(comment, peak_words)) figures.peak_share = *share / 100.0;
    if (const std::optional<double> trials = number_before(comment, trials_word);
        trials && *trials >= 0.0 && *trials < 1e9)
        figures.trials = static_cast<std::size_t>(*trials);
    return figures;
}

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
            if (!by_hand && without_share(old->comment) != without_share(entry.comment))
                edits.push_back({begin, end, with_comment(entry)});
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
