#include "importers/propose_block.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "importers/block_flow.h"
#include "importers/block_names.h"
#include "importers/columns.h"
#include "importers/source_text.h"
#include "importers/spec_names.h"
#include "support/check.h"

namespace halcyon::importers {
namespace {

constexpr std::size_t most_parameters = 8;

/// One argument of one slot, in every unit.
struct Request {
    std::size_t slot = 0;
    std::string argument;
    Cells cells;
    std::string word;  ///< what the slot's layers are called
};

class Proposer {
public:
    Proposer(const SpecTree& tree, const std::vector<TensorType>& types, const Alignment& alignment)
        : tree_(tree), types_(types), alignment_(alignment), flow_(tree.model, alignment) {}

    std::optional<BlockProposal> propose() {
        if (!flow_.sound() || !read_names() || !read_arguments()) return std::nullopt;
        resolve_arguments();
        resolve_names();
        resolve_conditions();
        if (columns_.all().size() > most_parameters) return std::nullopt;
        name_parameters();
        BlockProposal proposal;
        proposal.units = alignment_.units;
        build_block(proposal.block);
        for (std::size_t unit = 0; unit < alignment_.units.size(); ++unit) proposal.calls.push_back(call_of(unit));
        proposal.saved_lines = saved_lines(proposal);
        return proposal;
    }

private:
    [[nodiscard]] const Statement* statement(std::size_t slot, std::size_t unit) const {
        const int index = alignment_.slots[slot][unit];
        return index < 0 ? nullptr : &tree_.model.body[static_cast<std::size_t>(index)];
    }
    [[nodiscard]] std::size_t unit_count() const { return alignment_.units.size(); }
    [[nodiscard]] std::size_t slot_count() const { return alignment_.slots.size(); }
    [[nodiscard]] const Statement& any_statement(std::size_t slot) const {
        for (std::size_t unit = 0; unit < unit_count(); ++unit) {
            if (const Statement* found = statement(slot, unit)) return *found;
        }
        internal_error(__FILE__, __LINE__, "a line of a block that no unit has");
    }
    [[nodiscard]] Shape shape_of(std::size_t unit, int source) const {
        return types_[static_cast<std::size_t>(flow_.value(unit, source))].shape;
    }

    /// The written names: all units have one in a slot, or none has.
    bool read_names() {
        names_.assign(slot_count(), {});
        for (std::size_t slot = 0; slot < slot_count(); ++slot) {
            Cells cells(unit_count());
            std::size_t present = 0, written = 0;
            for (std::size_t unit = 0; unit < unit_count(); ++unit) {
                const Statement* found = statement(slot, unit);
                if (found == nullptr) continue;
                ++present;
                const auto name = found->arguments.find("name");
                if (name == found->arguments.end()) continue;
                if (name->second.kind != Term::Kind::constant || name->second.value.string() == nullptr) return false;
                ++written;
                cells[unit] = name->second.value;
            }
            if (written != 0 && written != present) return false;
            if (written != 0) names_[slot] = std::move(cells);
        }
        return true;
    }

    bool read_arguments() {
        for (std::size_t slot = 0; slot < slot_count(); ++slot) {
            std::set<std::string> arguments;
            for (std::size_t unit = 0; unit < unit_count(); ++unit) {
                if (const Statement* found = statement(slot, unit)) {
                    for (const auto& [name, term] : found->arguments) {
                        if (name != "name") arguments.insert(name);
                    }
                }
            }
            for (const std::string& argument : arguments) {
                Request request{slot, argument, Cells(unit_count()), ""};
                for (std::size_t unit = 0; unit < unit_count(); ++unit) {
                    const Statement* found = statement(slot, unit);
                    if (found == nullptr) continue;
                    const auto written = found->arguments.find(argument);
                    if (written == found->arguments.end()) {
                        request.cells[unit] = default_argument(tree_, *found, argument);
                        if (!request.cells[unit]) return false;
                    } else if (written->second.kind == Term::Kind::constant) {
                        request.cells[unit] = written->second.value;
                    } else {
                        return false;
                    }
                }
                requests_.push_back(std::move(request));
            }
        }
        return true;
    }

    /// Small numbers first, so that large ones can be multiples of them; texts and tuples last, which may follow from numbers.
    void resolve_arguments() {
        split_ = split_names(names_, unit_count());
        terms_.assign(slot_count(), {});
        const auto rank = [](const Request& request) {
            double sum = 0.0;
            std::size_t count = 0;
            for (const auto& cell : request.cells) {
                if (!cell) continue;
                if (cell->integer() == nullptr) return 1e30;
                sum += static_cast<double>(*cell->integer());
                ++count;
            }
            return sum / static_cast<double>(std::max<std::size_t>(count, 1));
        };
        std::stable_sort(requests_.begin(), requests_.end(),
                         [&](const Request& a, const Request& b) { return rank(a) < rank(b); });
        for (Request& request : requests_) {
            request.word = word_in(split_.suffixes[request.slot]);
            const Term term = resolve(request);
            terms_[request.slot][request.argument] = term;
        }
    }

    Term resolve(const Request& request) {
        const bool number = most_common(request.cells)->integer() != nullptr;
        if (distinct(request.cells) == 1) return Term(*most_common(request.cells));
        if (request.argument == "filters" || request.argument == "units") {
            const std::size_t before = columns_.all().size();
            Columns tried = columns_;
            const Term term = tried.term(request.cells, request.argument, request.word);
            if (tried.all().size() == before) {
                columns_ = std::move(tried);
                return term;
            }
            if (auto text = of_channels(request.cells)) return Term::symbol(*text);
        }
        if (!number) {
            if (auto text = columns_.conditional(request.cells)) return Term::symbol(*text);
            if (auto text = tuple(request)) return Term::symbol(*text);
        }
        return columns_.term(request.cells, request.argument, request.word);
    }

    /// "6 * channels" where that is it, channels being those of the block's first input.
    std::optional<std::string> of_channels(const Cells& cells) {
        std::set<std::int64_t> seen;
        std::optional<std::int64_t> factor, divisor;
        for (std::size_t unit = 0; unit < unit_count(); ++unit) {
            const std::int64_t* n = cells[unit] ? cells[unit]->integer() : nullptr;
            if (n == nullptr) continue;
            const Shape shape = shape_of(unit, flow_.input(0));
            if (shape.empty() || *n <= 0) return std::nullopt;
            const std::int64_t channels = shape.back();
            seen.insert(channels);
            if (*n % channels != 0 && channels % *n != 0) return std::nullopt;
            const std::int64_t times = *n / channels, part = channels / *n;
            if (factor && (*factor != times || *divisor != part)) return std::nullopt;
            factor = times;
            divisor = part;
        }
        if (seen.size() < 2 || !factor) return std::nullopt;
        uses_channels_ = true;
        if (*factor == 1) return "channels";
        return *factor > 1 ? fmt::format("{} * channels", *factor) : fmt::format("channels // {}", *divisor);
    }

    /// (1, 1, filters): element by element.
    std::optional<std::string> tuple(const Request& request) {
        std::optional<std::size_t> size;
        for (const auto& cell : request.cells) {
            if (!cell) continue;
            const Value::Sequence* sequence = cell->sequence();
            if (sequence == nullptr || (size && *size != sequence->size())) return std::nullopt;
            if (std::any_of(sequence->begin(), sequence->end(),
                            [](const Value& each) { return each.integer() == nullptr; }))
                return std::nullopt;
            size = sequence->size();
        }
        std::vector<std::string> parts;
        for (std::size_t i = 0; i < *size; ++i) {
            Request element{request.slot, request.argument, Cells(request.cells.size()), request.word};
            for (std::size_t unit = 0; unit < request.cells.size(); ++unit) {
                if (request.cells[unit]) element.cells[unit] = (*request.cells[unit]->sequence())[i];
            }
            std::optional<std::string> text;
            if (distinct(element.cells) > 1 && request.argument == "target_shape") text = of_channels(element.cells);
            parts.push_back(text ? *text : source_text(columns_.term(element.cells, request.argument, request.word)));
        }
        return fmt::format("({}{})", fmt::join(parts, ", "), parts.size() == 1 ? "," : "");
    }

    void resolve_names() {
        for (std::size_t slot = 0; slot < slot_count(); ++slot) {
            if (names_[slot].empty()) continue;
            if (distinct(names_[slot]) == 1) {
                terms_[slot]["name"] = Term(*most_common(names_[slot]));
            } else if (split_.has_prefix) {
                const std::string variable = placeholder(columns_.column(split_.prefixes, "name"));
                std::vector<Term::Part> parts{{"", variable}};
                if (!split_.suffixes[slot].empty()) parts.push_back({split_.suffixes[slot], ""});
                terms_[slot]["name"] = Term::pattern(std::move(parts));
            } else {
                terms_[slot]["name"] = columns_.text_term(names_[slot], "name");
            }
        }
    }

    void resolve_conditions() {
        for (const BlockFlow::Run& run : flow_.runs()) conditions_.push_back(condition_of(run));
    }

    Condition condition_of(const BlockFlow::Run& run) {
        const Statement& last = any_statement(static_cast<std::size_t>(run.end) - 1);
        const bool adds = last.layer != nullptr && last.layer->def->name == "Add" && last.inputs.size() == 2;
        if (adds) {
            const std::vector<int>& sources = flow_.sources(static_cast<std::size_t>(run.end) - 1);
            const int other = sources[0] >= run.begin     ? sources[1]
                              : sources[1] >= run.begin   ? sources[0]
                              : sources[0] == run.passing ? sources[1]
                                                          : sources[0];
            bool good = true;
            for (std::size_t unit = 0; unit < unit_count(); ++unit)
                good = good && run.present[unit] == (shape_of(unit, run.passing) == shape_of(unit, other));
            if (good && other != run.passing) return {"", other, run.passing, "shape"};
        }
        if (auto text = column_condition(run)) return {*text, -1, -1, ""};
        if (auto condition = channel_condition(run)) return *condition;
        Cells flags(unit_count());
        for (std::size_t unit = 0; unit < unit_count(); ++unit)
            flags[unit] = Value(static_cast<bool>(run.present[unit]));
        return {placeholder(columns_.column(flags, flag_name(run))), -1, -1, ""};
    }

    /// strides == 2
    std::optional<std::string> column_condition(const BlockFlow::Run& run) const {
        for (std::size_t i = 0; i < columns_.all().size(); ++i) {
            const Columns::Column& column = columns_.all()[i];
            if (is_width(column.hint) || column.hint == "name" || distinct(column.cells) > 3 ||
                std::any_of(column.cells.begin(), column.cells.end(), [](const auto& cell) { return !cell; }))
                continue;
            for (const bool when : {true, false}) {
                Cells reasons(unit_count());
                for (std::size_t unit = 0; unit < unit_count(); ++unit) {
                    if (run.present[unit] == when) reasons[unit] = column.cells[unit];
                }
                const std::optional<Value> reason = most_common(reasons);
                if (distinct(reasons) != 1) continue;
                bool good = true;
                for (std::size_t unit = 0; unit < unit_count(); ++unit)
                    good = good && (*column.cells[unit] == *reason) == (run.present[unit] == when);
                if (!good) continue;
                const std::string variable = placeholder(static_cast<int>(i));
                if (reason->boolean() != nullptr) return *reason->boolean() == when ? variable : "not " + variable;
                return fmt::format("{} {} {}", variable, when ? "==" : "!=", source_text(*reason));
            }
        }
        return std::nullopt;
    }

    /// x.shape[-1] != 4 * filters: a convolution that is there where channels change.
    std::optional<Condition> channel_condition(const BlockFlow::Run& run) const {
        for (int slot = run.begin; slot < run.end; ++slot) {
            const auto filters = terms_[static_cast<std::size_t>(slot)].find("filters");
            if (filters == terms_[static_cast<std::size_t>(slot)].end()) continue;
            bool good = true;
            for (std::size_t unit = 0; unit < unit_count(); ++unit) {
                const std::optional<Value> after = columns_.value(filters->second, unit);
                const Shape before = shape_of(unit, run.passing);
                good = good && after && !before.empty() && run.present[unit] == (*after != Value(before.back()));
            }
            if (good) return Condition{source_text(filters->second), run.passing, -1, "channels"};
        }
        return std::nullopt;
    }

    [[nodiscard]] std::string flag_name(const BlockFlow::Run& run) const {
        std::string word;
        bool convolves = false, adds = false, activates = true;
        for (int slot = run.begin; slot < run.end; ++slot) {
            const auto index = static_cast<std::size_t>(slot);
            if (word.empty()) word = word_in(split_.suffixes[index]);
            const Statement& line = any_statement(index);
            convolves =
                convolves || (line.layer != nullptr && line.layer->def->name.find("Conv") != std::string_view::npos);
            activates = activates && line.layer != nullptr &&
                        (line.layer->def->name == "Activation" || line.layer->def->name == "ReLU");
            adds = adds || (line.layer != nullptr && line.layer->def->name == "Add");
        }
        const auto says_little = [](const std::string& each) {
            return each.empty() || each == "conv" || each == "bn" || each == "relu" || each == "add" || each == "act";
        };
        if (activates) return "activate";
        if (!says_little(word)) return word;
        return adds ? "residual" : convolves ? "project" : word.empty() ? "extended" : word;
    }

    /// Names and defaults, and the order: what has no default first, what names layers last.
    void name_parameters() {
        const auto& columns = columns_.all();
        std::map<std::string, int> same_hint;
        for (const Columns::Column& column : columns) ++same_hint[column.hint];
        std::set<std::string> taken{"channels"};
        for (const Region& block : tree_.blocks) taken.insert(block.name);
        for (const Columns::Column& column : columns) {
            std::string wanted = column.hint == "i" ? "index" : column.hint == "target_shape" ? "size" : column.hint;
            if (same_hint[column.hint] > 1 && !column.word.empty() && !taken.contains(column.word))
                wanted = column.word;
            if (!is_usable_name(wanted)) wanted = usable_name(wanted, "value");
            parameter_names_.push_back(unique_name(wanted, taken));
        }
        for (std::size_t i = 0; i < columns.size(); ++i) {
            const Columns::Column& column = columns[i];
            const std::optional<Value> common = most_common(column.cells);
            const auto count = std::count(column.cells.begin(), column.cells.end(), common);
            const bool partial =
                std::any_of(column.cells.begin(), column.cells.end(), [](const auto& cell) { return !cell; });
            const bool has_default =
                column.hint != "name" && column.hint != "i" &&
                (partial ||
                 (!is_width(column.hint) && static_cast<double>(count) >= 0.6 * static_cast<double>(unit_count())));
            parameters_.push_back({parameter_names_[i], has_default ? common : std::nullopt});
            order_.push_back(i);
        }
        // Names stand last, so they need a default where others have one.
        const bool any_default = std::any_of(parameters_.begin(), parameters_.end(),
                                             [](const Parameter& each) { return each.default_value.has_value(); });
        const auto rank = [&](std::size_t i) {
            const std::string& hint = columns[i].hint;
            if (hint == "name") return 4;
            if (parameters_[i].default_value) return 3;
            return is_width(hint) ? 0 : hint == "kernel_size" ? 1 : 2;
        };
        for (std::size_t i = 0; i < columns.size(); ++i) {
            if (columns[i].hint == "name" && any_default) parameters_[i].default_value = Value();
        }
        std::stable_sort(order_.begin(), order_.end(), [&](std::size_t a, std::size_t b) { return rank(a) < rank(b); });
    }

    /// The block's numbering: its inputs, the slots, then what the optional runs give.
    [[nodiscard]] int block_value(int source) const {
        const int inputs = static_cast<int>(flow_.input_count());
        return source < 0 ? -1 - source : inputs + source;
    }
    [[nodiscard]] int run_value(std::size_t run) const {
        return static_cast<int>(flow_.input_count() + slot_count() + run);
    }
    /// Seen from a slot: what comes out of an optional run is the run's, except within the run.
    [[nodiscard]] int value_read(int source, int reader) const {
        if (source >= 0) {
            for (std::size_t i = 0; i < flow_.runs().size(); ++i) {
                const BlockFlow::Run& run = flow_.runs()[i];
                const bool inside = reader >= run.begin && reader < run.end;
                if (source >= run.begin && source < run.end && !inside) return run_value(i);
            }
        }
        return block_value(source);
    }

    Statement line_of(std::size_t slot) const {
        const Statement& any = any_statement(slot);
        Statement line;
        line.layer = any.layer;
        line.block = any.block;
        for (int source : flow_.sources(slot)) line.inputs.push_back(value_read(source, static_cast<int>(slot)));
        line.output = block_value(static_cast<int>(slot));
        for (const auto& [argument, term] : terms_[slot]) {
            const std::optional<Value> by_default =
                argument == "name" ? std::nullopt : default_argument(tree_, any, argument);
            if (by_default && term == Term(*by_default)) continue;
            line.arguments[argument] = named(term, parameter_names_);
        }
        return line;
    }

    void build_block(Region& block) const {
        for (std::size_t i = 0; i < flow_.input_count(); ++i) block.inputs.push_back(static_cast<int>(i));
        for (std::size_t i : order_) block.parameters.push_back(parameters_[i]);
        block.names_channels = uses_channels_;
        block.value_count = static_cast<int>(flow_.input_count() + slot_count() + flow_.runs().size());
        for (std::size_t slot = 0; slot < slot_count();) {
            const auto run = std::find_if(flow_.runs().begin(), flow_.runs().end(), [&](const BlockFlow::Run& each) {
                return each.begin == static_cast<int>(slot);
            });
            if (run == flow_.runs().end()) {
                block.body.push_back(line_of(slot++));
                continue;
            }
            const auto index = static_cast<std::size_t>(run - flow_.runs().begin());
            Statement optional;
            optional.kind = Statement::Kind::optional;
            optional.inputs = {value_read(run->passing, run->begin)};
            optional.output = run_value(index);
            optional.body_output = block_value(run->result);
            optional.condition = conditions_[index];
            optional.condition.text = named(optional.condition.text, parameter_names_);
            if (optional.condition.about == "shape") {
                optional.condition.left = value_read(optional.condition.left, run->begin);
                optional.condition.right = value_read(optional.condition.right, run->begin);
            } else if (optional.condition.about == "channels") {
                optional.condition.left = value_read(optional.condition.left, run->begin);
            }
            for (; static_cast<int>(slot) < run->end; ++slot) optional.body.push_back(line_of(slot));
            block.body.push_back(std::move(optional));
        }
        block.outputs = {{"", value_read(flow_.output(), static_cast<int>(slot_count()))}};
    }

    Statement call_of(std::size_t unit) const {
        Statement call;
        call.inputs = flow_.inputs(unit);
        call.output = alignment_.units[unit].output;
        for (std::size_t i = 0; i < parameters_.size(); ++i) {
            const std::optional<Value>& cell = columns_.all()[i].cells[unit];
            const std::optional<Value> value = cell ? cell : most_common(columns_.all()[i].cells);
            if (value != parameters_[i].default_value) call.arguments[parameters_[i].name] = Term(*value);
        }
        return call;
    }

    [[nodiscard]] double saved_lines(const BlockProposal& proposal) const {
        double before = 0.0;
        for (const Segment& unit : alignment_.units) before += unit.size();
        double after = static_cast<double>(slot_count() + 3 * flow_.runs().size()) + 3.0 + (uses_channels_ ? 1.0 : 0.0);
        // What only one unit has is nothing that repeats.
        for (const BlockFlow::Run& run : flow_.runs()) {
            if (std::count(run.present.begin(), run.present.end(), true) == 1) after += run.end - run.begin;
        }
        for (const Statement& call : proposal.calls) after += 1.0 + 0.1 * static_cast<double>(call.arguments.size());
        return before - after;
    }

    const SpecTree& tree_;
    const std::vector<TensorType>& types_;
    const Alignment& alignment_;
    BlockFlow flow_;
    std::vector<Request> requests_;
    std::vector<Cells> names_;  ///< by slot; empty where no name is written
    SplitNames split_;
    Columns columns_;
    std::vector<std::map<std::string, Term>> terms_;  ///< by slot
    std::vector<Condition> conditions_;               ///< by run
    bool uses_channels_ = false;
    std::vector<std::string> parameter_names_;  ///< by column
    std::vector<Parameter> parameters_;         ///< by column
    std::vector<std::size_t> order_;            ///< of columns, as parameters
};

}  // namespace

std::optional<BlockProposal> propose_block(const SpecTree& tree, const std::vector<TensorType>& types,
                                           const Alignment& alignment) {
    return Proposer(tree, types, alignment).propose();
}

}  // namespace halcyon::importers
