#include "importers/find_loops.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "importers/columns.h"
#include "importers/segments.h"
#include "importers/source_text.h"
#include "importers/spec_names.h"

namespace halcyon::importers {
namespace {

constexpr int longest_period = 12;
constexpr double cell_cost = 0.15;
constexpr double argument_cost = 0.02;
constexpr std::size_t most_columns = 5;
constexpr std::size_t most_rows = 64;

double lines_of(const std::vector<Statement>& body) {
    double lines = 0.0;
    for (const Statement& statement : body) {
        lines += 1.0 + argument_cost * static_cast<double>(statement.arguments.size()) + lines_of(statement.body);
        for (const std::vector<Value>& row : statement.rows) lines += cell_cost * static_cast<double>(row.size());
    }
    return lines;
}

std::string shape_of(const Statement& statement) {
    if (statement.kind == Statement::Kind::call) return key_of(statement);
    if (statement.kind != Statement::Kind::loop || !statement.columns.empty()) return "";
    std::string shape = "loop(";
    for (const Statement& each : statement.body) {
        const std::string part = shape_of(each);
        if (part.empty()) return "";
        shape += part + ";";
    }
    return shape + ")";
}

/// The statements of several rounds as one. Fails where they differ in more than constants.
class Unifier {
public:
    explicit Unifier(const SpecTree& tree) : tree_(tree) {}

    bool unify(const std::vector<const Statement*>& statements, Statement& result) {
        result = *statements.front();
        if (result.kind == Statement::Kind::loop) return unify_loops(statements, result);
        std::set<std::string> arguments;
        for (const Statement* statement : statements) {
            for (const auto& [name, term] : statement->arguments) arguments.insert(name);
        }
        for (const std::string& argument : arguments) {
            std::vector<Term> terms;
            for (const Statement* statement : statements) {
                const auto written = statement->arguments.find(argument);
                if (written != statement->arguments.end()) {
                    terms.push_back(written->second);
                } else if (auto by_default = default_argument(tree_, *statement, argument)) {
                    terms.emplace_back(*by_default);
                } else {
                    return false;
                }
            }
            const auto term = unify_terms(terms, argument);
            if (!term) return false;
            result.arguments[argument] = *term;
        }
        return true;
    }

    [[nodiscard]] const Columns& columns() const { return columns_; }

private:
    std::optional<Term> unify_terms(const std::vector<Term>& terms, const std::string& hint) {
        const Term& first = terms.front();
        if (std::all_of(terms.begin(), terms.end(), [&](const Term& each) { return each == first; })) return first;
        if (std::any_of(terms.begin(), terms.end(), [&](const Term& each) { return each.kind != first.kind; }))
            return std::nullopt;
        if (first.kind == Term::Kind::symbol) return std::nullopt;
        if (first.kind == Term::Kind::constant) {
            Cells cells;
            for (const Term& term : terms) cells.emplace_back(term.value);
            if (hint == "index") return Term::symbol(placeholder(columns_.column(cells, "i")));
            return first.value.string() != nullptr ? columns_.text_term(cells, hint) : columns_.term(cells, hint);
        }
        std::vector<Term::Part> parts;
        for (std::size_t i = 0; i < first.parts.size(); ++i) {
            Cells cells;
            for (const Term& term : terms) {
                if (term.parts.size() != first.parts.size() || term.parts[i].variable != first.parts[i].variable)
                    return std::nullopt;
                cells.emplace_back(Value(term.parts[i].text));
            }
            if (!first.parts[i].variable.empty()) {
                parts.push_back(first.parts[i]);
                continue;
            }
            const Term part = columns_.text_term(cells, hint);
            if (part.kind == Term::Kind::constant) {
                parts.push_back({*part.value.string(), ""});
            } else {
                parts.insert(parts.end(), part.parts.begin(), part.parts.end());
            }
        }
        return Term::pattern(std::move(parts));
    }

    bool unify_loops(const std::vector<const Statement*>& loops, Statement& result) {
        std::vector<Term> firsts;
        Cells lasts;
        for (const Statement* loop : loops) {
            firsts.push_back(loop->first);
            if (loop->last.kind != Term::Kind::constant || loop->last.value.integer() == nullptr ||
                loop->index != result.index)
                return false;
            lasts.emplace_back(loop->last.value);
        }
        const auto first = unify_terms(firsts, "first");
        if (!first || first->kind != Term::Kind::constant) return false;
        result.first = *first;
        if (distinct(lasts) > 1) {
            // range(1, blocks + 1) and range(2, blocks + 1), but range(blocks)
            const bool from_0 = first->value == Value(0);
            for (auto& last : lasts) last = Value(*last->integer() - (from_0 ? 0 : 1));
            result.last =
                Term::symbol(fmt::format("{}{}", placeholder(columns_.column(lasts, "blocks")), from_0 ? "" : " + 1"));
        }
        for (std::size_t i = 0; i < result.body.size(); ++i) {
            std::vector<const Statement*> inner;
            for (const Statement* loop : loops) inner.push_back(&loop->body[i]);
            Statement unified;
            if (!unify(inner, unified)) return false;
            result.body[i] = std::move(unified);
        }
        return true;
    }

    const SpecTree& tree_;
    Columns columns_;
};

void name_terms(Statement& statement, const std::vector<std::string>& names) {
    for (auto& [argument, term] : statement.arguments) term = named(std::move(term), names);
    statement.first = named(std::move(statement.first), names);
    statement.last = named(std::move(statement.last), names);
    for (Statement& each : statement.body) name_terms(each, names);
}

void collect_indices(const std::vector<Statement>& body, std::set<std::string>& names) {
    for (const Statement& statement : body) {
        if (!statement.index.empty()) names.insert(statement.index);
        names.insert(statement.columns.begin(), statement.columns.end());
        collect_indices(statement.body, names);
    }
}

/// The first number if each is one more than that before it.
std::optional<std::int64_t> counts_from(const Cells& cells) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const std::int64_t* n = cells[i] ? cells[i]->integer() : nullptr;
        if (n == nullptr || (i > 0 && *n != *cells[0]->integer() + static_cast<std::int64_t>(i))) return std::nullopt;
    }
    return *cells[0]->integer();
}

class LoopFinder {
public:
    LoopFinder(SpecTree& tree, LoopKind kind) : tree_(tree), kind_(kind) {}

    void find() {
        constexpr int most_loops = 200;
        constexpr std::size_t most_statements =
            400;  // what is longer after its blocks were found has little that repeats
        if (tree_.model.body.size() > most_statements) return;
        for (int i = 0; i < most_loops; ++i) {
            if (!fold_best()) return;
        }
    }

private:
    struct Found {
        int begin = 0, period = 0, rounds = 0;
        double gain = 0.0;
        Statement loop;
    };

    [[nodiscard]] const Statement& statement_at(int index) const {
        return tree_.model.body[static_cast<std::size_t>(index)];
    }
    [[nodiscard]] const std::string& shape_at(int index) const { return shapes_[static_cast<std::size_t>(index)]; }

    bool fold_best() {
        const SegmentFinder finder(tree_.model);
        const auto count = static_cast<int>(tree_.model.body.size());
        std::optional<Found> best;
        shapes_.clear();
        for (const Statement& statement : tree_.model.body) shapes_.push_back(shape_of(statement));
        for (int begin = 0; begin < count; ++begin) {
            for (int period = 1; period <= longest_period && begin + 2 * period <= count; ++period) {
                const int most = rounds_of(finder, begin, period);
                if (most < 2) continue;
                // A table may be too wide for all rounds and good for fewer; counting stops where numbers jump.
                for (int rounds = most; rounds >= 2; --rounds) {
                    std::optional<Found> found = loop_of(begin, period, rounds);
                    const bool possible = found.has_value();
                    if (possible && (!best || found->gain > best->gain)) best = std::move(found);
                    if (kind_ == LoopKind::any && rounds < most - 2) break;
                    if (possible && kind_ == LoopKind::counting) break;
                }
            }
        }
        const double least = kind_ == LoopKind::counting ? 0.0 : 1.0;
        if (!best || best->gain < least) return false;
        apply(std::move(*best));
        return true;
    }

    /// How often the statements from `begin` on repeat, each round reading one value, that of the round before.
    [[nodiscard]] int rounds_of(const SegmentFinder& finder, int begin, int period) const {
        const auto count = static_cast<int>(tree_.model.body.size());
        std::optional<Segment> before = one_in_one_out(finder, begin, period);
        if (!before) return 0;
        int rounds = 1;
        while (begin + (rounds + 1) * period <= count && rounds < static_cast<int>(most_rows)) {
            const int at = begin + rounds * period;
            const std::optional<Segment> next = one_in_one_out(finder, at, period);
            if (!next || next->inputs[0] != before->output || finder.last_reader(before->output) >= next->end) break;
            if (!same_flow(finder, begin, at, period)) break;
            before = next;
            ++rounds;
        }
        return rounds;
    }

    [[nodiscard]] std::optional<Segment> one_in_one_out(const SegmentFinder& finder, int begin, int period) const {
        const Region& region = tree_.model;
        std::optional<Segment> segment = Segment{begin, begin + period, {}, -1};
        for (int i = begin; i < begin + period; ++i) {
            const Statement& statement = region.body[static_cast<std::size_t>(i)];
            if (shapes_[static_cast<std::size_t>(i)].empty()) return std::nullopt;
            for (int input : statement.inputs) {
                if (finder.producer(input) >= begin) continue;
                if (!segment->inputs.empty() && segment->inputs[0] != input) return std::nullopt;
                segment->inputs = {input};
            }
            if (finder.last_reader(statement.output) < begin + period) continue;
            if (segment->output >= 0) return std::nullopt;
            segment->output = statement.output;
        }
        if (segment->inputs.empty() ||
            segment->output != region.body[static_cast<std::size_t>(begin + period) - 1].output)
            return std::nullopt;
        return segment;
    }

    [[nodiscard]] bool same_flow(const SegmentFinder& finder, int a, int b, int period) const {
        for (int i = 0; i < period; ++i) {
            const Statement& left = statement_at(a + i);
            const Statement& right = statement_at(b + i);
            if (shape_at(a + i) != shape_at(b + i)) return false;
            for (std::size_t place = 0; place < left.inputs.size(); ++place) {
                const int from_left = finder.producer(left.inputs[place]),
                          from_right = finder.producer(right.inputs[place]);
                if (from_left < a && from_right < b) continue;
                if (from_left - a != from_right - b) return false;
            }
        }
        return true;
    }

    [[nodiscard]] std::optional<Found> loop_of(int begin, int period, int rounds) const {
        const std::vector<Statement>& body = tree_.model.body;
        Unifier unifier(tree_);
        Found found{begin, period, rounds, 0.0, {}};
        Statement& loop = found.loop;
        loop.kind = Statement::Kind::loop;
        for (int i = 0; i < period; ++i) {
            std::vector<const Statement*> statements;
            for (int round = 0; round < rounds; ++round)
                statements.push_back(&statement_at(begin + round * period + i));
            Statement unified;
            if (!unifier.unify(statements, unified)) return std::nullopt;
            loop.body.push_back(std::move(unified));
        }
        if (!write_header(loop, unifier.columns().all(), rounds)) return std::nullopt;
        // Blocks begin with a convolution and end with a pool, not the other way round; and numbers that jump are hard to read.
        const Statement& first = loop.body.front();
        const bool pools_first =
            first.layer != nullptr && first.layer->def->name.find("Pooling") != std::string_view::npos;
        double strangeness = pools_first && period > 1 ? 3.0 : 0.0;
        for (const std::string& column : loop.columns) {
            if (column.starts_with("number")) strangeness += 3.0;
        }
        if (rounds == 2) strangeness += static_cast<double>(loop.columns.size());
        const auto from = body.begin() + begin;
        found.gain = lines_of(std::vector<Statement>(from, from + static_cast<std::ptrdiff_t>(period) * rounds)) -
                     lines_of({loop}) - strangeness;
        return found;
    }

    /// The index, the columns and the rows.
    bool write_header(Statement& loop, const std::vector<Columns::Column>& columns, int rounds) const {
        std::set<std::string> taken;
        collect_indices(loop.body, taken);
        const bool has_inner = !taken.empty();
        for (const Region& block : tree_.blocks) taken.insert(block.name);
        taken.insert(tree_.model.name);
        taken.insert(tree_.input_names.begin(), tree_.input_names.end());
        std::optional<std::int64_t> first;
        std::vector<std::string> names(columns.size());
        for (std::size_t i = 0; i < columns.size(); ++i) {
            const auto start = columns[i].hint == "i" ? counts_from(columns[i].cells) : std::nullopt;
            if (!start) continue;
            if (!first) {
                first = start;
                loop.index = unique_name(has_inner ? "stage" : "i", taken);
                names[i] = loop.index;
            } else {
                const std::int64_t apart = *start - *first;
                names[i] = apart == 0 ? loop.index
                                      : fmt::format("{} {} {}", loop.index, apart > 0 ? '+' : '-', std::abs(apart));
            }
        }
        std::vector<std::size_t> shown;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            if (!names[i].empty()) continue;
            shown.push_back(i);
            const std::string wanted = columns[i].hint == "i" ? (has_inner ? "stage" : "number") : columns[i].hint;
            names[i] = unique_name(is_usable_name(wanted) ? wanted : usable_name(wanted, "value"), taken);
        }
        if (kind_ == LoopKind::counting && (!shown.empty() || !first)) return false;
        if (shown.size() > most_columns) return false;
        const std::int64_t start = first.value_or(0);
        loop.first = Term(Value(start));
        loop.last = Term(Value(start + rounds));
        if (columns.empty()) loop.index = "_";
        for (std::size_t i : shown) loop.columns.push_back(names[i]);
        for (int round = 0; round < rounds && !shown.empty(); ++round) {
            std::vector<Value>& row = loop.rows.emplace_back();
            for (std::size_t i : shown) row.push_back(*columns[i].cells[static_cast<std::size_t>(round)]);
        }
        for (Statement& statement : loop.body) name_terms(statement, names);
        return true;
    }

    void apply(Found found) {
        Region& region = tree_.model;
        const auto begin = static_cast<std::size_t>(found.begin);
        const auto end = begin + static_cast<std::size_t>(found.period * found.rounds);
        Statement& loop = found.loop;
        std::set<int> made;
        int entering = -1;
        for (const Statement& statement : loop.body) {
            for (int input : statement.inputs) {
                if (!made.contains(input)) entering = input;
            }
            made.insert(statement.output);
        }
        // Within the loop its value is another one from round to round.
        loop.body_input = region.value_count++;
        for (Statement& statement : loop.body) {
            for (int& input : statement.inputs) {
                if (input == entering) input = loop.body_input;
            }
        }
        loop.inputs = {entering};
        loop.body_output = loop.body.back().output;
        loop.output = region.body[end - 1].output;
        region.body.erase(region.body.begin() + static_cast<std::ptrdiff_t>(begin) + 1,
                          region.body.begin() + static_cast<std::ptrdiff_t>(end));
        region.body[begin] = std::move(loop);
    }

    SpecTree& tree_;
    LoopKind kind_;
    std::vector<std::string> shapes_;
};

}  // namespace

void find_loops(SpecTree& tree, LoopKind kind) {
    LoopFinder(tree, kind).find();
}

double reading_cost(const SpecTree& tree) {
    double cost = lines_of(tree.model.body);
    constexpr double around_a_block = 4.0;
    for (const Region& block : tree.blocks) cost += lines_of(block.body) + around_a_block;
    return cost;
}

}  // namespace halcyon::importers
