#include "commands/common/write_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "graph/elaborate.h"
#include "support/check.h"
#include "syntax/parse.h"

namespace halcyon {
namespace {

using Place = std::pair<std::uint32_t, std::uint32_t>;  ///< begin and end of a span

/// All calls of a file by their place, and what single names are assigned to.
class Calls {
public:
    explicit Calls(const ast::Module& module) { visit(module.body); }

    [[nodiscard]] const ast::Call* at(Span span) const {
        const auto found = calls_.find({span.begin, span.end});
        return found == calls_.end() ? nullptr : found->second;
    }
    /// The expression that a name stands for, if it is assigned once in the file.
    [[nodiscard]] const ast::Expr* value_of(const std::string& name) const {
        const auto found = values_.find(name);
        return found == values_.end() || found->second.size() != 1 ? nullptr : found->second.front();
    }

private:
    void visit(const ast::Block& block) {
        for (const ast::Statement& statement : block) {
            std::visit([this](const auto& kind) { visit(kind); }, statement.kind);
        }
    }
    void visit(const ast::Assign& assign) {
        for (const ast::ExprPtr& target : assign.targets) {
            if (const auto* name = std::get_if<ast::Name>(&target->kind))
                values_[name->identifier].push_back(assign.value.get());
        }
        visit(assign.value);
    }
    void visit(const ast::ExpressionStatement& statement) { visit(statement.value); }
    void visit(const ast::If& statement) {
        for (const ast::If::Branch& branch : statement.branches) {
            visit(branch.condition);
            visit(branch.body);
        }
    }
    void visit(const ast::For& loop) {
        visit(loop.iterable);
        visit(loop.body);
    }
    void visit(const ast::Return& statement) { visit(statement.value); }
    void visit(const ast::With& statement) {
        visit(statement.context);
        visit(statement.body);
    }
    void visit(const ast::Try& statement) {
        visit(statement.body);
        visit(statement.otherwise);
        visit(statement.finally);
    }
    void visit(const ast::FunctionDef& function) { visit(function.body); }
    template <typename Other>
    void visit(const Other&) {}

    void visit(const std::vector<ast::ExprPtr>& list) {
        for (const ast::ExprPtr& expr : list) visit(expr);
    }
    void visit(const ast::ExprPtr& expr) {
        if (!expr) return;
        if (const auto* call = std::get_if<ast::Call>(&expr->kind)) calls_[{expr->span.begin, expr->span.end}] = call;
        std::visit([this](const auto& kind) { visit(kind); }, expr->kind);
    }
    void visit(const ast::Attribute& attribute) { visit(attribute.object); }
    void visit(const ast::Call& call) {
        visit(call.callee);
        for (const ast::Argument& argument : call.arguments) visit(argument.value);
    }
    void visit(const ast::Subscript& subscript) {
        visit(subscript.object);
        visit(subscript.indices);
    }
    void visit(const ast::Unary& unary) { visit(unary.operand); }
    void visit(const ast::Binary& binary) {
        visit(binary.left);
        visit(binary.right);
    }
    void visit(const ast::Logical& logical) { visit(logical.operands); }
    void visit(const ast::Conditional& conditional) {
        visit(conditional.then);
        visit(conditional.condition);
        visit(conditional.otherwise);
    }
    void visit(const ast::Tuple& tuple) { visit(tuple.elements); }
    void visit(const ast::List& list) { visit(list.elements); }
    void visit(const ast::Dict& dict) {
        for (const auto& [key, value] : dict.items) visit(value);
    }
    void visit(const ast::ListComprehension& comprehension) {
        visit(comprehension.element);
        visit(comprehension.iterable);
    }
    void visit(const ast::Starred& starred) { visit(starred.value); }

    std::map<Place, const ast::Call*> calls_;
    std::map<std::string, std::vector<const ast::Expr*>> values_;
};

/// "conv2d_3" apart: what is counted, and the number (0 without one).
std::pair<std::string, int> numbered(const std::string& name) {
    const std::size_t line = name.rfind('_');
    int number = 0;
    if (line == std::string::npos || line + 1 == name.size()) return {name, 0};
    const auto [end, error] = std::from_chars(name.data() + line + 1, name.data() + name.size(), number);
    if (error != std::errc{} || end != name.data() + name.size()) return {name, 0};
    return {name.substr(0, line), number};
}

std::string_view class_of(const ast::Call& call) {
    if (const auto* name = std::get_if<ast::Name>(&call.callee->kind)) return name->identifier;
    if (const auto* attribute = std::get_if<ast::Attribute>(&call.callee->kind)) return attribute->name;
    return {};
}

/// A place of the spec that makes layers which get automatic names.
struct Site {
    Span span;                        ///< of the call that makes the layer, or of what stands for it
    const ast::Call* call = nullptr;  ///< null: no name can be written
    std::string why_not;
    std::set<std::string> names;  ///< of its layers, in all models
};

class Names {
public:
    Names(const std::vector<Graph>& graphs, const ast::Module& module, std::uint32_t file)
        : calls_(module), file_(file) {
        for (const Graph& graph : graphs) {
            for (const Node& node : graph.nodes) {
                if (node.layer->name != "InputLayer") read(node, graph);
            }
        }
        for (auto& [place, site] : sites_) {
            if (!site.call || site.names.size() == 1) continue;
            refuse(site, fmt::format("{} layers are made here", site.names.size()));
        }
        keep_numbers();
    }

    /// What to insert where: `name="..."` before the closing parenthesis, which comments stand before.
    [[nodiscard]] std::map<std::uint32_t, std::string> insertions(std::string_view source) const {
        std::map<std::uint32_t, std::string> found;
        for (const auto& [place, site] : sites_) {
            if (!site.call) continue;
            const std::uint32_t end = site.span.end - 1;
            const auto& arguments = site.call->arguments;
            const bool comma = !arguments.empty() && has_comma(source.substr(0, end), arguments.back().span.end);
            if (!arguments.empty() && !comma) found[arguments.back().span.end] += ", ";
            found[end] += fmt::format("name=\"{}\"{}", *site.names.begin(), comma ? "," : "");
        }
        return found;
    }

    void note(Diagnostics& diag) const {
        for (const auto& [place, site] : sites_) {
            if (site.call) continue;
            diag.add(Severity::note, Code::bad_name, site.span,
                     fmt::format("'{}' keeps its automatic name: {}", *site.names.begin(), site.why_not));
        }
    }

private:
    static void refuse(Site& site, std::string why) {
        site.call = nullptr;
        site.why_not = std::move(why);
    }

    void read(const Node& node, const Graph& graph) {
        Site site;
        site.span = node.span;
        if (node.span.file != file_) {
            refuse(site, "it is made in another file");
        } else {
            find_call(node, site);
        }
        if (site.call) {
            const auto is_name = [](const ast::Argument& argument) { return argument.keyword == "name"; };
            const auto name = std::find_if(site.call->arguments.begin(), site.call->arguments.end(), is_name);
            if (name != site.call->arguments.end()) {
                const ast::Expr::Kind& value = name->value->kind;
                const bool none =
                    std::holds_alternative<ast::Name>(value) || std::holds_alternative<ast::NamedConstant>(value);
                if (!none) return;
                refuse(site, "its name= is None here");
            } else if (has_unpacked(*site.call)) {
                refuse(site, "its arguments are unpacked from a dict or a list");
            }
        }
        Site& known = sites_.try_emplace({site.span.file, {site.span.begin, site.span.end}}, site).first->second;
        known.names.insert(node.name);
        by_model_[graph.name][numbered(node.name).first].emplace_back(numbered(node.name).second, &known);
    }

    /// Whether a comma follows the last argument.
    static bool has_comma(std::string_view source, std::size_t at) {
        for (; at < source.size() && source[at] != ','; ++at) {
            if (source[at] == '#') at = std::min(source.find_first_of("\r\n", at), source.size() - 1);
        }
        return at < source.size();
    }

    static bool has_unpacked(const ast::Call& call) {
        return std::any_of(call.arguments.begin(), call.arguments.end(), [](const ast::Argument& argument) {
            return argument.keyword == "**" || std::holds_alternative<ast::Starred>(argument.value->kind);
        });
    }

    /// The call Conv2D(...) in Conv2D(...)(x), in a Sequential's list, or that a variable was assigned.
    void find_call(const Node& node, Site& site) const {
        const ast::Call* call = calls_.at(node.span);
        if (call == nullptr) return refuse(site, "an operator takes no name");
        const ast::Expr* made = nullptr;
        if (class_of(*call) != node.layer->name) {
            made = call->callee.get();
            if (const auto* variable = std::get_if<ast::Name>(&made->kind))
                made = calls_.value_of(variable->identifier);
            call = made == nullptr ? nullptr : std::get_if<ast::Call>(&made->kind);
        }
        if (call == nullptr || class_of(*call) != node.layer->name)
            return refuse(site, "what makes it is not written as a layer's name");
        if (made != nullptr) site.span = made->span;
        site.call = call;
    }

    /// A layer with a written name is counted no more, so none may be written before one that has to count.
    void keep_numbers() {
        for (bool changed = true; changed;) {
            changed = false;
            for (const auto& [model, kinds] : by_model_) {
                for (const auto& [kind, layers] : kinds) changed = keep_numbers(layers) || changed;
            }
        }
    }
    using Numbered = std::pair<int, Site*>;
    static bool keep_numbers(const std::vector<Numbered>& layers) {
        const Numbered* last = nullptr;
        for (const Numbered& layer : layers) {
            if (!layer.second->call && (last == nullptr || layer.first > last->first)) last = &layer;
        }
        bool changed = false;
        for (const Numbered& layer : layers) {
            if (last == nullptr || !layer.second->call || layer.first >= last->first) continue;
            refuse(*layer.second,
                   "with a name it would no longer count, and number later ones anew that can have none");
            changed = true;
        }
        return changed;
    }

    Calls calls_;
    std::uint32_t file_;
    std::map<std::pair<std::uint32_t, Place>, Site> sites_;
    std::map<std::string, std::map<std::string, std::vector<Numbered>>> by_model_;
};

std::optional<std::vector<Graph>> read_graphs(Sources& sources, std::uint32_t file, const FileSystem& files,
                                              Diagnostics& diag, std::optional<ast::Module>& module) {
    module = parse(sources, file, diag);
    if (!module) return std::nullopt;
    std::vector<Graph> graphs = elaborate(*module, sources, files, "", diag);
    if (diag.has_errors()) return std::nullopt;
    return graphs;
}

std::vector<std::string> texts_of(const std::vector<Graph>& graphs) {
    std::vector<std::string> texts;
    for (const Graph& graph : graphs) texts.push_back(to_text(graph));
    return texts;
}

}  // namespace

std::optional<std::string> write_names(Sources& sources, std::uint32_t file, const FileSystem& files,
                                       Diagnostics& diag) {
    std::optional<ast::Module> module;
    const auto graphs = read_graphs(sources, file, files, diag, module);
    if (!graphs) return std::nullopt;
    const Names names(*graphs, *module, file);
    names.note(diag);

    const std::string_view source = sources.file(file).text();
    std::string text;
    std::uint32_t at = 0;
    for (const auto& [offset, insertion] : names.insertions(source)) {
        text.append(source.substr(at, offset - at)).append(insertion);
        at = offset;
    }
    text.append(source.substr(at));

    Diagnostics mistakes;
    const auto named = read_graphs(sources, sources.add(sources.file(file).path(), text), files, mistakes, module);
    CHECK_INTERNAL(named.has_value());
    CHECK_INTERNAL(texts_of(*named) == texts_of(*graphs));
    return text;
}

}  // namespace halcyon
