#include "backend/kernel_compiler.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "backend/shell.h"
#include "kernels/kernel_family.h"
#include "support/check.h"

using namespace halcyon;
using namespace halcyon::tests;

namespace {

/// Products of a row with a matrix.
Program kernels_with(const std::vector<std::int64_t>& unit_counts, const std::string& target) {
    Program program;
    std::string why;
    program.target = find_target(target, why).value();
    for (const std::int64_t units : unit_counts) {
        Kernel kernel;
        kernel.name = "dense_" + std::to_string(units);
        kernel.task.operation.op = Op::dense;
        kernel.task.inputs = {{ElementType::float32, {1, 9}}};
        kernel.task.output = {ElementType::float32, {1, units}};
        kernel.task.constants = {{9, units}};
        Candidate layouts;
        layouts.inputs = {dense_layout({1, 9})};
        layouts.output = dense_layout({1, units});
        kernel.candidate = candidates(*find_kernel_family("dense"), kernel.task, layouts, program.target).at(0);
        program.kernels.push_back(kernel);
    }
    return program;
}

Program three_kernels() {
    return kernels_with({8, 20, 40}, "x86-64-v3");
}

KernelCompileOptions options_with(const std::string& cache, int workers) {
    KernelCompileOptions options;
    options.cache_folder = cache;
    options.workers = workers;
    options.program_path = HALCYON_PROGRAM;
    return options;
}

std::vector<std::string> objects(const Program& program, const KernelCompileOptions& options) {
    Diagnostics diag;
    std::vector<std::string> bytes;
    for (const CompiledKernel& kernel : compile_kernels(program, options, diag)) bytes.push_back(kernel.object);
    CHECK(diag.all().empty());
    return bytes;
}

}  // namespace

TEST_CASE("every kernel is reported once when it is there, and before that when it is not in the cache") {
    const std::filesystem::path cache = std::filesystem::path(HALCYON_TEST_SCRATCH) / "reported_cache";
    std::filesystem::remove_all(cache);
    std::string news;
    KernelCompileOptions options = options_with(cache.string(), 1);
    options.report = [&](const KernelProgress& p) {
        news += (p.begins ? "begins " : "done ") + p.kernel.name + " " + std::to_string(p.done) + "/" +
                std::to_string(p.count) + ", ";
    };
    (void)objects(three_kernels(), options);
    CHECK(news == "begins dense_8 0/3, done dense_8 1/3, begins dense_20 1/3, done dense_20 2/3, "
                  "begins dense_40 2/3, done dense_40 3/3, ");
    news = "";
    (void)objects(three_kernels(), options);
    CHECK(news == "done dense_8 1/3, done dense_20 2/3, done dense_40 3/3, ");
}

TEST_CASE("objects are the same with one worker and several, with a cold, a warm and no cache, in any order") {
    const std::filesystem::path cache = std::filesystem::path(HALCYON_TEST_SCRATCH) / "compiler_cache";
    std::filesystem::remove_all(cache);
    Program program = three_kernels();
    const std::vector<std::string> first = objects(program, options_with("", 1));
    REQUIRE(first.size() == 3);
    CHECK(first[0] != first[1]);
    CHECK(objects(program, options_with(cache.string(), 3)) == first);
    CHECK(objects(program, options_with(cache.string(), 2)) == first);
    std::swap(program.kernels[0], program.kernels[2]);
    CHECK(objects(program, options_with("", 2)) == std::vector<std::string>{first[2], first[1], first[0]});
}

TEST_CASE("a cache that cannot be used is one warning") {
    Diagnostics diag;
    CHECK(compile_kernels(three_kernels(), options_with("/proc/none", 1), diag).size() == 3);
    REQUIRE(diag.all().size() == 1);
    CHECK(diag.all()[0].severity == Severity::warning);
    CHECK(code_text(diag.all()[0].code) == "E0508");
}

TEST_CASE("a worker that fails is a defect that names the task") {
    KernelCompileOptions options = options_with("", 1);
    options.program_path = "/bin/false";
    Diagnostics diag;
    std::string message;
    try {
        (void)compile_kernels(three_kernels(), options, diag);
    } catch (const InternalError& error) {
        message = error.what();
    }
    CHECK(message.find("the process that compiled dense_8 ended with exit status 1") != std::string::npos);
    CHECK(message.find("dense float32 1x9 -> 8") != std::string::npos);
}

TEST_CASE("kernels print as statement, LLVM code and assembly") {
    const Program program = three_kernels();
    const auto text = [&](KernelFormat format) {
        return emit_kernel(program.kernels[0], program.target, format, options_with("", 1));
    };
    CHECK(text(KernelFormat::statement).find("produce output") != std::string::npos);
    CHECK(text(KernelFormat::llvm).find("define") != std::string::npos);
    CHECK(text(KernelFormat::assembly).find("halcyon_kernel:") != std::string::npos);
}

TEST_CASE("what kernels prefetch stays in the caches, in objects and in assembly") {
    for (const char* target : {"x86-64-v2", "x86-64-v3", "x86-64-v4"}) {
        CAPTURE(target);
        const Program program = kernels_with({800}, target);
        const std::string assembly =
            emit_kernel(program.kernels[0], program.target, KernelFormat::assembly, options_with("", 1));
        const std::string path = fresh_folder("prefetching_kernel") + "/kernel.o";
        write_file(path, objects(program, options_with("", 1)).at(0));
        // GNU's disassembler, since LLVM's found the instructions.
        for (const std::string& text : {assembly, must("objdump -d '" + path + "'")}) {
            CHECK(text.find("prefetcht0") != std::string::npos);
            CHECK(text.find("prefetchnta") == std::string::npos);
        }
    }
    const Program elsewhere = kernels_with({800}, "arm-64-linux");
    CHECK(
        emit_kernel(elsewhere.kernels[0], elsewhere.target, KernelFormat::assembly, options_with("", 1)).find("prfm") ==
        std::string::npos);
}
