#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "syntax/parse.h"

namespace halcyon {
namespace {

/// Text in quotes on one line.
std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (char c : text) {
        if (c == '\n')
            out += "\\n";
        else if (c == '\\' || c == '"')
            out += {'\\', c};
        else if (static_cast<unsigned char>(c) < 0x20)
            fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned>(c));
        else
            out += c;
    }
    return out + '"';
}

std::string_view text_of(ast::BinaryOperator op) {
    constexpr std::string_view texts[] = {"+", "-", "*", "/", "//", "%", "**"};
    return texts[static_cast<std::size_t>(op)];
}
std::string_view text_of(ast::CompareOperator op) {
    constexpr std::string_view texts[] = {"==", "!=", "<", "<=", ">", ">=", "in", "not in", "is", "is not"};
    return texts[static_cast<std::size_t>(op)];
}
std::string_view text_of(ast::UnaryOperator op) {
    constexpr std::string_view texts[] = {"-", "+", "not"};
    return texts[static_cast<std::size_t>(op)];
}
std::string_view text_of(ast::NamedConstant constant) {
    constexpr std::string_view texts[] = {"None", "True", "False", "..."};
    return texts[static_cast<std::size_t>(constant)];
}

/// One node a line: what it is, and where it begins; its parts below, two columns deeper.
class Printer {
public:
    explicit Printer(const Sources& sources) : sources_(sources) {}

    void print(const ast::Statement& statement) {
        std::visit([&](const auto& kind) { show(kind, statement.span); }, statement.kind);
    }

    std::string out;

private:
    void line(Span span, std::string_view text) {
        const LineColumn place = sources_.line_column(span);
        fmt::format_to(std::back_inserter(out), "{:{}}{}  @{}:{}\n", "", 2 * depth_, text, place.line, place.column);
    }

    template <typename Body>
    void deeper(const Body& body) {
        ++depth_;
        body();
        --depth_;
    }
    void children(const std::vector<ast::ExprPtr>& list) {
        for (const ast::ExprPtr& child : list) print(child);
    }
    void block(const ast::Block& statements) {
        deeper([&] {
            for (const ast::Statement& statement : statements) print(statement);
        });
    }
    /// A part that may be missing, under its name.
    void part(std::string_view name, const ast::ExprPtr& expr) {
        if (!expr) return;
        fmt::format_to(std::back_inserter(out), "{:{}}{}:\n", "", 2 * depth_, name);
        deeper([&] { print(expr); });
    }
    void print(const ast::ExprPtr& expr) {
        std::visit([&](const auto& kind) { show(kind, expr->span); }, expr->kind);
    }
    template <typename... Exprs>
    void node(Span span, std::string_view text, const Exprs&... exprs) {
        line(span, text);
        deeper([&] { (print(exprs), ...); });
    }

    void show(const ast::Number& n, Span span) { line(span, fmt::format("Number {}", n.spelling)); }
    void show(const ast::String& s, Span span) { line(span, fmt::format("String {}", quoted(s.value))); }
    void show(const ast::FormattedString& s, Span span) {
        line(span, "FormattedString");
        deeper([&] {
            for (const ast::FormattedString::Part& piece : s.parts) {
                if (piece.value) print(piece.value);
                if (!piece.value) line(span, fmt::format("Text {}", quoted(piece.text)));
                if (!piece.format.empty()) line(piece.value->span, fmt::format("Format {}", quoted(piece.format)));
            }
        });
    }
    void show(ast::NamedConstant constant, Span span) { line(span, text_of(constant)); }
    void show(const ast::Name& name, Span span) { line(span, fmt::format("Name {}", name.identifier)); }
    void show(const ast::Attribute& a, Span span) { node(span, fmt::format("Attribute {}", a.name), a.object); }
    void show(const ast::Call& call, Span span) {
        node(span, "Call", call.callee);
        deeper([&] {
            for (const ast::Argument& argument : call.arguments) {
                if (argument.keyword.empty())
                    print(argument.value);
                else if (argument.keyword == "**")
                    node(argument.span, "Keywords", argument.value);
                else
                    node(argument.span, fmt::format("Keyword {}", argument.keyword), argument.value);
            }
        });
    }
    void show(const ast::Slice& slice, Span span) {
        line(span, "Slice");
        deeper([&] {
            part("lower", slice.lower);
            part("upper", slice.upper);
            part("step", slice.step);
        });
    }
    void show(const ast::Subscript& s, Span span) {
        node(span, "Subscript", s.object);
        deeper([&] { children(s.indices); });
    }
    void show(const ast::Unary& u, Span span) { node(span, fmt::format("Unary {}", text_of(u.op)), u.operand); }
    void show(const ast::Binary& b, Span span) { node(span, fmt::format("Binary {}", text_of(b.op)), b.left, b.right); }
    void show(const ast::Compare& c, Span span) {
        std::string operators;
        for (const auto& [op, operand] : c.rest) fmt::format_to(std::back_inserter(operators), " {}", text_of(op));
        node(span, "Compare" + operators, c.left);
        deeper([&] {
            for (const auto& [op, operand] : c.rest) print(operand);
        });
    }
    void show(const ast::Logical& l, Span span) {
        line(span, l.op == ast::LogicalOperator::and_ ? "Logical and" : "Logical or");
        deeper([&] { children(l.operands); });
    }
    void show(const ast::Conditional& c, Span span) {
        line(span, "Conditional");
        deeper([&] {
            part("then", c.then);
            part("if", c.condition);
            part("else", c.otherwise);
        });
    }
    void show(const ast::Tuple& t, Span span) {
        line(span, "Tuple");
        deeper([&] { children(t.elements); });
    }
    void show(const ast::List& l, Span span) {
        line(span, "List");
        deeper([&] { children(l.elements); });
    }
    void show(const ast::Dict& dict, Span span) {
        line(span, "Dict");
        deeper([&] {
            for (const auto& [key, value] : dict.items) node(key->span, "Item", key, value);
        });
    }
    void show(const ast::Set& set, Span span) {
        line(span, "Set");
        deeper([&] { children(set.elements); });
    }
    void show(const ast::ListComprehension& c, Span span) {
        line(span, "ListComprehension");
        deeper([&] {
            part("element", c.element);
            part("for", c.target);
            part("in", c.iterable);
            part("if", c.condition);
        });
    }
    void show(const ast::Starred& s, Span span) { node(span, "Starred", s.value); }

    void show(const ast::Assign& a, Span span) {
        line(span, a.augmented ? fmt::format("Assign {}=", text_of(*a.augmented)) : std::string("Assign"));
        deeper([&] {
            for (const ast::ExprPtr& target : a.targets) part("target", target);
            part("annotation", a.annotation);
            part("value", a.value);
        });
    }
    void show(const ast::ExpressionStatement& e, Span span) { node(span, "ExpressionStatement", e.value); }
    void show(const ast::If& statement, Span) {
        for (const ast::If::Branch& branch : statement.branches) {
            const bool first = &branch == &statement.branches.front();
            line(branch.span, first ? "If" : branch.condition ? "Elif" : "Else");
            deeper([&] { part("condition", branch.condition); });
            block(branch.body);
        }
    }
    void show(const ast::For& f, Span span) {
        line(span, "For");
        deeper([&] {
            part("target", f.target);
            part("in", f.iterable);
        });
        block(f.body);
    }
    void show(const ast::Return& r, Span span) {
        if (r.value)
            node(span, "Return", r.value);
        else
            line(span, "Return");
    }
    void show(const ast::Pass&, Span span) { line(span, "Pass"); }
    void show(const ast::Raise& r, Span span) {
        line(span, "Raise");
        if (r.value) deeper([&] { print(r.value); });
    }
    void show(const ast::Try& t, Span span) {
        line(span, "Try");
        block(t.body);
        for (const ast::Block& handler : t.handlers) {
            line(span, "Except");
            block(handler);
        }
        if (!t.otherwise.empty()) line(span, "Else");
        block(t.otherwise);
        if (!t.finally.empty()) line(span, "Finally");
        block(t.finally);
    }
    void show(const ast::With& w, Span span) {
        node(span, "With", w.context);
        block(w.body);
    }
    void show(const ast::Import& import_, Span span) {
        line(span, fmt::format("{} {}{}", import_.from ? "From" : "Import", import_.module, import_.star ? " *" : ""));
        deeper([&] {
            for (const ast::Import::Alias& alias : import_.names) {
                line(alias.span, alias.as.empty() ? fmt::format("Alias {}", alias.name)
                                                  : fmt::format("Alias {} as {}", alias.name, alias.as));
            }
        });
    }
    void show(const ast::FunctionDef& f, Span span) {
        line(span, fmt::format("FunctionDef {}", f.name));
        deeper([&] {
            for (const ast::Parameter& parameter : f.parameters) {
                constexpr std::string_view stars[] = {"", "*", "**"};
                line(parameter.span,
                     fmt::format("Parameter {}{}{}", stars[static_cast<std::size_t>(parameter.collects)],
                                 parameter.name, parameter.keyword_only ? " (keyword only)" : ""));
                deeper([&] {
                    part("annotation", parameter.annotation);
                    part("default", parameter.default_value);
                });
            }
            part("returns", f.returns);
        });
        block(f.body);
    }

    const Sources& sources_;
    std::size_t depth_ = 0;
};

}  // namespace

std::string to_text(const ast::Module& module, const Sources& sources) {
    Printer printer(sources);
    printer.out = "Module\n";
    for (const ast::Statement& statement : module.body) printer.print(statement);
    return printer.out;
}

}  // namespace halcyon
