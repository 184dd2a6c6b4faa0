#include "schedule/records.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>

#include "kernels/family_revision.h"
#include "schedule/sqlite.h"

namespace halcyon::testing {
namespace {

namespace fs = std::filesystem;

/// A path in an empty folder.
std::string fresh_path(const std::string& name) {
    const fs::path folder = fs::path(HALCYON_TEST_SCRATCH) / "records" / name;
    fs::remove_all(folder);
    fs::create_directories(folder);
    return (folder / "records.db").string();
}

TrialRecord trial(const std::string& candidate, double nanoseconds = 1000.0) {
    return {.task = "conv",
            .candidate = candidate,
            .family = "direct_conv",
            .revision = std::string(family_revision("direct_conv")),
            .target = "x86-64-v4",
            .cpu = "this one",
            .nanoseconds = nanoseconds,
            .noise = 0.01,
            .versions = "Halcyon 0, Halide 0",
            .model = "net",
            .run = "run",
            .when = 1,
            .weights_between = 4096};
}

Records opened(const std::string& path) {
    Diagnostics diag;
    std::optional<Records> records = Records::open(path, diag);
    REQUIRE_MESSAGE(records, render(diag, Sources()));
    CHECK(diag.all().empty());
    return *std::move(records);
}

std::vector<TrialRecord> known(const Records& records) {
    return records.find("conv", "x86-64-v4", "this one", 4096);
}

void overwrite(const std::string& path, std::streamoff at, std::size_t bytes) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(at);
    file << std::string(bytes, '#');
}

std::string error_of(const std::string& path) {
    Diagnostics diag;
    CHECK_FALSE(Records::open(path, diag).has_value());
    return render(diag, Sources());
}

}  // namespace

TEST_CASE("what was added is there when the file is opened again") {
    const std::string path = fresh_path("again");
    opened(path).add(trial("a"));
    CHECK(known(opened(path)) == std::vector{trial("a")});
}

TEST_CASE("a candidate measured again in a run has the later record, and of several runs the latest counts") {
    Records records = opened(fresh_path("latest"));
    TrialRecord first = trial("a", 900.0);
    first.run = "first";
    first.when = 0;
    records.add(first);
    records.add(trial("a", 800.0));
    records.add(trial("a", 1000.0));
    CHECK(records.all().size() == 2);
    CHECK(known(records) == std::vector{trial("a", 1000.0)});
}

TEST_CASE("records of another task, target, CPU, distance of weights or family revision are not found") {
    Records records = opened(fresh_path("others"));
    std::vector<TrialRecord> others(6, trial("a"));
    others[0].task = "dense";
    others[1].target = "x86-64-v3";
    others[2].cpu = "that one";
    others[3].revision = "0123456789ab";
    others[4].family = "no_family";
    others[4].revision = "";
    others[5].weights_between = 8192;
    for (const TrialRecord& other : others) records.add(other);
    CHECK(records.all().size() == others.size());
    CHECK(known(records).empty());
}

TEST_CASE("each family of kernels has a revision of its own") {
    CHECK(family_revision("direct_conv").size() == 12);
    CHECK(family_revision("direct_conv") != family_revision("winograd_conv"));
    CHECK(family_revision("no_family").empty());
}

TEST_CASE("what went wrong is kept with the candidate") {
    Records records = opened(fresh_path("wrong"));
    for (const TrialStatus status : {TrialStatus::wrong_answer, TrialStatus::crashed, TrialStatus::hung}) {
        TrialRecord record = trial(std::string(to_text(status)), 0.0);
        record.status = status;
        records.add(record);
        CHECK(records.all().back() == record);
    }
}

TEST_CASE("merging adds what is not there, and nothing twice") {
    Records records = opened(fresh_path("merge"));
    records.add(trial("a"));
    CHECK(records.merge({trial("a", 1.0), trial("b"), trial("c")}) == 2);
    CHECK(records.merge({trial("b"), trial("c")}) == 0);
    CHECK(known(records) == std::vector{trial("a"), trial("b"), trial("c")});
}

TEST_CASE("records go through a line of JSON unchanged, and other lines are none") {
    TrialRecord record = trial("direct_conv  tile 2x2", 1234.5);
    record.status = TrialStatus::hung;
    CHECK(record_from_json_line(to_json_line(record)) == record);
    for (const char* line : {"", "{}", "[1]", "{\"task\": 1}", "not JSON"})
        CHECK_FALSE(record_from_json_line(line).has_value());
}

TEST_CASE("a file of the first version is taken along: how far its weights came from is not known") {
    const std::string path = fresh_path("first_version");
    opened(path).add(trial("a"));
    {
        SqlFile file;
        REQUIRE(file.open(path) == 0);
        REQUIRE(file.execute("ALTER TABLE trials DROP COLUMN weights_between") == 0);
        REQUIRE(file.execute("PRAGMA user_version=1") == 0);
    }
    for (int again = 0; again < 2; ++again) {
        const Records records = opened(path);
        REQUIRE(records.all().size() == 1);
        CHECK(records.all().front().weights_between == 0);
        CHECK(known(records).empty());
    }
    opened(path).add(trial("b"));
    CHECK(known(opened(path)) == std::vector{trial("b")});
    std::string line = to_json_line(trial("a"));
    line.erase(line.find(",\"weights_between\""), std::string_view(",\"weights_between\":4096").size());
    CHECK(record_from_json_line(line).value().weights_between == 0);
}

TEST_CASE("those that are not wanted are removed and counted") {
    Records records = opened(fresh_path("remove"));
    for (const char* name : {"a", "b", "c"}) records.add(trial(name));
    CHECK(records.remove([](const TrialRecord& record) { return record.candidate != "b"; }) == 2);
    CHECK(known(records) == std::vector{trial("b")});
}

TEST_CASE("several processes that add to one file at once lose nothing") {
    const std::string path = fresh_path("several");
    constexpr int processes = 4, each = 50;
    std::vector<pid_t> children;
    for (int p = 0; p < processes; ++p) {
        const pid_t child = fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            Diagnostics diag;
            std::optional<Records> records = Records::open(path, diag);
            bool done = records.has_value();
            for (int i = 0; i < each && done; ++i) done = records->add(trial(fmt::format("{} of {}", i, p)));
            _exit(done ? 0 : 1);
        }
        children.push_back(child);
    }
    for (const pid_t child : children) {
        int status = -1;
        waitpid(child, &status, 0);
        CHECK(status == 0);
    }
    CHECK(opened(path).all().size() == processes * each);
}

TEST_CASE("a process that is killed has lost nothing that it had added") {
    const std::string path = fresh_path("killed");
    int told[2];
    REQUIRE(pipe(told) == 0);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        Diagnostics diag;
        std::optional<Records> records = Records::open(path, diag);
        for (int i = 0; records; ++i) {
            if (!records->add(trial(std::to_string(i))) || write(told[1], "+", 1) != 1) break;
        }
        _exit(1);
    }
    std::size_t added = 0;
    for (char mark = 0; added < 100 && read(told[0], &mark, 1) == 1;) ++added;
    REQUIRE(added == 100);
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    close(told[1]);
    for (char mark = 0; read(told[0], &mark, 1) == 1;) ++added;
    close(told[0]);
    const std::size_t kept = known(opened(path)).size();
    CHECK(kept >= added);
    CHECK(kept <= added + 1);
}

TEST_CASE("a damaged file is set aside with a warning, and a new one begun") {
    const std::string path = fresh_path("damaged");
    {
        Records records = opened(path);
        for (int i = 0; i < 500; ++i) records.add(trial(std::to_string(i)));
    }
    SUBCASE("at its beginning") {
        overwrite(path, 0, 100);
    }
    SUBCASE("in its middle") {
        overwrite(path, 4096, 8192);
    }
    SUBCASE("behind which it was cut off") {
        fs::resize_file(path, fs::file_size(path) / 2);
    }
    const auto damaged_bytes = fs::file_size(path);
    Diagnostics diag;
    std::optional<Records> records = Records::open(path, diag);
    REQUIRE(records);
    CHECK(records->all().empty());
    CHECK(records->add(trial("new")));
    REQUIRE(diag.all().size() == 1);
    CHECK(diag.all()[0].message.starts_with("'" + path + "' is damaged; it is now '" + path + ".damaged-2"));
    CHECK_FALSE(diag.has_errors());
    bool kept = false;
    for (const fs::directory_entry& entry : fs::directory_iterator(fs::path(path).parent_path()))
        kept = kept || (entry.path().string().starts_with(path + ".damaged-") && entry.file_size() == damaged_bytes);
    CHECK(kept);
}

TEST_CASE("files that are no records stay as they are") {
    const std::string path = fresh_path("no_records");
    const std::string text = fs::path(path).replace_filename("net.hcn").string();
    std::ofstream(text) << "def net(x: float32[1]):\n    return x\n" << std::string(2000, '#');
    CHECK(error_of(text) == fmt::format("error[E0606]: '{}' holds no tuning records\n", text));

    SqlFile other;
    REQUIRE(other.open(path) == SQLITE_OK);
    REQUIRE(other.execute("CREATE TABLE songs (name TEXT)") == SQLITE_OK);
    CHECK(error_of(path) == fmt::format("error[E0606]: '{}' is another program's SQLite file\n", path));
}

TEST_CASE("a file of a newer version stays as it is") {
    const std::string path = fresh_path("newer");
    opened(path).add(trial("a"));
    {
        SqlFile file;
        REQUIRE(file.open(path) == SQLITE_OK);
        REQUIRE(file.execute("PRAGMA user_version=1000") == SQLITE_OK);
    }
    CHECK(error_of(path) == fmt::format("error[E0606]: '{}' was written by a newer version of Halcyon\n", path));
}

}  // namespace halcyon::testing
