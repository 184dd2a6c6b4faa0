#include "exporters/torch_source.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "exporters/torch_forward.h"
#include "importers/source_text.h"
#include "importers/spec_names.h"
#include "support/check.h"

namespace halcyon {
namespace {

using importers::Region;
using importers::Statement;
using importers::Term;

/// What people call a module of that type: (needs a number when there are several).
std::string short_name(const std::string& type) {
    constexpr std::pair<std::string_view, const char*> known[] = {
        {"nn.ConvTranspose", "conv_transpose"},
        {"nn.Conv", "conv"},
        {"nn.BatchNorm", "bn"},
        {"nn.LayerNorm", "norm"},
        {"nn.GroupNorm", "norm"},
        {"nn.Linear", "fc"},
        {"nn.MaxPool", "max_pool"},
        {"nn.AvgPool", "avg_pool"},
        {"nn.AdaptiveAvgPool", "avg_pool"},
        {"nn.AdaptiveMaxPool", "max_pool"},
        {"nn.SiLU", "silu"},
        {"nn.GELU", "gelu"},
        {"nn.ReLU6", "relu6"},
        {"nn.ReLU", "relu"},
        {"nn.PReLU", "prelu"},
        {"nn.ELU", "elu"},
        {"nn.SELU", "selu"},
        {"nn.LeakyReLU", "leaky_relu"},
        {"nn.AlphaDropout", "dropout"},
        {"nn.Dropout", "dropout"},
        {"AveragePool", "avg_pool"},
    };
    for (const auto& [prefix, name] : known) {
        if (type.starts_with(prefix)) return name;
    }
    std::string_view rest = type;
    if (rest.starts_with("nn.")) rest.remove_prefix(3);
    return torch_name(snake_case(rest), "module");
}

/// Where a term says a word.
bool mentions(const std::string& text, const std::string& word) {
    const auto part = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
    for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
        const bool begins = at == 0 || !part(text[at - 1]);
        const bool ends = at + word.size() == text.size() || !part(text[at + word.size()]);
        if (begins && ends) return true;
    }
    return false;
}

/// What __init__ makes, and under which names.
class SourceWriter {
public:
    SourceWriter(const TorchTree& tree, const Region& region, bool is_model,
                 const std::vector<std::string>& class_names)
        : tree_(tree), region_(region), is_model_(is_model), class_names_(class_names) {}

    TorchSource write() {
        collect(region_.body);
        count_names();
        for (const importers::Parameter& parameter : region_.parameters) {
            if (!is_used(region_, parameter.name)) continue;
            source_.parameters.push_back(
                parameter.default_value ? fmt::format("{}={}", parameter.name,
                                                      without_marks(importers::source_text(*parameter.default_value)))
                                        : parameter.name);
            if (is_condition(region_.body, parameter.name) && kept_.insert(parameter.name).second)
                source_.init.push_back(fmt::format("self.{0} = {0}", parameter.name));
        }
        // A parameter kept under its name must not be a module's.
        for (const importers::Parameter& parameter : region_.parameters) taken_.insert(parameter.name);
        write_init(region_.body, 0);
        std::vector<std::string> inputs;
        if (is_model_) {
            for (const std::string& name : tree_.tree.input_names) inputs.push_back(torch_name(name, "inputs"));
        } else {
            constexpr std::string_view names[] = {"x", "y", "z"};
            for (std::size_t i = 0; i < region_.inputs.size(); ++i)
                inputs.emplace_back(i < 3 ? std::string(names[i]) : fmt::format("x{}", i));
        }
        source_.inputs = inputs;
        source_.forward = torch_forward(tree_, region_, is_model_, inputs, source_);
        return std::move(source_);
    }

private:
    /// Calls in the order of the lines, those of optional parts among them.
    void collect(const std::vector<Statement>& body) {
        for (std::size_t i = 0; i < body.size();) {
            if (body[i].kind == Statement::Kind::optional) {
                collect(body[i++].body);
                continue;
            }
            const std::size_t length = chain_length(body, i);
            for (const std::size_t end = i + length; i < end; ++i) {
                calls_.push_back(&body[i]);
                if (length > 1) in_chain_.insert(&body[i]);
            }
        }
    }

    [[nodiscard]] bool has_weights(const Statement& statement) const {
        return statement.block >= 0 || tree_.kind_of(statement).has_weights;
    }

    [[nodiscard]] bool is_used(const Region& region, const std::string& parameter) const {
        return uses(region.body, parameter) || is_condition(region.body, parameter);
    }

    [[nodiscard]] bool uses(const std::vector<Statement>& body, const std::string& parameter) const {
        return std::any_of(body.begin(), body.end(), [&](const Statement& statement) {
            if (statement.kind == Statement::Kind::optional) return uses(statement.body, parameter);
            return std::any_of(statement.arguments.begin(), statement.arguments.end(), [&](const auto& argument) {
                if (statement.block < 0 && argument.first == "name") return false;
                if (statement.block >= 0 &&
                    !is_used(tree_.tree.blocks[static_cast<std::size_t>(statement.block)], argument.first))
                    return false;
                return argument.second.kind != Term::Kind::constant &&
                       mentions(importers::source_text(argument.second), parameter);
            });
        });
    }

    [[nodiscard]] static bool is_condition(const std::vector<Statement>& body, const std::string& parameter) {
        return std::any_of(body.begin(), body.end(), [&](const Statement& statement) {
            return statement.kind == Statement::Kind::optional &&
                   (mentions(statement.condition.text, parameter) || is_condition(statement.body, parameter));
        });
    }

    [[nodiscard]] std::vector<std::string> argument_texts(const Statement& statement) const {
        std::vector<std::string> texts;
        const auto add = [&](const std::string& name, bool required) {
            const auto written = statement.arguments.find(name);
            if (written == statement.arguments.end()) return;
            if (name == "padding" && statement.block < 0 && is_padded(statement)) {
                if (const std::string own = own_padding(statement); own != "0") texts.push_back("padding=" + own);
                return;
            }
            const std::string text = without_marks(importers::source_text(written->second));
            texts.push_back(required ? text : fmt::format("{}={}", name, text));
        };
        if (statement.block >= 0) {
            const Region& block = tree_.tree.blocks[static_cast<std::size_t>(statement.block)];
            for (const importers::Parameter& parameter : block.parameters) {
                if (is_used(block, parameter.name)) add(parameter.name, !parameter.default_value);
            }
        } else {
            for (const ArgumentDef& argument : statement.layer->def->arguments)
                add(argument.name, !argument.default_value);
        }
        return texts;
    }

    /// Whether the convolution's padding is given as F.pad takes it.
    [[nodiscard]] bool is_padded(const Statement& statement) const {
        const std::string type = statement.block < 0 ? callee(statement) : "";
        return tree_.pads_alike && type.starts_with("nn.Conv") && !type.starts_with("nn.ConvTranspose") &&
               statement.arguments.contains("padding");
    }

    /// The numbers of a padding that is the same for all calls of the line.
    [[nodiscard]] static std::optional<std::vector<std::int64_t>> constant_pads(const Statement& statement) {
        const Term& padding = statement.arguments.at("padding");
        return padding.kind == Term::Kind::constant ? uneven_padding_of(padding.value) : std::nullopt;
    }

    /// The convolution's own padding where it is the same on both sides.
    [[nodiscard]] static std::string own_padding(const Statement& statement) {
        const auto pads = constant_pads(statement);
        if (!pads) return "0";
        std::vector<std::int64_t> own;
        for (std::size_t i = pads->size(); i >= 2; i -= 2) {
            if ((*pads)[i - 1] != (*pads)[i - 2]) return "0";
            own.push_back((*pads)[i - 1]);
        }
        const bool alike = std::all_of(own.begin(), own.end(), [&](std::int64_t n) { return n == own[0]; });
        return alike ? fmt::format("{}", own[0]) : fmt::format("({})", fmt::join(own, ", "));
    }

    /// What F.pad is given in forward; a padding that varies is kept for it.
    std::string pads_before(const Statement& statement, const std::string& attribute, int depth) {
        if (!is_padded(statement)) return "";
        const std::string text = without_marks(importers::source_text(statement.arguments.at("padding")));
        if (const auto pads = constant_pads(statement)) {
            const bool none = std::all_of(pads->begin(), pads->end(), [](std::int64_t n) { return n == 0; });
            return none || own_padding(statement) != "0" ? "" : text;
        }
        const bool is_parameter = std::any_of(region_.parameters.begin(), region_.parameters.end(),
                                              [&](const importers::Parameter& each) { return each.name == text; });
        const std::string kept = is_parameter ? text : attribute + "_padding";
        taken_.insert(kept);
        if (kept_.insert(kept).second) add_lines({fmt::format("self.{} = {}", kept, text)}, depth);
        return "self." + kept;
    }

    [[nodiscard]] std::string callee(const Statement& statement) const {
        return statement.block >= 0 ? class_names_[static_cast<std::size_t>(statement.block)]
                                    : tree_.kind_of(statement).type;
    }

    [[nodiscard]] std::string constructor(const Statement& statement) const {
        return fmt::format("{}({})", callee(statement), fmt::join(argument_texts(statement), ", "));
    }

    [[nodiscard]] static bool is_function(const TorchTree& tree, const Statement& statement) {
        return statement.block < 0 && tree.kind_of(statement).type.empty();
    }

    /// "_1_conv" of f"{name}_1_conv" is conv1, "_expand" is expand; empty if that says nothing.
    [[nodiscard]] static std::string name_in_block(const Statement& statement) {
        const auto name = statement.arguments.find("name");
        if (name == statement.arguments.end() || name->second.kind != Term::Kind::pattern) return "";
        const std::vector<Term::Part>& parts = name->second.parts;
        if (parts.size() != 2 || parts[0].variable.empty() || !parts[1].variable.empty()) return "";
        std::string text = parts[1].text, digits;
        text.erase(0, text.find_first_not_of("_/."));
        while (!text.empty() && std::isdigit(static_cast<unsigned char>(text[0])) != 0) {
            digits += text[0];
            text.erase(0, 1);
        }
        text.erase(0, text.find_first_not_of("_/."));
        return text.empty() ? "" : torch_name(text + digits, "module");
    }

    [[nodiscard]] std::string wanted_name(const Statement& statement) const {
        if (statement.block >= 0)
            return torch_name(tree_.tree.blocks[static_cast<std::size_t>(statement.block)].name, "block");
        if (!has_weights(statement)) return short_name(callee(statement));
        if (is_model_) return model_name(statement);
        const std::string name = name_in_block(statement);
        return name.empty() ? short_name(callee(statement)) : name;
    }

    /// The layer's name: modules of the model itself keep it.
    [[nodiscard]] std::string model_name(const Statement& statement) const {
        const TorchStep& step = tree_.network->steps[tree_.steps.at(statement.layer)];
        const TorchModule& module = tree_.network->modules[static_cast<std::size_t>(step.module)];
        if (module.layer.empty()) return short_name(callee(statement));
        return torch_name(module.part.empty() ? module.layer : module.layer + "_" + module.part, "layer");
    }

    /// How many different modules want each name: where there are several they are numbered.
    void count_names() {
        std::set<std::string> stateless;
        std::set<int> shared;
        for (const Statement* statement : calls_) {
            if (is_function(tree_, *statement) || in_chain_.contains(statement)) continue;
            if (!has_weights(*statement) && !stateless.insert(constructor(*statement)).second) continue;
            if (statement->shared >= 0 && !shared.insert(statement->shared).second) continue;
            ++wanted_[wanted_name(*statement)];
        }
    }

    std::string take_name(const std::string& wanted) {
        std::string name = wanted;
        const bool ends_in_digit = std::isdigit(static_cast<unsigned char>(wanted.back())) != 0;
        if (wanted_[wanted] > 1) name = fmt::format("{}{}{}", wanted, ends_in_digit ? "_" : "", ++given_[wanted]);
        for (int i = 1; !taken_.insert(name).second; ++i) name = fmt::format("{}_{}", wanted, i);
        return name;
    }

    void add_lines(const std::vector<std::string>& lines, int depth) {
        for (const std::string& line : lines)
            source_.init.push_back(std::string(static_cast<std::size_t>(depth) * 4, ' ') + line);
    }

    /// How many calls of one block follow each other from `begin` on, each reading what the one before it made alone.
    [[nodiscard]] std::size_t chain_length(const std::vector<Statement>& body, std::size_t begin) const {
        const Statement& first = body[begin];
        if (first.kind != Statement::Kind::call || first.block < 0 || first.inputs.size() != 1) return 1;
        std::size_t end = begin + 1;
        while (end < body.size() && body[end].kind == Statement::Kind::call && body[end].block == first.block &&
               body[end].inputs.size() == 1 && body[end].inputs[0] == body[end - 1].output &&
               use_count(region_, body[end - 1].output) == 1)
            ++end;
        return end - begin;
    }

    void write_init(const std::vector<Statement>& body, int depth) {
        for (std::size_t i = 0; i < body.size(); ++i) {
            const Statement& statement = body[i];
            if (statement.kind == Statement::Kind::optional) {
                write_optional(statement, depth);
                continue;
            }
            if (const std::size_t length = chain_length(body, i); length > 1) {
                write_chain(body, i, length, depth);
                i += length - 1;
                continue;
            }
            source_.attributes.push_back(attribute(statement, depth));
            const std::string& made = source_.attributes.back();
            source_.pads.push_back(made.empty() ? "" : pads_before(statement, made, depth));
        }
    }

    /// Made here unless it was before.
    std::string attribute(const Statement& statement, int depth) {
        if (is_function(tree_, statement)) return "";
        const std::string made = constructor(statement);
        const bool weightless = !has_weights(statement);
        if (weightless) {
            if (const auto known = stateless_.find(made); known != stateless_.end()) return known->second;
        } else if (statement.shared >= 0) {
            if (const auto known = shared_.find(statement.shared); known != shared_.end()) return known->second;
        }
        const std::string name = take_name(wanted_name(statement));
        if (weightless) stateless_[made] = name;
        if (statement.shared >= 0) shared_[statement.shared] = name;
        constexpr std::size_t indent = 8;
        add_lines(wrapped(fmt::format("self.{} = {}", name, callee(statement)), argument_texts(statement), "",
                          indent + static_cast<std::size_t>(depth) * 4),
                  depth);
        return name;
    }

    void write_chain(const std::vector<Statement>& body, std::size_t begin, std::size_t length, int depth) {
        std::string name = wanted_name(body[begin]);
        // "block2" is one; blocks of that kind are block2_chain.
        name += std::isdigit(static_cast<unsigned char>(name.back())) != 0 ? "_chain" : name.ends_with('s') ? "" : "s";
        for (std::string candidate = name;; candidate = fmt::format("{}{}", name, ++given_[name] + 1)) {
            if (!taken_.insert(candidate).second) continue;
            name = candidate;
            break;
        }
        add_lines({fmt::format("self.{} = nn.Sequential(", name)}, depth);
        for (std::size_t i = 0; i < length; ++i) {
            add_lines({fmt::format("    {},", constructor(body[begin + i]))}, depth);
            source_.attributes.push_back(fmt::format("{}.{}", name, i));
            source_.pads.emplace_back();
        }
        add_lines({")"}, depth);
    }

    void write_optional(const Statement& optional, int depth) {
        // What others may call too is made before the `if`.
        for (const Statement& statement : optional.body) {
            if (statement.kind == Statement::Kind::call && !has_weights(statement)) attribute(statement, depth);
        }
        add_lines({fmt::format("if {}:", optional.condition.text)}, depth);
        const std::size_t before = source_.init.size();
        write_init(optional.body, depth + 1);
        if (source_.init.size() == before) source_.init.pop_back();
    }

    const TorchTree& tree_;
    const Region& region_;
    bool is_model_;
    const std::vector<std::string>& class_names_;
    TorchSource source_;
    std::vector<const Statement*> calls_;
    std::set<const Statement*> in_chain_;
    std::map<std::string, int> wanted_, given_;
    std::set<std::string> taken_;
    std::set<std::string> kept_;                    ///< attributes that are no modules
    std::map<std::string, std::string> stateless_;  ///< by what makes them
    std::map<int, std::string> shared_;
};

/// Walks the calls of the model as they run, with where each one's module is.
class PathFinder {
public:
    PathFinder(const TorchTree& tree, const std::vector<TorchSource>& blocks) : tree_(tree), blocks_(blocks) {}

    std::vector<TorchPath> find(const TorchSource& model) {
        walk(tree_.tree.model.body, model, "", {});
        return std::move(paths_);
    }

private:
    void walk(const std::vector<Statement>& body, const TorchSource& source, const std::string& prefix,
              const TorchParameters& parameters) {
        std::size_t place = 0;
        walk(body, source, prefix, parameters, place, true);
    }

    /// `place` counts the calls of the region, also those that are not made this time.
    void walk(const std::vector<Statement>& body, const TorchSource& source, const std::string& prefix,
              const TorchParameters& parameters, std::size_t& place, bool runs) {
        for (const Statement& statement : body) {
            if (statement.kind == Statement::Kind::optional) {
                walk(statement.body, source, prefix, parameters, place, runs && holds(statement.condition, parameters));
                continue;
            }
            const std::string path = prefix + source.attributes[place++];
            if (!runs) continue;
            if (statement.block >= 0) {
                const auto block = static_cast<std::size_t>(statement.block);
                walk(tree_.tree.blocks[block].body, blocks_[block], path + ".",
                     parameters_of(statement, tree_.tree.blocks[block], parameters));
                continue;
            }
            const TorchStep& step = tree_.network->steps[next_++];
            if (step.module < 0) continue;
            const TorchModule& module = tree_.network->modules[static_cast<std::size_t>(step.module)];
            if (!module.weights.empty() && known_.insert(path).second) paths_.push_back({path, &module});
        }
    }

    const TorchTree& tree_;
    const std::vector<TorchSource>& blocks_;
    std::vector<TorchPath> paths_;
    std::set<std::string> known_;
    std::size_t next_ = 0;
};

}  // namespace

TorchSource torch_source(const TorchTree& tree, const Region& region, bool is_model,
                         const std::vector<std::string>& class_names) {
    return SourceWriter(tree, region, is_model, class_names).write();
}

std::vector<std::string> block_class_names(const TorchTree& tree, const std::string& model_class) {
    std::set<std::string> taken{model_class};
    for (const TorchClass& each : tree.network->classes) taken.insert(each.name);
    std::vector<std::string> names;
    for (const Region& block : tree.tree.blocks) {
        std::string name = camel_case(block.name);
        for (int i = 2; !taken.insert(name).second; ++i) name = fmt::format("{}{}", camel_case(block.name), i);
        names.push_back(std::move(name));
    }
    return names;
}

std::string class_text(const std::string& name, const std::string& doc, const TorchSource& source) {
    std::string text = fmt::format("class {}(nn.Module):\n", name);
    if (!doc.empty()) text += doc + "\n";
    std::vector<std::string> parameters{"self"};
    parameters.insert(parameters.end(), source.parameters.begin(), source.parameters.end());
    const auto add = [&](const std::vector<std::string>& lines, int depth) {
        for (const std::string& line : lines)
            text += line.empty() ? "\n" : std::string(static_cast<std::size_t>(depth) * 4, ' ') + line + "\n";
    };
    // A class without modules needs no constructor.
    if (!source.init.empty()) {
        add(wrapped("def __init__", parameters, ":", 4), 1);
        add({"super().__init__()"}, 2);
        add(source.init, 2);
        text += "\n";
    }
    std::vector<std::string> inputs{"self"};
    inputs.insert(inputs.end(), source.inputs.begin(), source.inputs.end());
    add(wrapped("def forward", inputs, ":", 4), 1);
    add(source.forward, 2);
    return text;
}

std::vector<TorchPath> module_paths(const TorchTree& tree, const TorchSource& model,
                                    const std::vector<TorchSource>& blocks) {
    return PathFinder(tree, blocks).find(model);
}

}  // namespace halcyon
