#include "schedule/records.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

#include <nlohmann/json.hpp>

#include "kernels/family_revision.h"
#include "schedule/sqlite.h"
#include "support/file_system.h"

namespace halcyon {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view sqlite_magic("SQLite format 3\0", 16);
/// Marks our files among all SQLite files: "HaTr".
constexpr std::int64_t application_id = 0x48615472;
constexpr std::int64_t schema_version = 2;

constexpr const char* create_table =
    "CREATE TABLE trials (task TEXT NOT NULL, candidate TEXT NOT NULL, family TEXT NOT NULL, revision TEXT NOT NULL, "
    "target TEXT NOT NULL, cpu TEXT NOT NULL, threads INTEGER NOT NULL, status TEXT NOT NULL, nanoseconds REAL NOT "
    "NULL, "
    "noise REAL NOT NULL, versions TEXT NOT NULL, model TEXT NOT NULL, run TEXT NOT NULL, moment INTEGER NOT NULL, "
    "weights_between INTEGER NOT NULL DEFAULT 0, "
    "UNIQUE (task, candidate, target, cpu, revision, run))";
/// What files of version 1 lack.
constexpr const char* add_weights_between = "ALTER TABLE trials ADD COLUMN weights_between INTEGER NOT NULL DEFAULT 0";
constexpr const char* columns = "task, candidate, family, revision, target, cpu, threads, status, nanoseconds, noise, "
                                "versions, model, run, moment, "
                                "weights_between";
constexpr const char* places = "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?";

std::vector<SqlValue> values_of(const TrialRecord& r) {
    return {r.task,
            r.candidate,
            r.family,
            r.revision,
            r.target,
            r.cpu,
            std::int64_t{r.threads},
            std::string(to_text(r.status)),
            r.nanoseconds,
            r.noise,
            r.versions,
            r.model,
            r.run,
            r.when,
            r.weights_between};
}

/// Nothing where the status is one that only another version knows.
std::optional<TrialRecord> read_row(sqlite3_stmt* row) {
    TrialRecord r;
    int column = 0;
    for (std::string* text : {&r.task, &r.candidate, &r.family, &r.revision, &r.target, &r.cpu})
        *text = text_column(row, column++);
    r.threads = sqlite3_column_int(row, column++);
    const std::optional<TrialStatus> status = trial_status_of(text_column(row, column++));
    if (!status) return std::nullopt;
    r.status = *status;
    r.nanoseconds = sqlite3_column_double(row, column++);
    r.noise = sqlite3_column_double(row, column++);
    for (std::string* text : {&r.versions, &r.model, &r.run}) *text = text_column(row, column++);
    r.when = sqlite3_column_int64(row, column++);
    r.weights_between = sqlite3_column_int64(row, column);
    return r;
}

enum class Opened { yes, busy, damaged, foreign, newer, failed };

bool is_damage(int code) {
    return (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB;
}

Opened judge(int code) {
    if ((code & 0xff) == SQLITE_BUSY) return Opened::busy;
    return code == SQLITE_OK ? Opened::yes : is_damage(code) ? Opened::damaged : Opened::failed;
}

/// Opens it and makes the table where the file is new.
Opened open_once(SqlFile& file, const std::string& path) {
    if (const int code = file.open(path); code != SQLITE_OK) return judge(code);
    std::int64_t id = 0;
    std::int64_t version = 0;
    std::int64_t tables = 0;
    // Readers and one writer at a time do not wait for each other in this mode, and a kill loses no finished transaction.
    for (const char* sql : {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL", "BEGIN IMMEDIATE"})
        if (const int code = file.execute(sql); code != SQLITE_OK) return judge(code);
    int code = file.query_number("PRAGMA application_id", id);
    if (code == SQLITE_OK) code = file.query_number("PRAGMA user_version", version);
    if (code == SQLITE_OK) code = file.query_number("SELECT count(*) FROM sqlite_master", tables);
    const bool is_new = code == SQLITE_OK && tables == 0 && id == 0;
    const bool is_older = code == SQLITE_OK && id == application_id && version < schema_version;
    if (is_new) code = file.execute(create_table);
    if (is_new && code == SQLITE_OK) code = file.execute(fmt::format("PRAGMA application_id={}", application_id));
    if (is_older) code = file.execute(add_weights_between);
    if ((is_new || is_older) && code == SQLITE_OK)
        code = file.execute(fmt::format("PRAGMA user_version={}", schema_version));
    if (code == SQLITE_OK) code = file.execute("COMMIT");
    if (code != SQLITE_OK) return judge(code);
    if (is_new) return Opened::yes;
    if (id != application_id) return Opened::foreign;
    if (version > schema_version) return Opened::newer;

    std::string verdict;
    code = file.query("PRAGMA quick_check(1)", {}, [&](sqlite3_stmt* row) { verdict = text_column(row, 0); });
    if (code != SQLITE_OK) return judge(code);
    return verdict == "ok" ? Opened::yes : Opened::damaged;
}

/// Where several processes begin a new file at once, SQLite refuses all but one instead of letting them wait.
Opened open_file(SqlFile& file, const std::string& path) {
    constexpr std::chrono::seconds patience{30};
    constexpr std::chrono::milliseconds between_tries{5};
    const auto begin = std::chrono::steady_clock::now();
    while (true) {
        file = SqlFile();
        const Opened opened = open_once(file, path);
        if (opened != Opened::busy) return opened;
        if (std::chrono::steady_clock::now() - begin > patience) return Opened::failed;
        std::this_thread::sleep_for(between_tries);
    }
}

/// Whether a file that SQLite cannot read is a records file that something happened to, and not another file of the user's.
bool may_be_moved(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    std::string magic(sqlite_magic.size(), '\0');
    stream.read(magic.data(), static_cast<std::streamsize>(magic.size()));
    return magic == sqlite_magic || path.ends_with(".db");
}

std::string moment_text() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    char text[32];
    std::strftime(text, sizeof text, "%Y%m%d-%H%M%S", &parts);
    return text;
}

/// Under a free name, with the files that SQLite keeps beside it; that name, or nothing where it cannot be renamed.
std::optional<std::string> set_aside(const std::string& path) {
    const std::string wanted = path + ".damaged-" + moment_text();
    std::string name = wanted;
    for (int n = 2; fs::exists(name); ++n) name = fmt::format("{}-{}", wanted, n);
    std::error_code error;
    fs::rename(path, name, error);
    if (error) return std::nullopt;
    for (const char* suffix : {"-wal", "-shm"}) fs::rename(path + suffix, name + suffix, error);
    return name;
}

/// One process at a time sets a file aside, or the second would take away what the first has begun anew.
class Lock {
public:
    explicit Lock(const std::string& path)
        : descriptor_(::open((path + ".lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0666)) {
        if (descriptor_ >= 0) flock(descriptor_, LOCK_EX);
    }
    ~Lock() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

private:
    int descriptor_;
};

std::string environment_variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

constexpr std::pair<TrialStatus, std::string_view> statuses[] = {{TrialStatus::ok, "ok"},
                                                                 {TrialStatus::wrong_answer, "wrong answer"},
                                                                 {TrialStatus::crashed, "crashed"},
                                                                 {TrialStatus::hung, "hung"}};

}  // namespace

std::string_view to_text(TrialStatus status) {
    for (const auto& [each, text] : statuses)
        if (each == status) return text;
    return {};
}

std::optional<TrialStatus> trial_status_of(std::string_view text) {
    for (const auto& [status, name] : statuses)
        if (name == text) return status;
    return std::nullopt;
}

std::string to_json_line(const TrialRecord& r) {
    const nlohmann::ordered_json json{{"task", r.task},
                                      {"candidate", r.candidate},
                                      {"family", r.family},
                                      {"revision", r.revision},
                                      {"target", r.target},
                                      {"cpu", r.cpu},
                                      {"threads", r.threads},
                                      {"status", to_text(r.status)},
                                      {"nanoseconds", r.nanoseconds},
                                      {"noise", r.noise},
                                      {"versions", r.versions},
                                      {"model", r.model},
                                      {"run", r.run},
                                      {"when", r.when},
                                      {"weights_between", r.weights_between}};
    return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::optional<TrialRecord> record_from_json_line(std::string_view line) {
    const nlohmann::json json = nlohmann::json::parse(line, nullptr, false);
    if (!json.is_object()) return std::nullopt;
    TrialRecord r;
    for (const auto& [key, text] : {std::pair{"task", &r.task},
                                    {"candidate", &r.candidate},
                                    {"family", &r.family},
                                    {"revision", &r.revision},
                                    {"target", &r.target},
                                    {"cpu", &r.cpu},
                                    {"versions", &r.versions},
                                    {"model", &r.model},
                                    {"run", &r.run}}) {
        const auto found = json.find(key);
        if (found == json.end() || !found->is_string()) return std::nullopt;
        *text = found->get<std::string>();
    }
    for (const char* key : {"threads", "when"})
        if (!json.contains(key) || !json.at(key).is_number_integer()) return std::nullopt;
    for (const char* key : {"nanoseconds", "noise"})
        if (!json.contains(key) || !json.at(key).is_number()) return std::nullopt;
    if (!json.contains("status") || !json.at("status").is_string()) return std::nullopt;
    const std::optional<TrialStatus> status = trial_status_of(json.at("status").get<std::string>());
    if (!status) return std::nullopt;
    r.status = *status;
    r.threads = json.at("threads").get<int>();
    r.when = json.at("when").get<std::int64_t>();
    r.nanoseconds = json.at("nanoseconds").get<double>();
    r.noise = json.at("noise").get<double>();
    const auto between = json.find("weights_between");  // what version 1 exported has none
    if (between != json.end() && !between->is_number_integer()) return std::nullopt;
    if (between != json.end()) r.weights_between = between->get<std::int64_t>();
    return r;
}

struct Records::State {
    SqlFile file;
    std::optional<std::string> trouble;

    /// Keeps the first trouble.
    bool is_done(int code) {
        if (code != SQLITE_OK && !trouble) trouble = file.message();
        return code == SQLITE_OK;
    }

    bool insert(const char* verb, const TrialRecord& record) {
        return is_done(
            file.execute(fmt::format("{} INTO trials ({}) VALUES ({})", verb, columns, places), values_of(record)));
    }
};

Records::Records(std::unique_ptr<State> state) : state_(std::move(state)) {}
Records::~Records() = default;
Records::Records(Records&&) noexcept = default;
Records& Records::operator=(Records&&) noexcept = default;

std::optional<Records> Records::open(const std::string& path, Diagnostics& diag) {
    DiskFiles files;
    if (const auto error = files.make_folder(folder_of(path))) {
        diag.error(Code::unusable_records, {}, "cannot make the folder of '{}': {}", path, error->message);
        return std::nullopt;
    }
    auto state = std::make_unique<State>();
    Opened opened = open_file(state->file, path);
    if (opened == Opened::damaged) {
        const Lock lock(path);
        state = std::make_unique<State>();
        opened = open_file(state->file, path);
        if (opened == Opened::damaged && may_be_moved(path)) {
            state = std::make_unique<State>();
            if (const auto name = set_aside(path)) {
                diag.warning(Code::unusable_records, {}, "'{}' is damaged; it is now '{}', and a new file is begun",
                             path, *name);
                opened = open_file(state->file, path);
            }
        }
    }
    switch (opened) {
    case Opened::yes: return Records(std::move(state));
    case Opened::foreign: diag.error(Code::unusable_records, {}, "'{}' is another program's SQLite file", path); break;
    case Opened::newer:
        diag.error(Code::unusable_records, {}, "'{}' was written by a newer version of Halcyon", path);
        break;
    case Opened::damaged: diag.error(Code::unusable_records, {}, "'{}' holds no tuning records", path); break;
    case Opened::busy:
    case Opened::failed:
        diag.error(Code::unusable_records, {}, "cannot open '{}': {}", path, state->file.message());
        break;
    }
    return std::nullopt;
}

bool Records::add(const TrialRecord& record) {
    return state_->insert("INSERT OR REPLACE", record);
}

std::optional<std::size_t> Records::merge(const std::vector<TrialRecord>& records) {
    std::size_t added = 0;
    if (!state_->is_done(state_->file.execute("BEGIN IMMEDIATE"))) return std::nullopt;
    for (const TrialRecord& record : records) {
        if (!state_->insert("INSERT OR IGNORE", record)) {
            (void)state_->file.execute("ROLLBACK");
            return std::nullopt;
        }
        added += state_->file.changes();
    }
    if (!state_->is_done(state_->file.execute("COMMIT"))) return std::nullopt;
    return added;
}

std::vector<TrialRecord> Records::find(const std::string& task, const std::string& target, const std::string& cpu,
                                       std::int64_t weights_between) const {
    std::map<std::string, TrialRecord> latest;
    state_->is_done(state_->file.query(
        fmt::format("SELECT {} FROM trials WHERE task = ? AND target = ? AND cpu = ? AND weights_between = ? "
                    "ORDER BY moment, rowid",
                    columns),
        {task, target, cpu, weights_between}, [&](sqlite3_stmt* row) {
            std::optional<TrialRecord> record = read_row(row);
            if (record && record->revision == family_revision(record->family) && !record->revision.empty()) {
                TrialRecord& known = latest[record->candidate];
                known = *std::move(record);
            }
        }));
    std::vector<TrialRecord> found;
    for (auto& [candidate, record] : latest) found.push_back(std::move(record));
    return found;
}

std::vector<TrialRecord> Records::all() const {
    std::vector<TrialRecord> found;
    state_->is_done(
        state_->file.query(fmt::format("SELECT {} FROM trials ORDER BY rowid", columns), {}, [&](sqlite3_stmt* row) {
            if (std::optional<TrialRecord> record = read_row(row)) found.push_back(*std::move(record));
        }));
    return found;
}

std::optional<std::size_t> Records::remove(const std::function<bool(const TrialRecord&)>& unwanted) {
    std::vector<std::int64_t> rows;
    if (!state_->is_done(state_->file.execute("BEGIN IMMEDIATE"))) return std::nullopt;
    bool done = state_->is_done(
        state_->file.query(fmt::format("SELECT {}, rowid FROM trials", columns), {}, [&](sqlite3_stmt* row) {
            const std::optional<TrialRecord> record = read_row(row);
            constexpr int row_number_column = 15;
            if (record && unwanted(*record)) rows.push_back(sqlite3_column_int64(row, row_number_column));
        }));
    for (std::size_t i = 0; i < rows.size() && done; ++i)
        done = state_->is_done(state_->file.execute("DELETE FROM trials WHERE rowid = ?", {rows[i]}));
    if (!done || !state_->is_done(state_->file.execute("COMMIT"))) {
        (void)state_->file.execute("ROLLBACK");
        return std::nullopt;
    }
    return rows.size();
}

const std::optional<std::string>& Records::trouble() const {
    return state_->trouble;
}

std::string default_records_file() {
    if (const std::string folder = environment_variable("XDG_STATE_HOME"); !folder.empty())
        return join_path(folder, "halcyon/records.db");
    const std::string home = environment_variable("HOME");
    return home.empty() ? "" : join_path(home, ".local/state/halcyon/records.db");
}

}  // namespace halcyon
