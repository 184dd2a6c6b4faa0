#include "halcyon/pool.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <ctime>
#include <thread>
#include <vector>

namespace {

struct Loop {
    std::vector<std::atomic<int>> seen;
    std::vector<std::atomic<int>> busy;
    std::atomic<int> mistakes{0};
    Loop(int count, int workers) : seen(count), busy(workers) {}
};

void visit(void* context, int index, int worker) {
    auto* loop = static_cast<Loop*>(context);
    if (worker < 0 || worker >= static_cast<int>(loop->busy.size()) || loop->busy[worker]++ != 0) ++loop->mistakes;
    ++loop->seen[index];
    --loop->busy[worker];
}

int mistakes_of_loops(const halcyon_executor& executor, int loops) {
    int mistakes = 0;
    for (int i = 0; i < loops; ++i) {
        Loop loop(1 + i % 17, executor.worker_count);
        executor.parallel_for(executor.context, visit, &loop, static_cast<int>(loop.seen.size()));
        mistakes += loop.mistakes;
        for (const std::atomic<int>& seen : loop.seen) mistakes += seen != 1;
    }
    return mistakes;
}

}  // namespace

TEST_CASE("a pool visits every index once, no worker twice at a time") {
    halcyon_pool* pool = halcyon_pool_create(4);
    REQUIRE(pool != nullptr);
    CHECK(halcyon_pool_executor(pool).worker_count == 4);
    CHECK(mistakes_of_loops(halcyon_pool_executor(pool), 5000) == 0);
    halcyon_pool_destroy(pool);
}

TEST_CASE("a pool wakes up after it slept") {
    halcyon_pool* pool = halcyon_pool_create(3);
    REQUIRE(pool != nullptr);
    for (int i = 0; i < 20; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(3));
        CHECK(mistakes_of_loops(halcyon_pool_executor(pool), 3) == 0);
    }
    halcyon_pool_destroy(pool);
}

TEST_CASE("a pool uses no CPU from 5 ms after a loop on") {
    halcyon_pool* pool = halcyon_pool_create(4);
    REQUIRE(pool != nullptr);
    const auto cpu_milliseconds = [] {
        timespec time{};
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
        return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) * 1e-6;
    };
    CHECK(mistakes_of_loops(halcyon_pool_executor(pool), 100) == 0);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    const double before = cpu_milliseconds();
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    CHECK(cpu_milliseconds() - before < 1.0);  // three threads that go on spinning take 300
    halcyon_pool_destroy(pool);
}

TEST_CASE("several threads may use one pool at once") {
    halcyon_pool* pool = halcyon_pool_create(3);
    REQUIRE(pool != nullptr);
    std::atomic<int> mistakes{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] { mistakes += mistakes_of_loops(halcyon_pool_executor(pool), 1000); });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(mistakes == 0);
    halcyon_pool_destroy(pool);
}

TEST_CASE("a pool of one worker starts no thread, and one of none is refused") {
    halcyon_pool* pool = halcyon_pool_create(1);
    REQUIRE(pool != nullptr);
    CHECK(mistakes_of_loops(halcyon_pool_executor(pool), 10) == 0);
    halcyon_pool_destroy(pool);
    CHECK(halcyon_pool_create(0) == nullptr);
    halcyon_pool_destroy(nullptr);
}
