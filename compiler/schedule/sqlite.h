#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace halcyon {

/// A value that goes into a statement or comes out of it.
using SqlValue = std::variant<std::int64_t, double, std::string>;

/// One open SQLite file. Functions give SQLite's result code: SQLITE_OK, or why not.
class SqlFile {
public:
    /// Waits up to 30 seconds for other processes' transactions.
    [[nodiscard]] int open(const std::string& path);
    /// Without rows.
    [[nodiscard]] int execute(const std::string& sql, const std::vector<SqlValue>& values = {});
    /// Calls `row` with each row's statement, to read by the functions below.
    [[nodiscard]] int query(const std::string& sql, const std::vector<SqlValue>& values,
                            const std::function<void(sqlite3_stmt*)>& row) const;
    /// The first number of the first row, or 0 where there is none.
    [[nodiscard]] int query_number(const std::string& sql, std::int64_t& number) const;
    /// Rows that the last `execute` changed.
    [[nodiscard]] std::size_t changes() const;
    /// SQLite's words about the last code that was not SQLITE_OK.
    [[nodiscard]] std::string message() const;

private:
    struct Close {
        void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
    };
    std::unique_ptr<sqlite3, Close> database_;
};

[[nodiscard]] std::string text_column(sqlite3_stmt* row, int column);

}  // namespace halcyon
