#include "commands/common/model_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace halcyon {
namespace {

constexpr int most_threads = 1024;
constexpr std::int64_t most_items = 1 << 20;

std::string refuse_list(const std::string& text, const char* advice) {
    return text.find(',') == std::string::npos ? "" : advice;
}

/// "1,8" as numbers; empty unless each is from 1 to most_items and comes once.
std::vector<std::int64_t> parse_batches(const std::string& text) {
    std::vector<std::int64_t> batches;
    const char* at = text.data();
    const char* const end = at + text.size();
    while (true) {
        std::int64_t batch = 0;
        const auto [next, error] = std::from_chars(at, end, batch);
        if (error != std::errc() || batch < 1 || batch > most_items) return {};
        if (std::find(batches.begin(), batches.end(), batch) != batches.end()) return {};
        batches.push_back(batch);
        if (next == end) return batches;
        if (*next != ',') return {};
        at = next + 1;
    }
}

void add_target_option(CLI::App& app, CompileOptions& options, std::vector<std::string>* targets) {
    if (targets != nullptr) {
        app.add_option("--target", *targets,
                       "what to compile for: see `halcyon targets`; of several levels of x86-64 the library takes the "
                       "best that the CPU has")
            ->type_name("TARGET[,TARGET...]")
            ->delimiter(',')
            ->allow_extra_args(false)
            ->capture_default_str();
        return;
    }
    app.add_option("--target", options.target, "what to compile for: see `halcyon targets`")
        ->type_name("TARGET")
        ->capture_default_str()
        ->check([](const std::string& text) {
            return refuse_list(text, "one target at a time; only `compile` makes a library of several");
        });
}

}  // namespace

void add_model_options(CLI::App& app, CompileOptions& options, std::vector<std::string>* targets) {
    app.add_option("SPEC", options.spec, "the spec, file.hcn or file.hcn:model")->required();
    app.add_option("--weights", options.weights.file,
                   "weights: .safetensors, .npz, .keras or .h5 (default: SPEC.safetensors beside the spec)")
        ->type_name("FILE");
    app.add_option("--initialize", options.weights.initialize,
                   "random weights by each layer's initializer, from this seed")
        ->type_name("SEED");
    add_target_option(app, options, targets);
    app.add_option("--schedules", options.schedules,
                   "schedules (default: SPEC.hcs beside the spec, else chosen by cost)")
        ->type_name("FILE");
    app.add_option("--threads", options.threads, "the most threads that will work on one call")
        ->type_name("N")
        ->capture_default_str()
        ->check(CLI::Range(1, most_threads));
    app.add_option(
           "--max-error", options.max_error,
           "the most that a layer may be off by, as max |a - b| / max |reference|; algorithms beyond it are left out")
        ->type_name("X")
        ->capture_default_str()
        ->check(CLI::NonNegativeNumber);
    app.add_option("--optimize", options.optimize,
                   "what is built for: speed, with packed weights of up to twice their size, or size, with 2 % more")
        ->type_name("GOAL")
        ->capture_default_str()
        ->check(CLI::IsMember({"speed", "size"}));
    app.add_option("--weights-growth", options.weights_growth,
                   "what packed weights may take, as a multiple of their size (default: as --optimize has it)")
        ->type_name("X")
        ->check(CLI::Range(1.0, 100.0));
    app.add_flag("--exact", options.exact,
                 "leave out algorithms that round more than the layer's definition: Winograd");
}

void add_batch_option(CLI::App& app, CompileOptions& options) {
    app.add_option("--batch", options.batch, "items that one call computes")
        ->type_name("N")
        ->capture_default_str()
        ->check([](const std::string& text) { return refuse_list(text, "one batch size at a time"); })
        ->check(CLI::Range(std::int64_t{1}, most_items));
}

void add_batches_option(CLI::App& app, std::vector<std::int64_t>& batches) {
    app.add_option_function<std::string>(
           "--batch", [&batches](const std::string& text) { batches = parse_batches(text); },
           "items that one call computes; of several sizes, each further one has a function NAME_run_batchN [1]")
        ->type_name("N[,N...]")
        ->check([](const std::string& text) {
            return parse_batches(text).empty() ? fmt::format("wants sizes from 1 to {}, each once", most_items) : "";
        });
}

}  // namespace halcyon
