#include "importers/columns.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include <fmt/format.h>

#include "importers/source_text.h"
#include "importers/spec_names.h"

namespace halcyon::importers {
namespace {

std::vector<Value> different(const Cells& cells) {
    std::vector<Value> values;
    for (const auto& cell : cells) {
        if (cell && std::find(values.begin(), values.end(), *cell) == values.end()) values.push_back(*cell);
    }
    return values;
}

/// Whether they agree where both are there, and are so somewhere.
bool compatible(const Cells& a, const Cells& b) {
    bool overlap = false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (!a[i] || !b[i]) continue;
        if (*a[i] != *b[i]) return false;
        overlap = true;
    }
    return overlap;
}

bool counts_channels(std::string_view hint) {
    return is_width(hint) || hint == "target_shape" || hint == "groups";
}

/// k if `cells` are k times `base` wherever they are, k > 1.
std::optional<std::int64_t> multiple_of(const Cells& cells, const Cells& base) {
    std::optional<std::int64_t> factor;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (!cells[i]) continue;
        const std::int64_t* n = cells[i]->integer();
        const std::int64_t* by = base[i] ? base[i]->integer() : nullptr;
        if (n == nullptr || by == nullptr || *by <= 0 || *n <= *by || *n % *by != 0) return std::nullopt;
        if (factor && *factor != *n / *by) return std::nullopt;
        factor = *n / *by;
    }
    return factor;
}

std::optional<std::int64_t> number_of(const std::string& digits) {
    constexpr std::size_t most = 9;
    if (digits.empty() || digits.size() > most || (digits.size() > 1 && digits[0] == '0')) return std::nullopt;
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return error == std::errc{} && end == digits.data() + digits.size() ? std::optional(number) : std::nullopt;
}

void add_text(std::vector<Term::Part>& parts, const std::string& text) {
    if (text.empty()) return;
    if (!parts.empty() && parts.back().variable.empty()) {
        parts.back().text += text;
    } else {
        parts.push_back({text, ""});
    }
}

}  // namespace

bool is_width(std::string_view argument) {
    // Keras's, then PyTorch's.
    for (std::string_view each : {"filters", "units", "in_channels", "out_channels", "in_features", "out_features",
                                  "num_features", "num_channels", "normalized_shape"}) {
        if (argument == each) return true;
    }
    return false;
}

std::size_t distinct(const Cells& cells) {
    return different(cells).size();
}

std::optional<Value> most_common(const Cells& cells) {
    std::optional<Value> best;
    std::ptrdiff_t most = 0;
    for (const Value& value : different(cells)) {
        const std::ptrdiff_t count = std::count(cells.begin(), cells.end(), std::optional(value));
        if (count > most) {
            most = count;
            best = value;
        }
    }
    return best;
}

std::string placeholder(int column) {
    return fmt::format("${}", column);
}

int Columns::column(const Cells& cells, const std::string& hint, const std::string& word) {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        Column& known = columns_[i];
        const bool alike = known.hint == hint || (counts_channels(known.hint) && counts_channels(hint));
        if (!alike || !compatible(known.cells, cells)) continue;
        for (std::size_t place = 0; place < cells.size(); ++place) {
            if (!known.cells[place]) known.cells[place] = cells[place];
        }
        return static_cast<int>(i);
    }
    columns_.push_back({cells, hint, word});
    return static_cast<int>(columns_.size()) - 1;
}

Term Columns::term(const Cells& cells, const std::string& hint, const std::string& word) {
    const std::vector<Value> values = different(cells);
    if (values.size() == 1) return Term(values[0]);
    if (counts_channels(hint)) {
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            if (!counts_channels(columns_[i].hint) || compatible(columns_[i].cells, cells)) continue;
            if (const auto factor = multiple_of(cells, columns_[i].cells))
                return Term::symbol(fmt::format("{} * {}", *factor, placeholder(static_cast<int>(i))));
        }
    }
    return Term::symbol(placeholder(column(cells, hint, word)));
}

Term Columns::text_term(const Cells& cells, const std::string& hint) {
    const std::vector<Value> values = different(cells);
    if (values.size() == 1) return Term(values[0]);
    std::vector<std::vector<std::string>> tokens;
    for (const Value& value : values) {
        if (value.string() == nullptr) return Term::symbol(placeholder(column(cells, hint)));
        tokens.push_back(name_tokens(*value.string()));
    }
    const std::size_t count = tokens[0].size();
    bool numbers_vary =
        std::all_of(tokens.begin(), tokens.end(), [&](const auto& each) { return each.size() == count; });
    for (std::size_t i = 0; numbers_vary && i < count; ++i) {
        const bool same =
            std::all_of(tokens.begin(), tokens.end(), [&](const auto& each) { return each[i] == tokens[0][i]; });
        numbers_vary = same || std::all_of(tokens.begin(), tokens.end(),
                                           [&](const auto& each) { return number_of(each[i]).has_value(); });
    }
    std::vector<Term::Part> parts;
    if (numbers_vary) {
        for (std::size_t i = 0; i < count; ++i) {
            if (std::all_of(tokens.begin(), tokens.end(), [&](const auto& each) { return each[i] == tokens[0][i]; })) {
                add_text(parts, tokens[0][i]);
                continue;
            }
            Cells numbers(cells.size());
            for (std::size_t place = 0; place < cells.size(); ++place) {
                if (cells[place]) numbers[place] = Value(*number_of(name_tokens(*cells[place]->string())[i]));
            }
            parts.push_back({"", placeholder(column(numbers, "i"))});
        }
        return Term::pattern(std::move(parts));
    }
    // Whole tokens at both ends that all have in common.
    std::size_t before = 0, after = 0;
    const auto shortest = std::min_element(tokens.begin(), tokens.end(), [](const auto& a, const auto& b) {
                              return a.size() < b.size();
                          })->size();
    const auto all_same = [&](std::size_t i, bool from_end) {
        return std::all_of(tokens.begin(), tokens.end(), [&](const auto& each) {
            return from_end ? each[each.size() - 1 - i] == tokens[0][count - 1 - i] : each[i] == tokens[0][i];
        });
    };
    while (before < shortest && all_same(before, false)) ++before;
    while (before + after < shortest && all_same(after, true)) ++after;
    Cells middle(cells.size());
    for (std::size_t place = 0; place < cells.size(); ++place) {
        if (!cells[place]) continue;
        const std::vector<std::string> own = name_tokens(*cells[place]->string());
        std::string text;
        for (std::size_t i = before; i + after < own.size(); ++i) text += own[i];
        middle[place] = Value(text);
    }
    for (std::size_t i = 0; i < before; ++i) add_text(parts, tokens[0][i]);
    parts.push_back({"", placeholder(column(middle, hint))});
    for (std::size_t i = count - after; i < count; ++i) add_text(parts, tokens[0][i]);
    return Term::pattern(std::move(parts));
}

std::optional<std::string> Columns::conditional(const Cells& cells) const {
    if (distinct(cells) != 2) return std::nullopt;
    const std::vector<Value> values = different(cells);
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        const Cells& by = columns_[i].cells;
        if (distinct(by) > 4) continue;
        for (int side = 0; side < 2; ++side) {
            const Value& then = values[static_cast<std::size_t>(side)];
            Cells reasons(by.size());
            bool good = true;
            for (std::size_t unit = 0; unit < by.size(); ++unit) {
                if (!cells[unit]) continue;
                good = good && by[unit];
                if (*cells[unit] == then) reasons[unit] = by[unit];
            }
            if (!good || distinct(reasons) != 1) continue;
            const Value reason = *most_common(reasons);
            for (std::size_t unit = 0; unit < by.size(); ++unit)
                good = good && (!cells[unit] || (*by[unit] == reason) == (*cells[unit] == then));
            if (!good) continue;
            return fmt::format("{} if {} == {} else {}", source_text(then), placeholder(static_cast<int>(i)),
                               source_text(reason), source_text(values[static_cast<std::size_t>(1 - side)]));
        }
    }
    return std::nullopt;
}

std::optional<Value> Columns::value(const Term& term, std::size_t place) const {
    if (term.kind == Term::Kind::constant) return term.value;
    if (term.kind == Term::Kind::pattern) return std::nullopt;
    const std::size_t sign = term.text.find('$');
    if (sign == std::string::npos || term.text.find('$', sign + 1) != std::string::npos) return std::nullopt;
    const auto index = number_of(term.text.substr(sign + 1));
    if (!index) return std::nullopt;
    const std::optional<Value>& cell = columns_[static_cast<std::size_t>(*index)].cells[place];
    if (sign == 0 || !cell || cell->integer() == nullptr) return cell;
    const auto factor = number_of(term.text.substr(0, term.text.find(' ')));
    if (!factor || term.text.substr(0, sign) != fmt::format("{} * ", *factor)) return std::nullopt;
    return Value(*factor * *cell->integer());
}

std::string named(std::string text, const std::vector<std::string>& names) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '$') {
            result += text[i];
            continue;
        }
        std::size_t number = 0;
        while (i + 1 < text.size() && text[i + 1] >= '0' && text[i + 1] <= '9')
            number = number * 10 + static_cast<std::size_t>(text[++i] - '0');
        result += names[number];
    }
    return result;
}

Term named(Term term, const std::vector<std::string>& names) {
    if (term.kind == Term::Kind::symbol) term.text = named(std::move(term.text), names);
    for (Term::Part& part : term.parts) {
        if (part.variable.starts_with('$')) part.variable = named(std::move(part.variable), names);
    }
    return term;
}

}  // namespace halcyon::importers
