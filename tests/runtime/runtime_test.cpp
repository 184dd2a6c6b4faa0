// runtime/*.c compiled natively: what goes into every library.
#include <doctest/doctest.h>
#include <xxhash.h>

#include <cstring>
#include <random>
#include <string>
#include <vector>

extern "C" {
#include "cpu.h"
#include "weights.h"
#include "workspace.h"

void* halide_malloc(void* user_context, std::size_t bytes);
void halide_free(void* user_context, void* pointer);
int halide_do_par_for(void* user_context, int (*task)(void*, int, std::uint8_t*), int first, int count,
                      std::uint8_t* closure);
}

namespace {

constexpr std::size_t own = sizeof(halcyon_worker);

struct Workspace {
    alignas(64) std::uint8_t bytes[8192];
    halcyon_worker* begin(const halcyon_needs& needs, const halcyon_executor* executor = nullptr) {
        REQUIRE(halcyon_begin(&needs, bytes, sizeof bytes, executor) == HALCYON_OK);
        return reinterpret_cast<halcyon_worker*>(bytes + needs.buffer_bytes);
    }
};

struct Record {
    int tasks = 0;
    std::vector<void*> contexts;
};

int count_task(void* context, int, std::uint8_t* closure) {
    auto* record = reinterpret_cast<Record*>(closure);
    ++record->tasks;
    record->contexts.push_back(context);
    return 0;
}

int nested_task(void* context, int, std::uint8_t* closure) {
    return halide_do_par_for(context, count_task, 0, 3, closure);
}

void backwards(void*, void (*task)(void*, int, int), void* task_context, int count) {
    for (int i = count - 1; i >= 0; --i) task(task_context, i, i % 2);
}
const halcyon_executor two_workers{nullptr, 2, backwards};

}  // namespace

TEST_CASE("an arena serves exactly what it was sized for") {
    Workspace workspace;
    halcyon_worker* worker = workspace.begin({0, 3 * 128, 0, 0, 0});
    std::uint8_t* first = static_cast<std::uint8_t*>(halide_malloc(worker, 64));
    CHECK(first == workspace.bytes + own + 64);
    CHECK(halide_malloc(worker, 1) == first + 128);
    CHECK(halide_malloc(worker, 65) == nullptr);
    CHECK(halide_malloc(worker, SIZE_MAX) == nullptr);
    CHECK(halide_malloc(worker, 64) == first + 256);
    CHECK(halide_malloc(worker, 0) == nullptr);
}

TEST_CASE("a block freed below others is given back with the last of those") {
    Workspace workspace;
    halcyon_worker* worker = workspace.begin({0, 4 * 128, 0, 0, 0});
    void* first = halide_malloc(worker, 64);
    void* second = halide_malloc(worker, 64);
    void* third = halide_malloc(worker, 64);
    halide_free(worker, second);
    halide_free(worker, first);
    halide_free(worker, nullptr);
    CHECK(halide_malloc(worker, 128) == nullptr);
    halide_free(worker, third);
    CHECK(halide_malloc(worker, 448) == first);
}

TEST_CASE("a parallel loop without executor runs in the calling worker") {
    Workspace workspace;
    halcyon_worker* worker = workspace.begin({0, 0, 0, 1, 0});
    Record record;
    CHECK(halide_do_par_for(worker, count_task, 5, 4, reinterpret_cast<std::uint8_t*>(&record)) == 0);
    CHECK(record.contexts == std::vector<void*>(4, worker));
}

TEST_CASE("every worker has its own part behind the first one's") {
    Workspace workspace;
    halcyon_worker* worker = workspace.begin({128, 256, 64, 1, 0}, &two_workers);
    Record record;
    CHECK(halide_do_par_for(worker, count_task, 0, 3, reinterpret_cast<std::uint8_t*>(&record)) == 0);
    void* second = workspace.bytes + 128 + own + 256;
    CHECK(record.contexts == std::vector<void*>{worker, second, worker});
    CHECK(halide_malloc(second, 0) == workspace.bytes + 128 + own + 256 + own + 64);
    CHECK(halide_malloc(second, 0) == nullptr);
}

TEST_CASE("a loop inside of a task runs in that task's worker") {
    Workspace workspace;
    halcyon_worker* worker = workspace.begin({0, 64, 64, 1, 0}, &two_workers);
    Record record;
    halide_do_par_for(worker, nested_task, 0, 2, reinterpret_cast<std::uint8_t*>(&record));
    void* second = workspace.bytes + own + 64;
    CHECK(record.contexts == std::vector<void*>{second, second, second, worker, worker, worker});
}

TEST_CASE("a task that fails makes the run fail") {
    Workspace workspace;
    halcyon_worker* worker = workspace.begin({0, 0, 0, 1, 0}, &two_workers);
    const auto fail = [](void*, int, std::uint8_t*) { return 1; };
    CHECK(halide_do_par_for(worker, fail, 0, 2, nullptr) == HALCYON_ERROR_KERNEL);
    CHECK(halcyon_end(worker, HALCYON_OK) == HALCYON_ERROR_KERNEL);
}

TEST_CASE("the hash of weights is XXH64") {
    std::mt19937 random(1);
    std::string bytes;
    for (int size = 0; size < 200; ++size) {
        CHECK(halcyon_hash(bytes.data(), bytes.size()) == XXH64(bytes.data(), bytes.size(), 0));
        bytes += static_cast<char>(random());
    }
}

TEST_CASE("a workspace is asked for the workers that a program can use") {
    Workspace workspace;
    const halcyon_executor many{nullptr, 2147483647, backwards};
    const halcyon_needs serial{0, 64, 64, 0, 0}, parallel{0, 64, 64, 1, 0};
    CHECK(halcyon_begin(&serial, workspace.bytes, own + 64, &many) == HALCYON_OK);
    CHECK(halcyon_begin(&parallel, workspace.bytes, sizeof workspace.bytes, &many) == HALCYON_ERROR_WORKSPACE_SIZE);
}

TEST_CASE("the CPU has what this program was compiled for, and not what no CPU has") {
    CHECK(halcyon_cpu_has(0));
    CHECK_FALSE(halcyon_cpu_has(UINT32_C(1) << 29));
#if defined(__x86_64__)
    CHECK(halcyon_cpu_has(HALCYON_CPU_AVX2) == (__builtin_cpu_supports("avx2") != 0));
    CHECK(halcyon_cpu_has(HALCYON_CPU_FMA) == (__builtin_cpu_supports("fma") != 0));
    CHECK(halcyon_cpu_has(HALCYON_CPU_AVX512_SKYLAKE) ==
          (__builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq")));
#endif
}
