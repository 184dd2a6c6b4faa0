#include "commands/common/model_options.h"

namespace halcyon {
namespace {

constexpr int most_threads = 1024;
constexpr std::int64_t most_items = 1 << 20;

std::string refuse_list(const std::string& text, const char* what) {
    return text.find(',') == std::string::npos ? ""
                                               : std::string("one ") + what + " per library; compile once for each";
}

}  // namespace

void add_model_options(CLI::App& app, CompileOptions& options) {
    app.add_option("SPEC", options.spec, "the spec, file.hcn or file.hcn:model")->required();
    app.add_option("--weights", options.weights.file,
                   "weights: .safetensors or .npz (default: SPEC.safetensors beside the spec)")
        ->type_name("FILE");
    app.add_option("--initialize", options.weights.initialize,
                   "random weights by each layer's initializer, from this seed")
        ->type_name("SEED");
    app.add_option("--target", options.target, "what to compile for: see `halcyon targets`")
        ->type_name("TARGET")
        ->capture_default_str()
        ->check([](const std::string& text) { return refuse_list(text, "target"); });
    app.add_option("--schedules", options.schedules,
                   "schedules (default: SPEC.hcs beside the spec, else chosen by cost)")
        ->type_name("FILE");
    app.add_option("--threads", options.threads, "the most threads that will work on one call")
        ->type_name("N")
        ->capture_default_str()
        ->check(CLI::Range(1, most_threads));
}

void add_batch_option(CLI::App& app, CompileOptions& options) {
    app.add_option("--batch", options.batch, "items that one call computes")
        ->type_name("N")
        ->capture_default_str()
        ->check([](const std::string& text) { return refuse_list(text, "batch size"); })
        ->check(CLI::Range(std::int64_t{1}, most_items));
}

}  // namespace halcyon
