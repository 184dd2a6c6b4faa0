#include "schedule/sqlite.h"

namespace halcyon {
namespace {

constexpr int patience_ms = 30'000;

using Statement = std::unique_ptr<sqlite3_stmt, decltype([](sqlite3_stmt* statement) { sqlite3_finalize(statement); })>;

int bind(sqlite3_stmt* statement, int index, const SqlValue& value) {
    if (const auto* number = std::get_if<std::int64_t>(&value)) return sqlite3_bind_int64(statement, index, *number);
    if (const auto* number = std::get_if<double>(&value)) return sqlite3_bind_double(statement, index, *number);
    const std::string& text = std::get<std::string>(value);
    return sqlite3_bind_text(statement, index, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
}

}  // namespace

int SqlFile::open(const std::string& path) {
    sqlite3* database = nullptr;
    const int code = sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
    database_.reset(database);
    if (code == SQLITE_OK) sqlite3_busy_timeout(database, patience_ms);
    return code;
}

int SqlFile::query(const std::string& sql, const std::vector<SqlValue>& values,
                   const std::function<void(sqlite3_stmt*)>& row) const {
    sqlite3_stmt* prepared = nullptr;
    int code = sqlite3_prepare_v2(database_.get(), sql.c_str(), -1, &prepared, nullptr);
    const Statement statement(prepared);
    for (std::size_t i = 0; i < values.size() && code == SQLITE_OK; ++i)
        code = bind(prepared, static_cast<int>(i) + 1, values[i]);
    if (code != SQLITE_OK) return code;
    while ((code = sqlite3_step(prepared)) == SQLITE_ROW) row(prepared);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

int SqlFile::execute(const std::string& sql, const std::vector<SqlValue>& values) {
    return query(sql, values, [](sqlite3_stmt*) {});
}

int SqlFile::query_number(const std::string& sql, std::int64_t& number) const {
    number = 0;
    return query(sql, {}, [&](sqlite3_stmt* row) { number = sqlite3_column_int64(row, 0); });
}

std::size_t SqlFile::changes() const {
    return static_cast<std::size_t>(sqlite3_changes64(database_.get()));
}

std::string SqlFile::message() const {
    return database_ ? sqlite3_errmsg(database_.get()) : "out of memory";
}

std::string text_column(sqlite3_stmt* row, int column) {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(row, column));
    return bytes == nullptr ? "" : std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(row, column)));
}

}  // namespace halcyon
