#include <algorithm>
#include <ctime>
#include <map>
#include <memory>

#include <nlohmann/json.hpp>

#include "commands/command.h"
#include "commands/common/table.h"
#include "commands/common/write_files.h"
#include "kernels/family_revision.h"
#include "schedule/records.h"

namespace halcyon::commands {
namespace {

constexpr std::uint64_t most_export_bytes = std::uint64_t{1} << 30;
constexpr std::string_view sqlite_magic = "SQLite format 3";
constexpr std::int64_t seconds_per_day = 86'400;

struct Options {
    std::string records;
    bool json = false;
    std::vector<std::string> sources;
    std::string output;
    std::optional<int> older_than;
    bool failed = false;
    CLI::App *list = nullptr, *merge = nullptr, *export_ = nullptr, *prune = nullptr;
};

bool is_of_now(const TrialRecord& record) {
    return record.revision == family_revision(record.family);
}

/// All trials of one task on one machine.
struct Summary {
    std::size_t trials = 0, failed = 0, outdated = 0;
    const TrialRecord* best = nullptr;
};

std::string existing_file(const Options& options, CommandContext& context) {
    std::string path = options.records.empty() ? default_records_file() : options.records;
    if (path.empty() || !context.files.exists(path)) {
        context.diag.error(Code::unusable_records, {}, "there are no records: '{}' does not exist", path).hint =
            "`halcyon tune` makes them; --records names another file";
        return "";
    }
    return path;
}

std::optional<Records> open_existing(const Options& options, CommandContext& context) {
    const std::string path = existing_file(options, context);
    return path.empty() ? std::nullopt : Records::open(path, context.diag);
}

int report_trouble(const Records& records, CommandContext& context) {
    if (records.trouble())
        context.diag.error(Code::unusable_records, {}, "the records cannot be used: {}", *records.trouble());
    return records.trouble() ? 1 : 0;
}

int list(const Options& options, CommandContext& context) {
    const std::optional<Records> records = open_existing(options, context);
    if (!records) return 1;
    const std::vector<TrialRecord> all = records->all();
    std::map<std::tuple<std::string, std::string, std::string>, Summary> tasks;
    for (const TrialRecord& record : all) {
        Summary& summary = tasks[{record.target, record.cpu, record.task}];
        ++summary.trials;
        if (!is_of_now(record)) {
            ++summary.outdated;
        } else if (record.status != TrialStatus::ok) {
            ++summary.failed;
        } else if (summary.best == nullptr || record.nanoseconds < summary.best->nanoseconds) {
            summary.best = &record;
        }
    }
    nlohmann::ordered_json json = nlohmann::ordered_json::array();
    Table table({"target", "CPU", ">trials", ">failed", ">outdated", ">best ms", "task", "candidate"});
    for (const auto& [key, summary] : tasks) {
        const auto& [target, cpu, task] = key;
        const std::string candidate = summary.best != nullptr ? summary.best->candidate : "";
        json.push_back({{"target", target},
                        {"cpu", cpu},
                        {"task", task},
                        {"trials", summary.trials},
                        {"failed", summary.failed},
                        {"outdated", summary.outdated}});
        if (summary.best != nullptr) {
            json.back()["best_ms"] = summary.best->nanoseconds * 1e-6;
            json.back()["candidate"] = candidate;
        }
        table.add({target, cpu, std::to_string(summary.trials), std::to_string(summary.failed),
                   std::to_string(summary.outdated),
                   summary.best != nullptr ? fmt::format("{:.4f}", summary.best->nanoseconds * 1e-6) : "", task,
                   candidate});
    }
    if (options.json)
        fmt::print("{}\n", json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
    else
        fmt::print("{}\n{} trials of {} tasks\n", table.text(), all.size(), tasks.size());
    return report_trouble(*records, context);
}

/// The records of a database or of an export.
std::optional<std::vector<TrialRecord>> read_source(const std::string& path, CommandContext& context) {
    const FileResult<std::string> text = context.files.read(path, most_export_bytes);
    if (const auto* error = std::get_if<FileError>(&text)) {
        context.diag.error(Code::unreadable_file, {}, "cannot read '{}': {}", path, error->message);
        return std::nullopt;
    }
    const auto& bytes = std::get<std::string>(text);
    if (bytes.starts_with(sqlite_magic)) {
        const std::optional<Records> records = Records::open(path, context.diag);
        if (!records) return std::nullopt;
        std::vector<TrialRecord> all = records->all();
        if (report_trouble(*records, context) != 0) return std::nullopt;
        return all;
    }
    std::vector<TrialRecord> all;
    std::size_t number = 0;
    for (std::size_t at = 0; at < bytes.size(); ++number) {
        const std::size_t end = std::min(bytes.find('\n', at), bytes.size());
        std::optional<TrialRecord> record = record_from_json_line(std::string_view(bytes).substr(at, end - at));
        if (!record) {
            context.diag.error(Code::unusable_records, {}, "line {} of '{}' is no record", number + 1, path);
            return std::nullopt;
        }
        all.push_back(*std::move(record));
        at = end + 1;
    }
    return all;
}

int merge(const Options& options, CommandContext& context) {
    const std::string path = options.records.empty() ? default_records_file() : options.records;
    if (path.empty()) {
        context.diag.error(Code::unusable_records, {}, "no place for records: neither HOME nor XDG_STATE_HOME is set")
            .hint = "--records names one";
        return 1;
    }
    std::vector<TrialRecord> all;
    for (const std::string& source : options.sources) {
        const auto part = read_source(source, context);
        if (!part) return 1;
        all.insert(all.end(), part->begin(), part->end());
    }
    std::optional<Records> records = Records::open(path, context.diag);
    if (!records) return 1;
    const std::optional<std::size_t> added = records->merge(all);
    if (added) fmt::print("'{}': {} of {} trials are new\n", path, *added, all.size());
    return report_trouble(*records, context);
}

int export_records(const Options& options, CommandContext& context) {
    const std::optional<Records> records = open_existing(options, context);
    if (!records) return 1;
    std::string text;
    for (const TrialRecord& record : records->all()) text += to_json_line(record) + "\n";
    if (report_trouble(*records, context) != 0) return 1;
    if (options.output.empty()) {
        fmt::print("{}", text);
        return 0;
    }
    return write_file(options.output, text, context.files, context.diag) ? 0 : 1;
}

int prune(const Options& options, CommandContext& context) {
    std::optional<Records> records = open_existing(options, context);
    if (!records) return 1;
    const std::int64_t now = std::time(nullptr);
    const auto is_unwanted = [&](const TrialRecord& record) {
        if (!is_of_now(record)) return true;
        if (options.failed && record.status != TrialStatus::ok) return true;
        return options.older_than && now - record.when > *options.older_than * seconds_per_day;
    };
    const std::optional<std::size_t> removed = records->remove(is_unwanted);
    if (removed) fmt::print("{} trials removed, {} kept\n", *removed, records->all().size());
    return report_trouble(*records, context);
}

std::function<int(CommandContext&)> declare(CLI::App& app) {
    const auto options = std::make_shared<Options>();
    app.require_subcommand(1);
    const auto add = [&](const char* name, const char* doc) {
        CLI::App* sub = app.add_subcommand(name, doc);
        sub->add_option("--records", options->records,
                        "the file (default: halcyon/records.db in XDG_STATE_HOME or ~/.local/state)")
            ->type_name("DB");
        return sub;
    };
    options->list = add("list", "What is known of each task on each machine.");
    options->list->add_flag("--json", options->json, "for machines");
    options->merge = add("merge", "Adds the trials of other files, databases or exports.");
    options->merge->add_option("FILE", options->sources, "what is added")->required();
    options->export_ = add("export", "All trials as text, one line of JSON each.");
    options->export_->add_option("-o,--output", options->output, "where to (default: standard output)")
        ->type_name("FILE");
    options->prune = add("prune", "Removes the trials of kernels that have changed since.");
    options->prune->add_option("--older-than", options->older_than, "also what is older")
        ->type_name("DAYS")
        ->check(CLI::NonNegativeNumber);
    options->prune->add_flag("--failed", options->failed, "also what crashed, hung or was wrong, to be tried again");
    return [options](CommandContext& context) {
        if (options->list->parsed()) return list(*options, context);
        if (options->merge->parsed()) return merge(*options, context);
        if (options->export_->parsed()) return export_records(*options, context);
        return prune(*options, context);
    };
}

}  // namespace

extern const Command records_command;
const Command records_command{"records", "Lists, merges, exports and prunes what `tune` has measured.", declare};

}  // namespace halcyon::commands
