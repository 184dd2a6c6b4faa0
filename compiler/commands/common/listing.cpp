#include "commands/common/listing.h"

#include <fmt/format.h>

#include "commands/common/table.h"
#include "graph/tensor_type.h"
#include "support/check.h"

namespace halcyon {
namespace {

std::string cell(const nlohmann::ordered_json& value) {
    if (value.is_null()) return "";
    if (value.is_number_integer()) return grouped(value.get<std::int64_t>());
    if (value.is_string()) return value.get<std::string>();
    if (value.is_number_float()) return fmt::format("{:.4g}", value.get<double>());
    if (value.is_array()) return to_text(value.get<Shape>());
    return value.dump();
}

}  // namespace

void Listing::add(std::vector<nlohmann::ordered_json> values) {
    CHECK_INTERNAL(values.size() == columns_.size());
    rows_.push_back(std::move(values));
}

void Listing::add_total(std::vector<nlohmann::ordered_json> values) {
    CHECK_INTERNAL(values.size() == columns_.size());
    totals_.push_back(std::move(values));
}

std::string Listing::text() const {
    std::vector<std::string_view> titles;
    for (const Column& column : columns_) titles.push_back(column.title);
    Table table(titles);
    for (const auto* rows : {&rows_, &totals_}) {
        for (const auto& row : *rows) {
            std::vector<std::string> cells;
            for (const auto& value : row) cells.push_back(cell(value));
            table.add(std::move(cells));
        }
    }
    return table.text();
}

nlohmann::ordered_json Listing::json() const {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const auto& row : rows_) {
        nlohmann::ordered_json object;
        for (std::size_t i = 0; i < columns_.size(); ++i) object[std::string(columns_[i].key)] = row[i];
        list.push_back(std::move(object));
    }
    return list;
}

}  // namespace halcyon
