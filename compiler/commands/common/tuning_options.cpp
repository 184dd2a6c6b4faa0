#include "commands/common/tuning_options.h"

#include "commands/common/model_options.h"
#include "commands/common/tuning_progress.h"
#include "tune/shard.h"

namespace halcyon {

void add_tuning_options(CLI::App& app, TuningOptions& options) {
    options.compile.weights.initialize_missing = true;
    add_model_options(app, options.compile);
    add_batch_option(app, options.compile);
    app.get_option("--schedules")->description("what is improved and written (default: SPEC.hcs beside the spec)");
    app.add_option("--budget", options.budget, "time for all: 90s, 10m, 2h (default: until little is left to find)")
        ->type_name("TIME")
        ->check([](const std::string& text) { return parse_duration(text) ? "" : "wants a time: 90s, 10m, 2h"; });
    app.add_option("--trials", options.trials, "the most candidates to measure, besides those that records know")
        ->type_name("N");
    app.add_option("--effort", options.effort,
                   "low: the most promising of each task; medium; high: many, measured longer")
        ->type_name("EFFORT")
        ->capture_default_str()
        ->check(CLI::IsMember({"low", "medium", "high"}));
    app.add_option("--records", options.records,
                   "what was measured, for this and later runs (default: halcyon/records.db in XDG_STATE_HOME or "
                   "~/.local/state)")
        ->type_name("DB");
    app.add_option(
           "--runner", options.runner.command,
           "measures through this command, on another machine or an emulator: it gets the path of a static program "
           "and passes on what that prints")
        ->type_name("CMD");
    app.add_option("--runner-timeout", options.runner_timeout,
                   "what the runner may take besides the measurement itself")
        ->type_name("TIME")
        ->capture_default_str()
        ->check([](const std::string& text) { return parse_duration(text) ? "" : "wants a time: 30s, 2m"; });
    app.add_option(
           "--cc", options.runner.compiler,
           "the C compiler that links the runner's programs (default: cc, or as aarch64-linux-gnu-gcc for another "
           "machine)")
        ->type_name("CC");
    app.add_option(
           "--shard", options.shard,
           "only tasks I, I + N, ... of the model, and only into records: `records merge` and `tune --trials 0` make "
           "schedules of all shards")
        ->type_name("I/N")
        ->check(
            [](const std::string& text) { return parse_shard(text) ? "" : "wants one of some parts: 1/4 ... 4/4"; });
}

}  // namespace halcyon
