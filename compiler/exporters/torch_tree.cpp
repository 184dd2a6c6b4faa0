#include "exporters/torch_tree.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "importers/find_blocks.h"
#include "importers/source_text.h"

namespace halcyon {
namespace {

using importers::Region;
using importers::Statement;
using importers::Term;

ArgumentType anything() {
    return {"anything", [](const Value& written, std::string&) -> std::optional<Value> { return written; }};
}

/// Of a step's kind; one that says the same of something else is another one.
const LayerDef* def_of(TorchTree& tree, const TorchStep& step, const TorchModule* module) {
    const TorchTree::Kind kind{module != nullptr ? module->type : "", step.expression,
                               module != nullptr && !module->weights.empty()};
    std::string name = step.kind.empty() ? kind.type + kind.expression : step.kind;
    for (int attempt = 0;; ++attempt) {
        const auto known =
            std::find_if(tree.defs.begin(), tree.defs.end(), [&](const LayerDef& def) { return def.name == name; });
        if (known == tree.defs.end()) break;
        const TorchTree::Kind& other = tree.kinds.at(&*known);
        if (other.type == kind.type && other.expression == kind.expression) return &*known;
        name = fmt::format("{} {}{}", step.kind, kind.type, kind.expression);
    }
    LayerDef def;
    def.name = tree.names.emplace_back(std::move(name));
    if (module != nullptr) {
        for (const TorchArgument& argument : module->arguments)
            def.arguments.push_back({argument.name, anything(), argument.default_value, ""});
    }
    tree.defs.push_back(std::move(def));
    tree.kinds[&tree.defs.back()] = kind;
    return &tree.defs.back();
}

/// Walks the calls of a tree as they would run, and compares each with the network's next step.
class Expansion {
public:
    explicit Expansion(const TorchTree& tree) : tree_(tree) {}

    [[nodiscard]] bool is_whole() { return walk(tree_.tree.model.body, {}) && next_ == tree_.network->steps.size(); }

private:
    bool walk(const std::vector<Statement>& body, const TorchParameters& parameters) {
        return std::all_of(body.begin(), body.end(), [&](const Statement& statement) {
            if (statement.kind == Statement::Kind::loop) return false;
            if (statement.kind == Statement::Kind::optional)
                return !holds(statement.condition, parameters) || walk(statement.body, parameters);
            if (statement.block < 0) return is_next(statement, parameters);
            const Region& block = tree_.tree.blocks[static_cast<std::size_t>(statement.block)];
            return walk(block.body, parameters_of(statement, block, parameters));
        });
    }

    bool is_next(const Statement& statement, const TorchParameters& parameters) {
        if (next_ == tree_.network->steps.size()) return false;
        const TorchStep& step = tree_.network->steps[next_++];
        const TorchTree::Kind& kind = tree_.kind_of(statement);
        if (step.module < 0) return kind.type.empty() && kind.expression == step.expression;
        const TorchModule& module = tree_.network->modules[static_cast<std::size_t>(step.module)];
        return kind.type == module.type &&
               std::all_of(module.arguments.begin(), module.arguments.end(), [&](const TorchArgument& argument) {
                   const auto written = statement.arguments.find(argument.name);
                   const std::string text = written != statement.arguments.end()
                                                ? evaluated(importers::source_text(written->second), parameters)
                                            : argument.default_value ? importers::source_text(*argument.default_value)
                                                                     : std::string();
                   return text == importers::source_text(argument.value);
               });
    }

    const TorchTree& tree_;
    std::size_t next_ = 0;
};

/// `text` with the word `from` as `to`.
std::string renamed(std::string text, const std::string& from, const std::string& to) {
    const auto part = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
        const bool begins = at == 0 || !part(text[at - 1]);
        const bool ends = at + from.size() == text.size() || !part(text[at + from.size()]);
        if (begins && ends) text.replace(at, from.size(), to);
    }
    return text;
}

void rename_in(std::vector<Statement>& body, const std::string& from, const std::string& to) {
    for (Statement& statement : body) {
        for (auto& [argument, term] : statement.arguments) {
            if (term.kind == Term::Kind::symbol) term.text = renamed(term.text, from, to);
            for (Term::Part& part : term.parts) part.variable = renamed(part.variable, from, to);
        }
        statement.condition.text = renamed(statement.condition.text, from, to);
        rename_in(statement.body, from, to);
    }
}

/// In the calls of one block.
void rename_argument(std::vector<Statement>& body, int block, const std::string& from, const std::string& to) {
    for (Statement& statement : body) {
        rename_argument(statement.body, block, from, to);
        if (statement.block != block) continue;
        if (auto argument = statement.arguments.extract(from)) {
            argument.key() = to;
            statement.arguments.insert(std::move(argument));
        }
    }
}

/// Whether something besides the groups is as many as the parameter `groups`.
bool counts_more(const std::vector<Statement>& body) {
    return std::any_of(body.begin(), body.end(), [](const Statement& statement) {
        return counts_more(statement.body) ||
               std::any_of(statement.arguments.begin(), statement.arguments.end(), [](const auto& argument) {
                   return argument.first != "groups" && argument.second.kind == Term::Kind::symbol &&
                          argument.second.text == "groups";
               });
    });
}

/// A depthwise convolution has as many groups as channels, and what people speak of are the channels.
void name_channels(importers::SpecTree& tree) {
    for (std::size_t i = 0; i < tree.blocks.size(); ++i) {
        Region& block = tree.blocks[i];
        const auto has = [&](std::string_view name) {
            return std::find_if(block.parameters.begin(), block.parameters.end(),
                                [&](const importers::Parameter& each) { return each.name == name; });
        };
        const auto groups = has("groups");
        if (groups == block.parameters.end() || has("channels") != block.parameters.end() || !counts_more(block.body))
            continue;
        groups->name = "channels";

        rename_in(block.body, "groups", "channels");
        for (Region& other : tree.blocks) rename_argument(other.body, static_cast<int>(i), "groups", "channels");
        rename_argument(tree.model.body, static_cast<int>(i), "groups", "channels");
    }
}

bool halves(const std::vector<Statement>& body) {
    return std::any_of(body.begin(), body.end(), [](const Statement& statement) {
        const auto stride = statement.arguments.find("stride");
        return stride != statement.arguments.end() && stride->second == Term(Value(2)) && statement.block < 0;
    });
}

/// The convolutions of a block, in order: d(epthwise), p(ointwise), or another one.
std::string convolutions_of(const TorchTree& tree, const std::vector<Statement>& body) {
    std::string kinds;
    for (const Statement& statement : body) {
        kinds += convolutions_of(tree, statement.body);
        if (statement.block >= 0)
            kinds += convolutions_of(tree, tree.tree.blocks[static_cast<std::size_t>(statement.block)].body);
        if (statement.block >= 0 || statement.layer == nullptr) continue;
        if (!tree.kind_of(statement).type.starts_with("nn.Conv")) continue;
        const auto text = [&](const char* argument) {
            const auto written = statement.arguments.find(argument);
            return written == statement.arguments.end() ? std::string() : importers::source_text(written->second);
        };
        const std::string groups = text("groups");
        kinds += !groups.empty() && groups == text("in_channels") ? 'd'
                 : groups.empty() && text("kernel_size") == "1"   ? 'p'
                                                                  : 'c';
    }
    return kinds;
}

/// What people call a block of a depthwise convolution and pointwise ones, whatever its layers are called: a
/// depthwise_separable convolution, or with a pointwise one before it an inverted_residual.
void name_depthwise_blocks(TorchTree& tree) {
    for (Region& block : tree.tree.blocks) {
        const std::string kinds = convolutions_of(tree, block.body);
        const auto depthwise = kinds.find('d');
        if (depthwise > 1 || kinds.find('d', depthwise + 1) != std::string::npos) continue;
        if (!kinds.ends_with('p') || kinds.find('c') != std::string::npos) continue;
        const std::string name = depthwise == 0 ? "depthwise_separable" : "inverted_residual";
        block.name = name;
        for (int i = 2; std::count_if(tree.tree.blocks.begin(), tree.tree.blocks.end(),
                                      [&](const Region& each) { return each.name == block.name; }) > 1;
             ++i)
            block.name = fmt::format("{}{}", name, i);
    }
}

/// block2, which is a block with a stride, is a down_block.
void name_blocks(importers::SpecTree& tree) {
    std::set<std::string> taken;
    for (const Region& block : tree.blocks) taken.insert(block.name);
    for (Region& block : tree.blocks) {
        std::string stem = block.name;
        while (!stem.empty() && std::isdigit(static_cast<unsigned char>(stem.back())) != 0) stem.pop_back();
        if (stem == block.name || !taken.contains(stem) || !halves(block.body)) continue;
        if (taken.insert("down_" + stem).second) block.name = "down_" + stem;
    }
}

/// The parts of "(a, b)".
std::vector<std::string> elements_of(std::string_view tuple) {
    std::vector<std::string> parts;
    tuple = tuple.substr(1, tuple.size() - 2);
    while (!tuple.empty()) {
        const std::size_t comma = std::min(tuple.find(','), tuple.size());
        parts.emplace_back(tuple.substr(0, comma));
        tuple.remove_prefix(std::min(comma + 2, tuple.size()));
    }
    return parts;
}

}  // namespace

void build_tree(TorchTree& tree, const TorchNetwork& network) {
    tree.network = &network;
    std::vector<int> calls(network.modules.size(), 0);
    for (const TorchStep& step : network.steps) {
        if (step.module >= 0) ++calls[static_cast<std::size_t>(step.module)];
    }
    Region& model = tree.tree.model;
    model.name = network.name;
    model.value_count = network.value_count;
    for (const TorchDoor& input : network.inputs) {
        model.inputs.push_back(input.value);
        tree.tree.input_names.push_back(input.name);
    }
    for (const TorchStep& step : network.steps) {
        const TorchModule* module = step.module < 0 ? nullptr : &network.modules[static_cast<std::size_t>(step.module)];
        importers::ImportedLayer& layer = tree.layers.emplace_back();
        layer.def = def_of(tree, step, module);
        tree.steps[&layer] = tree.layers.size() - 1;
        Statement statement;
        statement.layer = &layer;
        statement.inputs = step.inputs;
        statement.output = step.output;
        if (module != nullptr) {
            for (const TorchArgument& argument : module->arguments) {
                tree.pads_alike = tree.pads_alike || uneven_padding_of(argument.value).has_value();
                if (argument.value != argument.default_value.value_or(Value("no default")))
                    statement.arguments[argument.name] = Term(argument.value);
            }
            if (!module->weights.empty() && calls[static_cast<std::size_t>(step.module)] > 1)
                statement.shared = step.module;
        }
        if (!step.layer.empty()) statement.arguments["name"] = Term(Value(step.layer));
        model.body.push_back(std::move(statement));
    }
    for (const TorchDoor& output : network.outputs) model.outputs.emplace_back(output.name, output.value);
}

void find_torch_blocks(TorchTree& tree) {
    constexpr std::size_t most_steps = 1500;
    if (tree.tree.model.body.size() > most_steps) return;
    const importers::SpecTree plain = tree.tree;
    // Blocks here know nothing of shapes: what depends on them is an argument.
    const std::vector<TensorType> types(static_cast<std::size_t>(plain.model.value_count));
    importers::find_blocks(tree.tree, types, false);
    name_channels(tree.tree);
    name_depthwise_blocks(tree);
    name_blocks(tree.tree);
    // What goes in before what comes out, as PyTorch's own modules have it.
    for (Region& block : tree.tree.blocks) {
        std::stable_sort(block.parameters.begin(), block.parameters.end(),
                         [](const importers::Parameter& a, const importers::Parameter& b) {
                             const auto rank = [](const importers::Parameter& each) {
                                 return each.default_value.has_value() ? 2 : each.name.starts_with("in_") ? 0 : 1;
                             };
                             return rank(a) < rank(b);
                         });
    }
    if (!Expansion(tree).is_whole()) tree.tree = plain;
}

std::string evaluated(const std::string& term, const TorchParameters& parameters) {
    if (const auto parameter = parameters.find(term); parameter != parameters.end()) return parameter->second;
    if (const std::size_t condition = term.find(" if "); condition != std::string::npos) {
        const std::size_t equals = term.find(" == ", condition), otherwise = term.find(" else ", condition);
        if (equals == std::string::npos || otherwise == std::string::npos) return term;
        const std::string left = term.substr(condition + 4, equals - condition - 4);
        const bool holds = evaluated(left, parameters) == term.substr(equals + 4, otherwise - equals - 4);
        return holds ? term.substr(0, condition) : term.substr(otherwise + 6);
    }
    if (term.starts_with('(') && term.ends_with(')')) {
        std::vector<std::string> parts = elements_of(term);
        for (std::string& part : parts) part = evaluated(part, parameters);
        return fmt::format("({}{})", fmt::join(parts, ", "), parts.size() == 1 ? "," : "");
    }
    if (const std::size_t times = term.find(" * "); times != std::string::npos) {
        std::int64_t product = 1;
        for (const std::string& factor : {term.substr(0, times), term.substr(times + 3)}) {
            const std::string text = evaluated(factor, parameters);
            std::int64_t number = 0;
            std::from_chars(text.data(), text.data() + text.size(), number);
            product *= number;
        }
        return fmt::format("{}", product);
    }
    return term;
}

TorchParameters parameters_of(const Statement& call, const Region& block, const TorchParameters& outer) {
    TorchParameters parameters;
    for (const importers::Parameter& parameter : block.parameters) {
        const auto written = call.arguments.find(parameter.name);
        if (written != call.arguments.end()) {
            parameters[parameter.name] = evaluated(importers::source_text(written->second), outer);
        } else if (parameter.default_value) {
            parameters[parameter.name] = importers::source_text(*parameter.default_value);
        }
    }
    return parameters;
}

bool holds(const importers::Condition& condition, const TorchParameters& parameters) {
    std::string text = condition.text;
    if (!condition.about.empty()) return false;
    bool wanted = true;
    if (text.starts_with("not ")) {
        wanted = false;
        text = text.substr(4);
    }
    for (const bool equal : {true, false}) {
        const std::string_view sign = equal ? " == " : " != ";
        const std::size_t at = text.find(sign);
        if (at == std::string::npos) continue;
        return (evaluated(text.substr(0, at), parameters) == text.substr(at + sign.size())) == equal;
    }
    return (evaluated(text, parameters) == "True") == wanted;
}

}  // namespace halcyon
