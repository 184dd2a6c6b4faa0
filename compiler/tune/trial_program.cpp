#include "tune/trial_program.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>

#include <fmt/format.h>

#include "backend/driver.h"
#include "backend/library.h"
#include "backend/linker.h"
#include "backend/names.h"
#include "backend/objects.h"
#include "backend/program_objects.h"
#include "backend/weights_file.h"
#include "support/file_system.h"
#include "tune/command_process.h"
#include "tune/trial_memory.h"
#include "tune/trial_sources.h"

namespace halcyon {
namespace {

namespace fs = std::filesystem;

constexpr int kernel_blocks = 4;
constexpr int network_blocks = 8;
constexpr double most_link_seconds = 120.0;

/// The program as an entrant: a library of one function, whose weights come from a file.
TrialPlan::Entrant entrant_of(Program program, const std::vector<CompiledKernel>& kernels, const std::string& blob,
                              std::size_t number) {
    program.model = fmt::format("trial_{}", number);
    const std::vector<Variant> variants{{program, kernels}};
    TrialPlan::Entrant entrant;
    entrant.run = interface_names(program).run;
    entrant.object =
        hide_symbols(merge_objects(program_objects(variants, {.weights_file = true}), program.target), {entrant.run});
    const WorkspaceSize size = workspace_size(program, kernels);
    entrant.workspace_bytes = size.first_worker + size.further_worker * (program.threads - 1);
    entrant.weights = weights_file(variants, blob);
    entrant.weights_bytes = static_cast<std::int64_t>(entrant.weights.size());
    return entrant;
}

/// A program of one call.
Program program_of(const Problem& problem, const Candidate& candidate, std::string& blob) {
    Program program;
    program.target = problem.target;
    program.threads = problem.task.threads;
    program.kernels.push_back({problem.task, candidate, "candidate"});
    KernelCall call;
    call.layer = "candidate";
    for (std::size_t i = 0; i < problem.task.inputs.size(); ++i) {
        program.inputs.push_back({fmt::format("x{}", i), problem.task.inputs[i]});
        call.arguments.push_back({Place::Kind::input, static_cast<int>(i), 0});
    }
    for (std::size_t k = 0; k < problem.task.constants.size(); ++k) {
        call.arguments.push_back({Place::Kind::constant, 0, static_cast<std::int64_t>(blob.size())});
        blob += packed_bytes(problem, candidate, k);
        blob.resize(static_cast<std::size_t>(aligned(static_cast<std::int64_t>(blob.size()))));
    }
    program.constant_bytes = static_cast<std::int64_t>(blob.size());
    program.outputs.push_back({"y", problem.task.output});
    call.arguments.push_back({Place::Kind::output, 0, 0});
    program.calls.push_back(std::move(call));
    return program;
}

std::int64_t door_bytes(const Program& program, const Door& door) {
    return program.batch * element_count(door.type.shape) * bytes_of(door.type.element);
}

/// The plan as C, and the bytes that it points to.
struct PlanSource {
    std::string text, data;

    explicit PlanSource(const TrialPlan& plan, const std::string& data_path) {
        text = fmt::format(
            "#include \"trial.h\"\n"
            "__asm__(\".section .rodata\\n.balign 64\\n.globl trial_data\\ntrial_data:\\n.incbin \\\"{}\\\"\\n"
            ".previous\\n\");\n"
            "extern const unsigned char trial_data[];\n",
            data_path);
        for (const TrialPlan::Entrant& entrant : plan.entrants)
            text += fmt::format("int {}(const void*, void*, size_t, const halcyon_executor*);\n", entrant.run);
        std::string inputs;
        for (const auto& [bytes, size, first] : plan.inputs)
            inputs += fmt::format("    {{{}, {}, {}}},\n", place_of(bytes), size, first);
        std::string outputs;
        for (const auto& [expected, size, first] : plan.outputs)
            outputs += fmt::format("    {{{}, {}, {}}},\n", place_of(expected), size, first);
        std::string entrants;
        for (const TrialPlan::Entrant& one : plan.entrants)
            entrants += fmt::format("    {{{}, {}, {}, {}, {}, {}, {:.17g}}},\n", one.run, one.workspace_bytes,
                                    place_of(one.weights), one.weights_bytes, one.weights.size(), one.copies,
                                    std::min(one.max_error, std::numeric_limits<double>::max()));
        // C has no empty arrays.
        text += fmt::format("static const trial_input inputs[] = {{\n{}    {{0}}\n}};\n"
                            "static const trial_output outputs[] = {{\n{}    {{0}}\n}};\n"
                            "static const trial_entrant entrants[] = {{\n{}    {{0}}\n}};\n"
                            "const trial_plan trial = {{{}, {:.17g}, {}, inputs, {}, outputs, {}, entrants, {}}};\n",
                            inputs, outputs, entrants, plan.threads, plan.seconds, plan.least_blocks,
                            plan.inputs.size(), plan.outputs.size(), plan.entrants.size());
    }

private:
    std::string place_of(const std::string& bytes) {
        if (bytes.empty()) return "0";
        const std::size_t place = data.size();
        data += bytes;
        data.resize(static_cast<std::size_t>(aligned(static_cast<std::int64_t>(data.size()))));
        return fmt::format("trial_data + {}", place);
    }
};

bool write(const std::string& path, std::string_view bytes, std::string& why) {
    std::ofstream file(path, std::ios::binary);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    file.close();
    if (!file) why = fmt::format("cannot write the temporary file {}", path);
    return static_cast<bool>(file);
}

}  // namespace

struct TrialLinker::Folder {
    std::string path;
    explicit Folder(std::string made) : path(std::move(made)) {}
    ~Folder() {
        std::error_code ignored;
        fs::remove_all(path, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    [[nodiscard]] std::string file(std::string_view name) const { return join_path(path, name); }
};

TrialPlan trial_plan(const Problem& problem, std::span<const Contestant> contestants, double seconds) {
    TrialPlan plan{.threads = problem.task.threads, .seconds = seconds, .least_blocks = kernel_blocks};
    for (std::size_t i = 0; i < problem.task.inputs.size(); ++i) {
        const TensorType& type = problem.task.inputs[i];
        const Extent extent = extent_of(problem.layouts.inputs[i], type.shape);
        const std::int64_t bytes = bytes_of(type.element);
        plan.inputs.push_back({problem.input_bytes[i], extent.count * bytes, extent.first * bytes});
    }
    const Extent extent = extent_of(problem.layouts.output, problem.task.output.shape);
    constexpr std::int64_t float_bytes = sizeof(float);
    plan.outputs.push_back({bytes_in_layout(problem.expected, ElementType::float32, problem.layouts.output),
                            extent.count * float_bytes, extent.first * float_bytes});
    std::int64_t constant_bytes = 0;
    for (std::size_t i = 0; i < contestants.size(); ++i) {
        std::string blob;
        const Program program = program_of(problem, contestants[i].candidate, blob);
        constant_bytes += program.constant_bytes;
        plan.entrants.push_back(entrant_of(program, {contestants[i].kernel}, blob, i));
        plan.entrants.back().max_error = contestants[i].max_error;
    }
    for (TrialPlan::Entrant& entrant : plan.entrants) entrant.copies = copies_of_constants(problem, constant_bytes);
    return plan;
}

TrialPlan trial_plan(std::span<const BuiltNetwork> networks, double seconds) {
    const Program& first = networks.front().program;
    TrialPlan plan{.threads = first.threads, .seconds = seconds, .least_blocks = network_blocks};
    for (const Door& door : first.inputs) plan.inputs.push_back({"", door_bytes(first, door), 0});
    for (const Door& door : first.outputs) plan.outputs.push_back({"", door_bytes(first, door), 0});
    for (std::size_t i = 0; i < networks.size(); ++i) {
        const auto& [program, kernels, blob] = networks[i];
        TrialPlan::Entrant entrant = entrant_of(program, kernels, blob, i);
        entrant.weights.resize(entrant.weights.size() - blob.size());  // megabytes that would say nothing
        plan.entrants.push_back(std::move(entrant));
    }
    return plan;
}

std::string TrialLinker::usual_compiler(const TargetInfo& target) {
    const std::string architecture = target.triple.substr(0, target.triple.find('-'));
#if defined(__x86_64__)
    const std::string here = "x86_64";
#elif defined(__aarch64__)
    const std::string here = "aarch64";
#else
    const std::string here;
#endif
    if (architecture == here) return "cc";
    return architecture == "x86_64" || architecture == "aarch64" ? architecture + "-linux-gnu-gcc" : "";
}

std::optional<TrialLinker> TrialLinker::make(const TargetInfo& target, const std::string& compiler, std::string& why) {
    std::error_code error;
    std::string pattern = (fs::absolute(fs::temp_directory_path(error)) / "halcyon-trial-XXXXXX").string();
    if (error || mkdtemp(pattern.data()) == nullptr) {
        why = fmt::format("cannot make the temporary folder {}: {}", pattern, std::strerror(errno));
        return std::nullopt;
    }
    auto folder = std::make_shared<const Folder>(pattern);
    if (pattern.find_first_of("\"\\\n") != std::string::npos) {
        why = fmt::format("the temporary folder {} cannot be named in a C file", pattern);
        return std::nullopt;
    }
    fs::create_directory(folder->file("halcyon"), error);
    for (const TrialSource& source : trial_sources())
        if (!write(folder->file(source.name), source.text, why)) return std::nullopt;
    for (const char* name : {"trial", "pool"}) {
        const CommandEnd end =
            run_command(compiler,
                        {"-std=gnu11", "-O2", "-pthread", "-I", folder->path, "-c",
                         folder->file(fmt::format("{}.c", name)), "-o", folder->file(fmt::format("{}.o", name))},
                        most_link_seconds);
        if (end.ending == CommandEnd::Ending::done) continue;
        why = fmt::format("the C compiler '{}' does not work: {}", compiler, end.how);
        return std::nullopt;
    }
    return TrialLinker(target, compiler, std::move(folder));
}

std::optional<std::string> TrialLinker::link(const TrialPlan& plan, std::string& why) const {
    const std::string data_path = folder_->file("data");
    const PlanSource source(plan, data_path);
    const std::string program = folder_->file("trial");
    std::vector<std::string> words{"-static",
                                   "-O1",
                                   "-pthread",
                                   "-I",
                                   folder_->path,
                                   folder_->file("trial.o"),
                                   folder_->file("pool.o"),
                                   folder_->file("plan.c")};
    if (!write(data_path, source.data, why) || !write(folder_->file("plan.c"), source.text, why)) return std::nullopt;
    // The target's own code is always among the inputs, so that a compiler for another machine shows at once.
    if (!write(folder_->file("target.o"), emit_empty_object(target_), why)) return std::nullopt;
    words.push_back(folder_->file("target.o"));
    for (std::size_t i = 0; i < plan.entrants.size(); ++i) {
        words.push_back(folder_->file(fmt::format("entrant_{}.o", i)));
        if (!write(words.back(), plan.entrants[i].object, why)) return std::nullopt;
    }
    words.insert(words.end(), {"-lm", "-o", program});
    const CommandEnd end = run_command(compiler_, words, most_link_seconds);
    if (end.ending == CommandEnd::Ending::done) return program;
    why = fmt::format("'{}' cannot link a static program for '{}': {}", compiler_, target_.name, end.how);
    return std::nullopt;
}

}  // namespace halcyon
