#include "backend/kernel_worker.h"

#include <iostream>
#include <iterator>
#include <optional>

#include <Halide.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "backend/memory_file.h"
#include "backend/prefetch_hints.h"
#include "backend/scratch_size.h"
#include "kernels/common/built_kernel.h"
#include "kernels/common/fetch_ahead.h"
#include "kernels/kernel_family.h"
#include "support/check.h"

namespace halcyon {
namespace {

Halide::Module lower(const Task& task, const Candidate& candidate, const TargetInfo& target) {
    const KernelFamily* family = find_kernel_family(candidate.family);
    CHECK_INTERNAL(family != nullptr);
    if (!family->legal(task, candidate, target)) {
        internal_error(__FILE__, __LINE__,
                       fmt::format("illegal candidate for {}: {}", to_text(task), to_text(candidate, task)));
    }
#ifdef __SANITIZE_ADDRESS__
    // Halide's own stack for compiling is not known to AddressSanitizer.
    Halide::set_compiler_stack_size(0);
#endif
    const BuiltKernel kernel = family->build(task, candidate, target);
    // Backtraces mean unwind tables, for debuggers and profilers; they cost one register that kernels do not miss.
    const Halide::Target options = Halide::Target(target.halide)
                                       .with_feature(Halide::Target::EnableBacktraces)
                                       .with_feature(Halide::Target::NoRuntime)
                                       .with_feature(Halide::Target::NoAsserts)
                                       .with_feature(Halide::Target::NoBoundsQuery)
                                       .with_feature(Halide::Target::UserContext);
    Halide::Pipeline pipeline(kernel.output);
    if (!kernel.streamed.empty()) fetch_ahead(pipeline, kernel.streamed);
    return pipeline.compile_to_module(kernel.arguments, std::string(kernel_symbol), options,
                                      Halide::LinkageType::External);
}

std::string written(const Halide::Module& module, Halide::OutputFileType type) {
    const MemoryFile file;
    module.compile({{type, file.path()}});
    return file.contents();
}

nlohmann::json target_to_json(const TargetInfo& target) {
    return {{"name", target.name}, {"halide", target.halide}};
}

TargetInfo target_from_json(const nlohmann::json& json) {
    std::string why;
    std::optional<TargetInfo> target = find_target(json.at("name").get<std::string>(), why);
    if (!target || target->halide != json.at("halide").get<std::string>()) {
        internal_error(__FILE__, __LINE__, "a worker knows its target by another name: " + why);
    }
    return *target;
}

}  // namespace

CompiledKernel compile_here(const Task& task, const Candidate& candidate, const TargetInfo& target) {
    const Halide::Module module = lower(task, candidate, target);
    const ScratchSize scratch = scratch_size(module, std::string(kernel_symbol));
    std::string object = written(module, Halide::OutputFileType::object);
    if (target.fetches_ahead) object = keep_prefetched(std::move(object));
    return {std::move(object), scratch.calling_worker, scratch.further_worker};
}

std::string format_here(const Task& task, const Candidate& candidate, const TargetInfo& target, KernelFormat format) {
    const Halide::Module module = lower(task, candidate, target);
    switch (format) {
    case KernelFormat::statement: return written(module, Halide::OutputFileType::stmt);
    case KernelFormat::llvm: return written(module, Halide::OutputFileType::llvm_assembly);
    case KernelFormat::assembly: return keep_prefetched_text(written(module, Halide::OutputFileType::assembly));
    case KernelFormat::object: break;
    }
    internal_error(__FILE__, __LINE__, "an unknown format of kernels");
}

std::string worker_request(const Task& task, const Candidate& candidate, const TargetInfo& target,
                           KernelFormat format) {
    return nlohmann::json{{"task", to_json(task)},
                          {"candidate", to_json(candidate)},
                          {"target", target_to_json(target)},
                          {"format", static_cast<int>(format)}}
        .dump();
}

std::string worker_answer(const CompiledKernel& kernel) {
    const nlohmann::json head{{"bytes", kernel.object.size()},
                              {"scratch", kernel.scratch_bytes},
                              {"worker_scratch", kernel.worker_scratch_bytes}};
    return head.dump() + "\n" + kernel.object;
}

std::optional<CompiledKernel> read_worker_answer(std::string_view answer) {
    const std::size_t line_end = answer.find('\n');
    if (line_end == std::string_view::npos) return std::nullopt;
    const nlohmann::json head = nlohmann::json::parse(answer.substr(0, line_end), nullptr, false);
    const auto has_number = [&](const char* key) { return head.contains(key) && head.at(key).is_number_integer(); };
    if (!head.is_object() || !has_number("bytes") || !has_number("scratch") || !has_number("worker_scratch")) {
        return std::nullopt;
    }
    const std::string_view bytes = answer.substr(line_end + 1);
    if (head.at("bytes").get<std::uint64_t>() != bytes.size()) return std::nullopt;
    return CompiledKernel{std::string(bytes), head.at("scratch").get<std::int64_t>(),
                          head.at("worker_scratch").get<std::int64_t>()};
}

int run_kernel_worker() {
    const std::string text{std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
    const nlohmann::json request = nlohmann::json::parse(text);
    const Task task = task_from_json(request.at("task"));
    const Candidate candidate = candidate_from_json(request.at("candidate"));
    const TargetInfo target = target_from_json(request.at("target"));
    const KernelFormat format = static_cast<KernelFormat>(request.at("format").get<int>());
    const std::string answer = worker_answer(format == KernelFormat::object
                                                 ? compile_here(task, candidate, target)
                                                 : CompiledKernel{format_here(task, candidate, target, format), 0, 0});
    std::cout.write(answer.data(), static_cast<std::streamsize>(answer.size())).flush();
    return std::cout ? 0 : 70;
}

}  // namespace halcyon
