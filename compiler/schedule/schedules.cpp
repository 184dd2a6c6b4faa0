#include <algorithm>
#include <charconv>
#include <optional>

#include "schedule/choose.h"

namespace halcyon {
namespace {

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

std::vector<std::string_view> words(std::string_view line) {
    std::vector<std::string_view> result;
    for (line = trimmed(line); !line.empty(); line = trimmed(line)) {
        const auto end = std::min(line.find_first_of(" \t"), line.size());
        result.push_back(line.substr(0, end));
        line.remove_prefix(end);
    }
    return result;
}

/// "14x2" -> {14, 2}.
std::optional<std::vector<int>> parse_values(std::string_view text) {
    std::vector<int> values;
    while (true) {
        int value = 0;
        const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error != std::errc{}) return std::nullopt;
        values.push_back(value);
        text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
        if (text.empty()) return values;
        if (text.front() != 'x') return std::nullopt;
        text.remove_prefix(1);
    }
}

/// Reads the text line by line; comments run from '#' to the end of a line.
class Reader {
public:
    Reader(const Sources& sources, std::uint32_t file, Diagnostics& diag)
        : source_(sources.file(file)), diag_(diag), span_{file, 0, 0} {}

    std::vector<Schedules::Entry> read() {
        if (!next() || line_ != "halcyon-schedules 1") {
            mistake("a schedule file begins with 'halcyon-schedules 1'");
            return {};
        }
        for (next(); !line_.empty();) {
            const auto parts = words(line_);
            if (parts[0] == "target" && parts.size() >= 2) {
                target_ = parts[1];
                next();
            } else if (line_.back() == '{' && !target_.empty()) {
                if (auto entry = read_entry()) entries_.push_back(std::move(*entry));
                leave_entry();
            } else {
                mistake(target_.empty() ? "expected 'target NAME'" : "expected a task that ends in '{'");
                next();
                leave_entry();
            }
        }
        return std::move(entries_);
    }

private:
    /// To the next line that says something; false and an empty line at the end of the file.
    bool next() {
        const std::string_view text = source_.text();
        while (at_ < text.size()) {
            const auto end = std::min(text.find('\n', at_), text.size());
            const std::string_view whole = text.substr(at_, end - at_);
            const auto comment = std::min(whole.find('#'), whole.size());
            line_ = trimmed(whole.substr(0, comment));
            comment_ = trimmed(whole.substr(std::min(comment + 1, whole.size())));
            const auto indent = line_.empty() ? 0 : line_.data() - whole.data();
            span_.begin = static_cast<std::uint32_t>(at_ + static_cast<std::size_t>(indent));
            span_.end = span_.begin + static_cast<std::uint32_t>(line_.size());
            at_ = end + 1;
            if (!line_.empty()) return true;
        }
        line_ = {};
        return false;
    }

    std::nullopt_t mistake(std::string_view text) {
        diag_.error(Code::bad_schedule_file, span_, "{}", text);
        return std::nullopt;
    }

    /// The task of this line and the candidate of the next, up to the '}' behind them.
    std::optional<Schedules::Entry> read_entry() {
        Schedules::Entry entry;
        entry.target = target_;
        entry.task = trimmed(line_.substr(0, line_.size() - 1));
        if (!next()) return mistake("the file ends inside a task");
        if (line_ == "}") return mistake("expected the task's candidate before '}'");
        entry.span = span_;
        entry.place = fmt::format("{}:{}", source_.path(), source_.line_column(span_.begin).line);
        entry.comment = comment_;
        auto parts = words(line_);
        entry.family = parts[0];
        parts.erase(parts.begin());
        if (!skip_memory_plan(parts)) return mistake("expected 'layout INPUTS -> OUTPUT'");
        for (std::size_t i = 0; i < parts.size(); i += 2) {
            if (i + 1 == parts.size()) return mistake(fmt::format("'{}' has no value", parts[i]));
            const auto values = parse_values(parts[i + 1]);
            if (!values) {
                return mistake(
                    fmt::format("'{}' is no value for '{}': expected numbers joined by x", parts[i + 1], parts[i]));
            }
            entry.parameters.push_back({std::string(parts[i]), *values});
        }
        if (!next() || line_ != "}") return mistake("expected '}' after the task's one candidate");
        return entry;
    }

    /// Layouts and whether a kernel works in place follow from the plan: a listing's words about them may stay in a file.
    static bool skip_memory_plan(std::vector<std::string_view>& parts) {
        if (!parts.empty() && parts[0] == "layout") {
            const auto arrow = std::find(parts.begin(), parts.end(), "->");
            if (parts.end() - arrow < 2) return false;
            parts.erase(parts.begin(), arrow + 2);
        }
        if (parts.size() >= 2 && parts[0] == "in_place") parts.erase(parts.begin(), parts.begin() + 2);
        return true;
    }

    /// Behind the entry's '}', or to the next task or target where that is missing.
    void leave_entry() {
        for (; !line_.empty(); next()) {
            if (line_ == "}") {
                next();
                return;
            }
            if (line_.back() == '{' || words(line_)[0] == "target") return;
        }
    }

    const SourceFile& source_;
    Diagnostics& diag_;
    std::size_t at_ = 0;
    std::string_view line_, comment_;
    Span span_;
    std::string target_;
    std::vector<Schedules::Entry> entries_;
};

}  // namespace

Schedules Schedules::parse(const Sources& sources, std::uint32_t file, Diagnostics& diag) {
    Schedules schedules;
    schedules.entries_ = Reader(sources, file, diag).read();
    return schedules;
}

void Schedules::append(Schedules other) {
    for (Entry& entry : other.entries_) entries_.push_back(std::move(entry));
}

void Schedules::mark_shipped() {
    for (Entry& entry : entries_) entry.shipped = true;
}

bool Schedules::Entry::names(const Candidate& candidate) const {
    return candidate.family == family && candidate.parameters.size() == parameters.size() &&
           std::is_permutation(parameters.begin(), parameters.end(), candidate.parameters.begin());
}

const Schedules::Entry* Schedules::find(const std::string& task, const std::string& target) const {
    for (const Entry& entry : entries_)
        if (entry.task == task && entry.target == target) return &entry;
    return nullptr;
}

}  // namespace halcyon
