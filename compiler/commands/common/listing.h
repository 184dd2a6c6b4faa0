#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace halcyon {

/// Rows that people read as a table and machines as JSON: one list of columns serves both.
class Listing {
public:
    struct Column {
        std::string_view key;    ///< in JSON
        std::string_view title;  ///< in the table; begins with '>' for numbers
    };
    explicit Listing(std::vector<Column> columns) : columns_(std::move(columns)) {}

    /// One value per column: text, a number, a shape as a list of whole numbers, or null for none.
    void add(std::vector<nlohmann::ordered_json> values);
    /// A last row that only the table shows.
    void add_total(std::vector<nlohmann::ordered_json> values);

    [[nodiscard]] std::string text() const;
    [[nodiscard]] nlohmann::ordered_json json() const;

private:
    std::vector<Column> columns_;
    std::vector<std::vector<nlohmann::ordered_json>> rows_;
    std::vector<std::vector<nlohmann::ordered_json>> totals_;
};

}  // namespace halcyon
