#include "exporters/torch_forward.h"

#include <algorithm>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "exporters/torch_source.h"
#include "importers/source_text.h"

namespace halcyon {
namespace {

using importers::Region;
using importers::Statement;

void count_uses(const std::vector<Statement>& body, std::map<int, int>& uses) {
    for (const Statement& statement : body) {
        for (int input : statement.inputs) ++uses[input];
        if (statement.kind != Statement::Kind::optional) continue;
        count_uses(statement.body, uses);
        ++uses[statement.body_output];
    }
}

std::map<int, int> uses_in(const Region& region) {
    std::map<int, int> uses;
    count_uses(region.body, uses);
    for (const auto& [name, value] : region.outputs) ++uses[value];
    return uses;
}

/// A condition over parameters, which forward knows as attributes.
std::string condition_of_self(const std::string& condition) {
    return condition.starts_with("not ") ? "not self." + condition.substr(4) : "self." + condition;
}

class ForwardWriter {
public:
    ForwardWriter(const TorchTree& tree, const Region& region, bool is_model, const std::vector<std::string>& inputs,
                  const TorchSource& source)
        : tree_(tree), region_(region), source_(source), uses_(uses_in(region)) {
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            name_of_[region.inputs[i]] = inputs[i];
            if (uses_[region.inputs[i]] > 0) holders_[inputs[i]] = region.inputs[i];
            if (is_model) fixed_.insert(inputs[i]);
        }
    }

    std::vector<std::string> write() {
        write_body(region_.body, 0);
        write_return();
        return std::move(lines_);
    }

private:
    /// A line that the next call may still be put round.
    struct Pending {
        std::string name, expression;
        int value = -1;
        int depth = 0;
        bool is_method = false;  ///< "x.float()": what may be written after it
    };

    void flush() {
        if (!pending_) return;
        const std::string indent(static_cast<std::size_t>(pending_->depth) * 4, ' ');
        const std::string line = fmt::format("{} = {}", pending_->name, pending_->expression);
        constexpr std::size_t in_class = 8;
        const std::size_t open = line.find('(');
        if (indent.size() + line.size() + in_class <= torch_line_width || open == std::string::npos ||
            !line.ends_with(')')) {
            lines_.push_back(indent + line);
        } else {
            for (const std::string& part :
                 wrapped(line.substr(0, open), {line.substr(open + 1, line.size() - open - 2)}, "",
                         indent.size() + in_class))
                lines_.push_back(indent + part);
        }
        pending_.reset();
    }

    void release(int value) {
        const auto holder = holders_.find(name_of_[value]);
        if (holder != holders_.end() && holder->second == value) holders_.erase(holder);
    }

    /// The inputs' variables that are free afterwards.
    std::vector<std::string> consume(const std::vector<int>& inputs) {
        std::vector<std::string> freed;
        for (int input : inputs) {
            const std::string& name = name_of_[input];
            if (--uses_[input] > 0) continue;
            release(input);
            if (!fixed_.contains(name) && std::find(freed.begin(), freed.end(), name) == freed.end())
                freed.push_back(name);
        }
        return freed;
    }

    [[nodiscard]] bool is_free(const std::string& name) const {
        return !holders_.contains(name) && !fixed_.contains(name);
    }

    [[nodiscard]] std::string new_name() const {
        for (const char* name : {"x", "y", "z", "u", "v", "w"}) {
            if (is_free(name)) return name;
        }
        for (int i = 1;; ++i) {
            if (std::string name = fmt::format("x{}", i); is_free(name)) return name;
        }
    }

    [[nodiscard]] std::string result_name(const std::vector<std::string>& freed, std::size_t inputs) const {
        const bool x_is_free = std::find(freed.begin(), freed.end(), "x") != freed.end() || is_free("x");
        // The main line is x, also after branches have joined.
        if (x_is_free && (freed.empty() || inputs > 1 || std::find(freed.begin(), freed.end(), "x") != freed.end()))
            return "x";
        return freed.empty() ? new_name() : freed.front();
    }

    /// What stands round the line before rather than on its own: what has no weights worth a line, or normalizes.
    [[nodiscard]] bool goes_round(const Statement& statement) const {
        if (statement.block >= 0) return false;
        const std::string& type = tree_.kind_of(statement).type;
        if (type.empty()) return false;
        for (const char* word : {"Conv", "Linear", "Pool", "Dropout"}) {
            if (type.find(word) != std::string::npos) return false;
        }
        return true;
    }

    /// image.float() / 255, x.permute(0, 2, 3, 1).flatten(1), and a padding round which its convolution stands.
    [[nodiscard]] bool continues(const Statement& statement) const {
        if (statement.block >= 0) return false;
        const TorchTree::Kind& kind = tree_.kind_of(statement);
        if (!kind.type.empty()) return pending_->expression.starts_with("F.pad(");
        const std::size_t place = kind.expression.find("{0}");
        return pending_->is_method && place != std::string::npos &&
               kind.expression.find("{0}", place + 1) == std::string::npos;
    }

    [[nodiscard]] std::string call_text(const Statement& statement, const std::string& attribute,
                                        const std::vector<std::string>& operands) const {
        if (statement.block < 0 && tree_.kind_of(statement).type.empty()) {
            std::string text = tree_.kind_of(statement).expression;
            for (std::size_t i = operands.size(); i-- > 0;) {
                const std::string place = fmt::format("{{{}}}", i);
                for (std::size_t at = text.find(place); at != std::string::npos; at = text.find(place, at))
                    text.replace(at, place.size(), operands[i]);
            }
            return text;
        }
        return fmt::format("self.{}({})", attribute, fmt::join(operands, ", "));
    }

    /// In an optional part its result has a variable already; what leads there takes that too while nobody reads it.
    void write_call(const Statement& statement, std::size_t place, int depth, const Statement* optional,
                    const std::string& variable) {
        const std::string& whole = source_.attributes[place];
        const std::string attribute = whole.substr(0, whole.find('.'));
        const bool last_use = uses_[statement.inputs[0]] == 1;
        const std::vector<std::string> freed = consume(statement.inputs);
        const bool takes_variable =
            optional != nullptr && (statement.output == optional->body_output || is_free(variable));
        const std::string result = takes_variable ? variable : result_name(freed, statement.inputs.size());
        std::vector<std::string> operands;
        for (int input : statement.inputs) operands.push_back(name_of_[input]);
        constexpr std::size_t most_characters = 96;
        if (pending_ && statement.inputs.size() == 1 && pending_->value == statement.inputs[0] && last_use &&
            pending_->depth == depth && (goes_round(statement) || continues(statement)) &&
            pending_->expression.size() + attribute.size() < most_characters) {
            operands[0] = pending_->expression;
            pending_.reset();
        }
        if (!source_.pads[place].empty()) operands[0] = fmt::format("F.pad({}, {})", operands[0], source_.pads[place]);
        flush();
        pending_ = Pending{result, call_text(statement, attribute, operands), statement.output, depth};
        pending_->is_method = statement.block < 0 && tree_.kind_of(statement).expression.starts_with("{0}.") &&
                              pending_->expression.find(' ') > pending_->expression.find('(');
        hold(statement.output, result);
    }

    void hold(int value, const std::string& name) {
        name_of_[value] = name;
        if (uses_[value] > 0) holders_[name] = value;
    }

    void write_body(const std::vector<Statement>& body, int depth, const Statement* optional = nullptr,
                    const std::string& variable = "") {
        for (std::size_t i = 0; i < body.size(); ++i) {
            const Statement& statement = body[i];
            if (statement.kind == Statement::Kind::optional) {
                write_optional(statement, depth);
                continue;
            }
            const std::string& attribute = source_.attributes[next_++];
            // A chain of blocks is one module, which is called once.
            if (attribute.find('.') != std::string::npos && !attribute.ends_with(".0")) {
                continue_chain(statement);
                continue;
            }
            write_call(statement, next_ - 1, depth, optional, variable);
        }
    }

    void continue_chain(const Statement& statement) {
        const std::string name = name_of_[statement.inputs[0]];
        consume(statement.inputs);
        hold(statement.output, name);
        pending_->value = statement.output;
    }

    [[nodiscard]] bool is_added(int value) const {
        return std::any_of(region_.body.begin(), region_.body.end(), [&](const Statement& statement) {
            return statement.kind == Statement::Kind::call && statement.inputs.size() > 1 &&
                   std::find(statement.inputs.begin(), statement.inputs.end(), value) != statement.inputs.end();
        });
    }

    void write_optional(const Statement& optional, int depth) {
        flush();
        const int passing = optional.inputs[0];
        std::map<int, int> inside;
        count_uses(optional.body, inside);
        const std::string before = name_of_[passing];
        std::string variable = before;
        const std::string indent(static_cast<std::size_t>(depth) * 4, ' ');
        // Somebody else still needs what it is without the part.
        if (uses_[passing] > 1 + inside[passing] || fixed_.contains(before)) {
            variable = is_added(optional.output) && is_free("shortcut") ? "shortcut" : new_name();
            lines_.push_back(fmt::format("{}{} = {}", indent, variable, before));
        }
        lines_.push_back(fmt::format("{}if {}:", indent, condition_of_self(optional.condition.text)));
        --uses_[passing];
        write_body(optional.body, depth + 1, &optional, variable);
        flush();
        --uses_[optional.body_output];
        release(optional.body_output);
        if (uses_[passing] <= 0) release(passing);
        hold(optional.output, variable);
    }

    void write_return() {
        if (region_.outputs.size() == 1) {
            const int value = region_.outputs[0].second;
            if (pending_ && pending_->value == value && pending_->depth == 0 &&
                pending_->expression.size() + 15 <= torch_line_width) {
                lines_.push_back("return " + pending_->expression);
                return;
            }
            flush();
            lines_.push_back("return " + name_of_[value]);
            return;
        }
        flush();
        std::vector<std::string> parts;
        for (const auto& [name, value] : region_.outputs)
            parts.push_back(fmt::format("{}: {}", importers::string_literal(name), name_of_[value]));
        const std::string line = fmt::format("return {{{}}}", fmt::join(parts, ", "));
        if (line.size() + 8 <= torch_line_width) {
            lines_.push_back(line);
            return;
        }
        lines_.push_back("return {");
        for (const std::string& part : parts) lines_.push_back(fmt::format("    {},", part));
        lines_.push_back("}");
    }

    const TorchTree& tree_;
    const Region& region_;
    const TorchSource& source_;
    std::map<int, int> uses_;
    std::vector<std::string> lines_;
    std::map<int, std::string> name_of_;
    std::map<std::string, int> holders_;  ///< which value a variable has now
    std::set<std::string> fixed_;         ///< the model's inputs, which stay what they are
    std::optional<Pending> pending_;
    std::size_t next_ = 0;
};

}  // namespace

std::vector<std::string> torch_forward(const TorchTree& tree, const Region& region, bool is_model,
                                       const std::vector<std::string>& inputs, const TorchSource& source) {
    return ForwardWriter(tree, region, is_model, inputs, source).write();
}

int use_count(const Region& region, int value) {
    return uses_in(region)[value];
}

}  // namespace halcyon
