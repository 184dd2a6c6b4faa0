#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace halcyon {

/// Text in columns, as wide as their longest cell, two spaces apart; numbers' columns to the right.
class Table {
public:
    /// A title that begins with '>' makes a column of numbers.
    explicit Table(const std::vector<std::string_view>& titles);
    void add(std::vector<std::string> cells);
    [[nodiscard]] std::string text() const;

private:
    std::vector<std::vector<std::string>> rows_;
    std::vector<bool> right_;
};

/// 1234567 -> "1,234,567".
[[nodiscard]] std::string grouped(std::int64_t number);

}  // namespace halcyon
