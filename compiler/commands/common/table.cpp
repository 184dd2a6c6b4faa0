#include "commands/common/table.h"

#include <algorithm>

#include "support/check.h"
#include "support/utf8.h"

namespace halcyon {
namespace {

std::size_t columns_of(std::string_view text) {
    std::size_t columns = 0;
    while (!text.empty()) {
        const CodePoint point = first_code_point(text);
        columns += point.bytes == 0 ? 1 : static_cast<std::size_t>(terminal_width(point.value));
        text.remove_prefix(std::max<std::size_t>(point.bytes, 1));
    }
    return columns;
}

}  // namespace

Table::Table(const std::vector<std::string_view>& titles) {
    std::vector<std::string> row;
    for (std::string_view title : titles) {
        right_.push_back(title.starts_with('>'));
        row.emplace_back(title.substr(right_.back() ? 1 : 0));
    }
    rows_.push_back(std::move(row));
}

void Table::add(std::vector<std::string> cells) {
    CHECK_INTERNAL(cells.size() == right_.size());
    rows_.push_back(std::move(cells));
}

std::string Table::text() const {
    std::vector<std::size_t> widths(right_.size(), 0);
    for (const auto& row : rows_) {
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns_of(row[i]));
    }
    std::string text;
    for (const auto& row : rows_) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::string space(widths[i] - columns_of(row[i]), ' ');
            line += (i == 0 ? "" : "  ") + (right_[i] ? space + row[i] : row[i] + space);
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + '\n';
    }
    return text;
}

std::string grouped(std::int64_t number) {
    std::string text = std::to_string(number);
    for (std::size_t at = text.size(); at > 3 + (number < 0 ? 1u : 0u);) {
        at -= 3;
        text.insert(at, ",");
    }
    return text;
}

}  // namespace halcyon
