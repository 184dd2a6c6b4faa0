// A tree as text. What is chosen here is how variables are called and where lines break.

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "importers/source_text.h"
#include "importers/spec_names.h"
#include "importers/spec_tree.h"

namespace halcyon::importers {
namespace {

constexpr std::string_view letters = "abcdefgh";

/// How often each value is read, in nested bodies too.
void count_uses(const std::vector<Statement>& body, std::map<int, int>& uses) {
    for (const Statement& statement : body) {
        for (int input : statement.inputs) ++uses[input];
        for (int value : {statement.condition.left, statement.condition.right}) {
            if (value >= 0) ++uses[value];
        }
        count_uses(statement.body, uses);
    }
}

/// Writes one def.
class RegionWriter {
public:
    RegionWriter(const SpecTree& tree, const Region& region, bool is_model)
        : tree_(tree), region_(region), is_model_(is_model) {
        count_uses(region.body, uses_);
        for (const auto& [name, value] : region.outputs) ++uses_[value];
        for (const Parameter& parameter : region.parameters) taken_.insert(parameter.name);
        for (const Region& block : tree.blocks) taken_.insert(block.name);
        taken_.insert(region.name);
        taken_.insert("channels");
        collect_loop_variables(region.body);
        find_merges(region.body);
    }

    std::string write() {
        std::vector<std::string> parameters;
        for (std::size_t i = 0; i < region_.inputs.size(); ++i) parameters.push_back(input_parameter(i));
        for (const Parameter& parameter : region_.parameters) {
            parameters.push_back(parameter.default_value
                                     ? fmt::format("{}={}", parameter.name, source_text(*parameter.default_value))
                                     : parameter.name);
        }
        text_ = wrapped_call("", "def ", {region_.name, parameters}, ":");
        if (region_.names_channels) line(1, fmt::format("channels = {}.shape[-1]", name_of_[region_.inputs[0]]));
        const bool returns_call = ends_in_call();
        std::vector<Statement> const& body = region_.body;
        for (std::size_t i = 0; i + (returns_call ? 1 : 0) < body.size(); ++i) write_statement(body, i, 1);
        write_return(returns_call);
        return text_;
    }

private:
    void line(int depth, const std::string& text) {
        text_ += std::string(static_cast<std::size_t>(depth) * 4, ' ') + text + "\n";
    }
    static std::string indent(int depth) { return std::string(static_cast<std::size_t>(depth) * 4, ' '); }

    std::string input_parameter(std::size_t i) {
        const int value = region_.inputs[i];
        if (is_model_) {
            hold(value, tree_.input_names[i]);
            fixed_.insert(tree_.input_names[i]);
            return fmt::format("{}: {}", tree_.input_names[i], to_text(tree_.network->inputs[i].type));
        }
        constexpr std::string_view names = "xyz";
        hold(value, i < names.size() ? std::string(1, names[i]) : fmt::format("x{}", i));
        return name_of_[value];
    }

    void collect_loop_variables(const std::vector<Statement>& body) {
        for (const Statement& statement : body) {
            if (!statement.index.empty()) taken_.insert(statement.index);
            taken_.insert(statement.columns.begin(), statement.columns.end());
            collect_loop_variables(statement.body);
        }
    }

    /// Which statement of several inputs a value's chain runs into, and in which place.
    void find_merges(const std::vector<Statement>& body) {
        for (const Statement& statement : body) {
            if (statement.kind != Statement::Kind::call) find_merges(statement.body);
            for (std::size_t i = 0; i < statement.inputs.size(); ++i) {
                const auto [reader, first] = readers_.try_emplace(statement.inputs[i], Reader{&statement, i});
                if (!first) reader->second.statement = nullptr;
            }
        }
    }

    struct Reader {
        const Statement* statement = nullptr;  ///< null: there are several
        std::size_t place = 0;
    };
    struct Merge {
        const Statement* statement = nullptr;
        std::size_t place = 0;
        int length = 0;
    };
    [[nodiscard]] Merge merge_of(int value) const {
        Merge merge;
        for (int steps = 0; steps < 64; ++steps) {
            const auto reader = readers_.find(value);
            if (reader == readers_.end() || reader->second.statement == nullptr) return merge;
            if (reader->second.statement->inputs.size() > 1)
                return {reader->second.statement, reader->second.place, steps};
            value = reader->second.statement->output;
        }
        return merge;
    }

    void hold(int value, const std::string& name) {
        name_of_[value] = name;
        holder_[name] = value;
    }

    /// One use of a value is behind us; its variable is free after the last one.
    void consume(int value) {
        if (--uses_[value] > 0) return;
        const auto found = holder_.find(name_of_[value]);
        if (found != holder_.end() && found->second == value) holder_.erase(found);
    }

    [[nodiscard]] bool is_free(const std::string& name) const {
        return !holder_.contains(name) && !taken_.contains(name) && !fixed_.contains(name);
    }

    /// What a person would call a value that begins a branch.
    std::string branch_name(int value) {
        const Merge merge = merge_of(value);
        const auto joins = [&](std::string_view type, char operation) {
            return merge.statement != nullptr && merge.statement->layer != nullptr &&
                   (merge.statement->layer->operation == operation ||
                    (merge.statement->layer->operation == 0 && merge.statement->layer->def->name == type));
        };
        std::vector<std::string> wanted;
        if (is_free("x")) wanted.emplace_back("x");
        if (joins("Add", '+') && merge.length <= 2 && !is_free("x") && merge.place + 1 < merge.statement->inputs.size())
            wanted.emplace_back("shortcut");
        if (joins("Concatenate", 0) && merge.statement->inputs.size() > 2 && merge.place < letters.size())
            wanted.insert(wanted.begin(), std::string(1, letters[merge.place]));
        for (std::string_view name : {"y", "z", "u", "v", "w"}) wanted.emplace_back(name);
        for (const std::string& name : wanted) {
            if (is_free(name)) return name;
        }
        for (int i = 1;; ++i) {
            if (std::string name = fmt::format("t{}", i); is_free(name)) return name;
        }
    }

    /// The variable of a statement's result, after its inputs were consumed.
    std::string result_name(const Statement& statement, const std::vector<std::string>& freed) {
        const auto forced = forced_.find(statement.output);
        if (forced != forced_.end()) return forced->second;
        const Merge merge = merge_of(statement.output);
        const bool branch_of_many = merge.statement != nullptr && merge.statement->inputs.size() > 2 &&
                                    merge.statement->layer != nullptr &&
                                    merge.statement->layer->def->name == "Concatenate";
        const auto x = std::find(freed.begin(), freed.end(), "x");
        if (x != freed.end() && !(branch_of_many && statement.inputs.size() == 1 && merge.place < letters.size() &&
                                  is_free(std::string(1, letters[merge.place])) && merge.length > 0))
            return "x";
        // Where branches join, the main line goes on.
        if (statement.inputs.size() > 1 && is_free("x")) return "x";
        for (const std::string& name : freed) {
            if (name != "x") return name;
        }
        return branch_name(statement.output);
    }

    /// The text of what a statement applies its layer to.
    [[nodiscard]] std::string operands(const Statement& statement) const {
        std::vector<std::string> names;
        for (int input : statement.inputs) names.push_back(name_of_.at(input));
        const bool takes_list = statement.layer->def->max_inputs != 1;
        return takes_list ? fmt::format("([{}])", fmt::join(names, ", ")) : fmt::format("({})", names[0]);
    }

    [[nodiscard]] std::string operation(const Statement& statement) const {
        const std::string& left = name_of_.at(statement.inputs[0]);
        const char symbol = statement.layer->operation;
        const auto number = statement.arguments.find("number");
        if (symbol == '[') return fmt::format("{}[{}]", left, *number->second.value.string());
        const std::string_view sign = symbol == 'p' ? "**" : std::string_view(&statement.layer->operation, 1);
        std::string right;
        if (number == statement.arguments.end()) {
            right = name_of_.at(statement.inputs[1]);
        } else {
            right = source_text(number->second);
            if (right.find_first_of(" -") != std::string::npos) right = fmt::format("({})", right);
        }
        return statement.layer->number_left ? fmt::format("{} {} {}", right, sign, left)
                                            : fmt::format("{} {} {}", left, sign, right);
    }

    void write_assignment(const Statement& statement, int depth, const std::string& before) {
        if (statement.block >= 0) {
            CallText call = call_text(statement, tree_);
            std::vector<std::string> names;
            for (int input : statement.inputs) names.push_back(name_of_.at(input));
            call.arguments.insert(call.arguments.begin(), names.begin(), names.end());
            text_ += wrapped_call(indent(depth), before, call, "");
        } else if (statement.layer->operation != 0) {
            line(depth, before + operation(statement));
        } else if (statement.shared >= 0) {
            line(depth, fmt::format("{}{}{}", before, shared_variable(statement, depth), operands(statement)));
        } else {
            text_ += wrapped_call(indent(depth), before, call_text(statement, tree_), operands(statement));
        }
    }

    /// A layer that is called several times is made at its first call, and kept in a variable.
    std::string shared_variable(const Statement& statement, int depth) {
        const auto found = shared_.find(statement.shared);
        if (found != shared_.end()) return found->second;
        const std::string name = unique_name(usable_name(statement.layer->name, "layer"), taken_);
        shared_[statement.shared] = name;
        text_ += wrapped_call(indent(depth), name + " = ", call_text(statement, tree_), "");
        return name;
    }

    /// The inputs' variables that are free afterwards.
    std::vector<std::string> consume_inputs(const std::vector<int>& inputs) {
        std::vector<std::string> freed;
        for (int input : inputs) {
            const std::string name = name_of_[input];
            consume(input);
            if (uses_[input] == 0 && !fixed_.contains(name) &&
                std::find(freed.begin(), freed.end(), name) == freed.end())
                freed.push_back(name);
        }
        return freed;
    }

    void write_call(const Statement& statement, int depth) {
        const std::vector<std::string> freed = consume_inputs(statement.inputs);
        const std::string result = result_name(statement, freed);
        write_assignment(statement, depth, result + " = ");
        hold(statement.output, result);
        if (uses_[statement.output] == 0) holder_.erase(result);
    }

    void write_loop(const Statement& loop, int depth) {
        const int entering = loop.inputs[0];
        const std::string before = name_of_[entering];
        consume(entering);
        std::string variable = before;
        if (uses_[entering] > 0 || fixed_.contains(before)) {
            variable = is_free("x") ? "x" : branch_name(loop.output);
            line(depth, fmt::format("{} = {}", variable, before));
        }
        text_ += loop_header(indent(depth), loop);
        hold(loop.body_input, variable);
        forced_[loop.body_output] = variable;
        for (std::size_t i = 0; i < loop.body.size(); ++i) write_statement(loop.body, i, depth + 1);
        hold(loop.output, variable);
    }

    void write_optional(const Statement& optional, int depth) {
        const int passing = optional.inputs[0];
        const std::string condition = condition_text(optional.condition);
        std::map<int, int> inside;
        count_uses(optional.body, inside);
        const std::string before = name_of_[passing];
        std::string variable = before;
        if (uses_[passing] > 1 + inside[passing] || fixed_.contains(before)) {
            variable = optional_name(optional);
            line(depth, fmt::format("{} = {}", variable, before));
        }
        consume(passing);
        line(depth, fmt::format("if {}:", condition));
        if (variable != before) holder_[variable] = optional.output;
        forced_[optional.body_output] = variable;
        for (std::size_t i = 0; i < optional.body.size(); ++i) {
            // What leads to the result has its variable already, where that is a new one.
            if (variable != before) forced_.try_emplace(optional.body[i].output, variable);
            write_statement(optional.body, i, depth + 1);
        }
        hold(optional.output, variable);
    }

    std::string condition_text(const Condition& condition) {
        std::string text = condition.text;
        if (condition.about == "shape")
            text = fmt::format("{}.shape == {}.shape", name_of_[condition.left], name_of_[condition.right]);
        if (condition.about == "channels") text = fmt::format("{}.shape[-1] != {}", name_of_[condition.left], text);
        for (int value : {condition.left, condition.right}) {
            if (value >= 0) consume(value);
        }
        return text;
    }

    std::string optional_name(const Statement& optional) {
        const Merge merge = merge_of(optional.output);
        const bool adds = merge.statement != nullptr && merge.statement->layer != nullptr &&
                          merge.statement->layer->def->name == "Add";
        if (adds && is_free("shortcut")) return "shortcut";
        return branch_name(optional.output);
    }

    /// Layers with a kernel, and blocks, begin a paragraph.
    [[nodiscard]] static bool begins_paragraph(const Statement& statement) {
        if (statement.kind == Statement::Kind::loop) return true;
        if (statement.block >= 0 || statement.layer == nullptr) return false;
        if (statement.layer->def->weights == nullptr) return statement.layer->def->name.starts_with("ZeroPadding");
        const auto& arguments = statement.layer->def->arguments;
        return std::any_of(arguments.begin(), arguments.end(), [](const ArgumentDef& argument) {
            return argument.name == "kernel_initializer" || argument.name == "depthwise_initializer";
        });
    }

    void write_statement(const std::vector<Statement>& body, std::size_t i, int depth) {
        constexpr std::size_t long_body = 7;
        const Statement& statement = body[i];
        const Statement* previous = i == 0 ? nullptr : &body[i - 1];
        const bool after_loop = previous != nullptr && previous->kind == Statement::Kind::loop;
        // A chain of convolutions alone needs no air; groups of several lines do.
        const bool padded = previous != nullptr && previous->layer != nullptr && previous->block < 0 &&
                            previous->layer->def->name.starts_with("ZeroPadding");
        const bool paragraph =
            begins_paragraph(statement) && !padded && (previous == nullptr || !begins_paragraph(*previous));
        if (depth == 1 && body.size() >= long_body && previous != nullptr && (paragraph || after_loop)) text_ += "\n";
        switch (statement.kind) {
        case Statement::Kind::call: write_call(statement, depth); break;
        case Statement::Kind::loop: write_loop(statement, depth); break;
        case Statement::Kind::optional: write_optional(statement, depth); break;
        }
    }

    /// Whether the last line can be returned instead of assigned.
    [[nodiscard]] bool ends_in_call() const {
        if (region_.body.empty() || region_.outputs.size() != 1) return false;
        const Statement& last = region_.body.back();
        if (last.kind != Statement::Kind::call || last.output != region_.outputs[0].second || last.shared >= 0)
            return false;
        constexpr std::size_t shorter = line_width - 30;
        if (!is_model_) return true;
        return last.block < 0 && last.layer->operation == 0 &&
               fmt::format("{}", fmt::join(call_text(last, tree_).arguments, ", ")).size() < shorter;
    }

    void write_return(bool returns_call) {
        if (returns_call) {
            const Statement& last = region_.body.back();
            if (!is_model_) return write_assignment(last, 1, "return ");
            const CallText call = call_text(last, tree_);
            text_ += wrapped_call("    ", fmt::format("return {{{}: ", string_literal(region_.outputs[0].first)), call,
                                  operands(last) + "}");
            return;
        }
        if (!is_model_) return line(1, fmt::format("return {}", name_of_[region_.outputs[0].second]));
        std::vector<std::string> outputs;
        for (const auto& [name, value] : region_.outputs)
            outputs.push_back(fmt::format("{}: {}", string_literal(name), name_of_[value]));
        line(1, fmt::format("return {{{}}}", fmt::join(outputs, ", ")));
    }

    const SpecTree& tree_;
    const Region& region_;
    bool is_model_;
    std::string text_;
    std::map<int, int> uses_;
    std::map<int, Reader> readers_;
    std::map<int, std::string> name_of_, forced_;
    std::map<std::string, int> holder_;  ///< which value a variable has now
    std::set<std::string> taken_;        ///< names that mean something else
    std::set<std::string> fixed_;        ///< inputs of the model, which stay what they are
    std::map<int, std::string> shared_;
};

}  // namespace

std::string to_text(const SpecTree& tree) {
    std::string text = fmt::format("\"\"\"{}\n\"\"\"\n\n\n", tree.doc);
    text += RegionWriter(tree, tree.model, true).write();
    for (const Region& block : tree.blocks) text += "\n\n" + RegionWriter(tree, block, false).write();
    return text;
}

}  // namespace halcyon::importers
