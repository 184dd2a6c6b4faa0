#include "importers/source_text.h"

#include <cmath>

#include <fmt/format.h>

namespace halcyon::importers {
namespace {

/// 0.00392156862745098 is 1 / 255 to a person, if that is exactly the same number.
std::string reciprocal_text(double number) {
    const double inverse = 1.0 / number;
    const double rounded = std::round(inverse * 1000.0) / 1000.0;
    if (!(std::abs(rounded) >= 2.0) || std::abs(rounded) > 1e6 || 1.0 / rounded != number) return "";
    return rounded == std::floor(rounded) ? fmt::format("1 / {}", static_cast<std::int64_t>(rounded))
                                          : fmt::format("1 / {}", rounded);
}

std::string real_text(double number) {
    std::string text = fmt::format("{}", number);
    if (text.find_first_of(".en") == std::string::npos) return text + ".0";
    constexpr std::size_t long_number = 10;
    if (text.size() > long_number) {
        if (std::string shorter = reciprocal_text(number); !shorter.empty()) return shorter;
    }
    // 1e-05 reads as 1e-5.
    const std::size_t exponent = text.find('e');
    if (exponent != std::string::npos && exponent + 2 < text.size() && text[exponent + 2] == '0')
        text.erase(exponent + 2, 1);
    return text;
}

std::string joined(const std::vector<std::string>& parts) {
    return fmt::format("{}", fmt::join(parts, ", "));
}

/// The parts on lines of at most line_width, each after `indent`.
std::string filled(const std::string& indent, const std::vector<std::string>& parts) {
    std::string text, line;
    for (const std::string& part : parts) {
        if (!line.empty() && indent.size() + line.size() + part.size() + 2 > line_width) {
            text += indent + line + "\n";
            line.clear();
        }
        line += (line.empty() ? "" : " ") + part + ",";
    }
    return text + indent + line + "\n";
}

bool is_positional(const ImportedLayer& layer, std::size_t index) {
    const std::vector<ArgumentDef>& arguments = layer.def->arguments;
    const ArgumentDef& argument = arguments[index];
    if (!argument.default_value) return index == 0 || is_positional(layer, index - 1);
    const bool says_itself =
        argument.name != "axis" && argument.name != "data_format" && argument.name != "approximate";
    return index == 0 && says_itself;
}

CallText layer_call(const Statement& statement) {
    CallText call{std::string(statement.layer->def->name), {}};
    bool positional = true;
    for (std::size_t i = 0; i < statement.layer->def->arguments.size(); ++i) {
        const std::string& name = statement.layer->def->arguments[i].name;
        const auto written = statement.arguments.find(name);
        if (written == statement.arguments.end()) {
            positional = false;
            continue;
        }
        positional = positional && is_positional(*statement.layer, i);
        const std::string text = source_text(written->second);
        call.arguments.push_back(positional ? text : fmt::format("{}={}", name, text));
    }
    if (const auto name = statement.arguments.find("name"); name != statement.arguments.end())
        call.arguments.push_back(fmt::format("name={}", source_text(name->second)));
    return call;
}

CallText block_call(const Statement& statement, const Region& block) {
    CallText call{block.name, {}};
    bool positional = true;
    for (const Parameter& parameter : block.parameters) {
        const auto written = statement.arguments.find(parameter.name);
        if (written == statement.arguments.end()) {
            positional = false;
            continue;
        }
        // block(x, 64, 3, strides=2, name="block1")
        const bool first = call.arguments.empty() && parameter.name != "name";
        positional = positional && (first || parameter.name == "kernel_size");
        const std::string text = source_text(written->second);
        call.arguments.push_back(positional ? text : fmt::format("{}={}", parameter.name, text));
    }
    return call;
}

}  // namespace

std::string string_literal(std::string_view text) {
    std::string result = "\"";
    for (char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            result += '\\';
            result += c;
        } else if (byte < 0x20 || byte == 0x7f) {
            result += fmt::format("\\x{:02x}", byte);
        } else {
            result += c;
        }
    }
    return result + '"';
}

std::string source_text(const Value& value) {
    if (const std::string* text = value.string()) return string_literal(*text);
    if (const Value::Sequence* sequence = value.sequence()) {
        std::vector<std::string> parts;
        for (const Value& element : *sequence) parts.push_back(source_text(element));
        return fmt::format("({}{})", joined(parts), parts.size() == 1 ? "," : "");
    }
    if (const auto* number = std::get_if<double>(&value.data)) return real_text(*number);
    return to_text(value);
}

std::string source_text(const Term& term) {
    if (term.kind == Term::Kind::constant) return source_text(term.value);
    if (term.kind == Term::Kind::symbol) return term.text;
    if (term.parts.size() == 1 && !term.parts[0].variable.empty()) return term.parts[0].variable;
    std::string text;
    for (const Term::Part& part : term.parts) {
        if (!part.variable.empty()) {
            text += fmt::format("{{{}}}", part.variable);
            continue;
        }
        const std::string literal = string_literal(part.text);
        for (char c : literal.substr(1, literal.size() - 2)) {
            text += c;
            if (c == '{' || c == '}') text += c;
        }
    }
    return fmt::format("f\"{}\"", text);
}

CallText call_text(const Statement& statement, const SpecTree& tree) {
    if (statement.block >= 0) return block_call(statement, tree.blocks[static_cast<std::size_t>(statement.block)]);
    return layer_call(statement);
}

std::string wrapped_call(const std::string& indent, const std::string& before, const CallText& call,
                         const std::string& after) {
    const std::string one = fmt::format("{}{}{}({}){}", indent, before, call.callee, joined(call.arguments), after);
    if (one.size() <= line_width) return one + "\n";
    std::string inner = indent + "    ";
    const std::string arguments = joined(call.arguments);
    std::string lines =
        inner.size() + arguments.size() <= line_width ? inner + arguments + "\n" : filled(inner, call.arguments);
    return fmt::format("{}{}{}(\n{}{}){}\n", indent, before, call.callee, lines, indent, after);
}

std::string loop_header(const std::string& indent, const Statement& loop) {
    if (loop.columns.empty()) {
        const bool from_0 = loop.first == Term(Value(0));
        const std::string range =
            from_0 ? source_text(loop.last) : fmt::format("{}, {}", source_text(loop.first), source_text(loop.last));
        return fmt::format("{}for {} in range({}):\n", indent, loop.index, range);
    }
    std::vector<std::string> rows;
    for (const std::vector<Value>& row : loop.rows)
        rows.push_back(row.size() == 1 ? source_text(row[0])
                                       : source_text(Value(Value::Sequence(row.begin(), row.end()))));
    std::string names = joined(loop.columns), before = "[", after = "]";
    if (!loop.index.empty()) {
        names = loop.columns.size() == 1 ? fmt::format("{}, {}", loop.index, names)
                                         : fmt::format("{}, ({})", loop.index, names);
        before = "enumerate([";
        after = loop.first == Term(Value(0)) ? "])" : fmt::format("], {})", source_text(loop.first));
    }
    const std::string one = fmt::format("{}for {} in {}{}{}:", indent, names, before, joined(rows), after);
    if (one.size() <= line_width) return one + "\n";
    return fmt::format("{}for {} in {}\n{}{}{}:\n", indent, names, before, filled(indent + "    ", rows), indent,
                       after);
}

}  // namespace halcyon::importers
