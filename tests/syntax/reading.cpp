#include "reading.h"

#include <vector>

namespace halcyon {

std::string shape(const std::string& expression) {
    const Reading reading("x = " + expression + "\n");
    if (!reading.module) return reading.errors();
    struct Line {
        std::size_t depth;
        std::string text;
    };
    std::vector<Line> lines;
    const std::string tree = reading.tree();
    for (std::size_t at = 0; at < tree.size();) {
        const std::size_t end = tree.find('\n', at);
        const std::size_t text = tree.find_first_not_of(' ', at);
        const std::string line = tree.substr(text, end - text);
        lines.push_back({(text - at) / 2, line.substr(0, line.find("  @"))});
        at = end + 1;
    }
    std::string out;  // lines 0 to 4: Module, Assign, target:, Name x, value:
    std::size_t depth = 1;
    for (std::size_t i = 5; i < lines.size(); ++i) {
        for (; depth < lines[i].depth; ++depth) out += '(';
        for (; depth > lines[i].depth; --depth) out += ')';
        if (!out.empty() && out.back() != '(') out += ' ';
        std::string text = lines[i].text;
        for (const std::string word : {"Name ", "Number ", "Binary ", "Unary ", "Compare ", "Logical "}) {
            if (text.starts_with(word)) text.erase(0, word.size());
        }
        out += text;
    }
    for (; depth > 2; --depth) out += ')';
    return out.substr(1);
}

}  // namespace halcyon
