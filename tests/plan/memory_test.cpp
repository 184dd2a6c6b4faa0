#include "plan/memory.h"

#include <doctest/doctest.h>

#include <random>

namespace halcyon {
namespace {

bool alive_together(const Lifetime& a, const Lifetime& b) {
    return a.first <= b.last && b.first <= a.last;
}

/// The most bytes alive during one call, each buffer rounded up to 64.
std::int64_t most_alive(const std::vector<Lifetime>& buffers, int calls) {
    std::int64_t most = 0;
    for (int call = 0; call < calls; ++call) {
        std::int64_t alive = 0;
        for (const Lifetime& buffer : buffers) {
            if (buffer.first <= call && call <= buffer.last) alive += (buffer.bytes + 63) / 64 * 64;
        }
        most = std::max(most, alive);
    }
    return most;
}

void check_plan(const std::vector<Lifetime>& buffers, const MemoryPlan& plan, int calls) {
    REQUIRE(plan.offsets.size() == buffers.size());
    CHECK(plan.lower_bound == most_alive(buffers, calls));
    CHECK(plan.bytes >= plan.lower_bound);
    for (std::size_t i = 0; i < buffers.size(); ++i) {
        REQUIRE(plan.offsets[i] >= 0);
        REQUIRE(plan.offsets[i] % 64 == 0);
        REQUIRE(plan.offsets[i] + buffers[i].bytes <= plan.bytes);
        for (std::size_t j = 0; j < i; ++j) {
            if (!alive_together(buffers[i], buffers[j])) continue;
            const bool apart = plan.offsets[i] + buffers[i].bytes <= plan.offsets[j] ||
                               plan.offsets[j] + buffers[j].bytes <= plan.offsets[i];
            REQUIRE(apart);
        }
    }
}

}  // namespace

TEST_CASE("buffers that are alive together never overlap and lie within the arena") {
    std::mt19937 generator(1);
    const auto below = [&](int n) { return static_cast<int>(generator() % static_cast<unsigned>(n)); };
    for (int round = 0; round < 300; ++round) {
        const int calls = 1 + below(30);
        std::vector<Lifetime> buffers(static_cast<std::size_t>(below(40)));
        for (Lifetime& buffer : buffers) {
            buffer.bytes = 1 + below(round % 2 == 0 ? 10 : 5000);
            buffer.first = below(calls);
            buffer.last = std::min(calls - 1, buffer.first + below(6));
        }
        check_plan(buffers, plan_memory(buffers), calls);
    }
}

TEST_CASE("a chain of values needs two places") {
    const MemoryPlan plan = plan_memory({{640, 0, 1}, {640, 1, 2}, {640, 2, 3}, {640, 3, 4}});
    CHECK(plan.bytes == 1280);
    CHECK(plan.lower_bound == 1280);
}

TEST_CASE("a buffer goes into the smallest gap that holds it") {
    // Largest first: 0 at 0, 1 behind it, 2 in the room that 0 left, 3 in the smaller one beside it.
    const std::vector<Lifetime> buffers{{1024, 0, 1}, {512, 0, 3}, {256, 2, 3}, {768, 2, 3}};
    const MemoryPlan plan = plan_memory(buffers);
    CHECK(plan.offsets == std::vector<std::int64_t>{0, 1024, 768, 0});
    CHECK(plan.bytes == plan.lower_bound);
}

TEST_CASE("plans take little more than what is alive at once: half a percent on average, a tenth at most") {
    std::mt19937 generator(2);
    const auto below = [&](int n) { return static_cast<int>(generator() % static_cast<unsigned>(n)); };
    constexpr int rounds = 300;
    double sum = 0.0;
    for (int round = 0; round < rounds; ++round) {
        std::vector<Lifetime> buffers(1 + static_cast<std::size_t>(below(60)));
        for (Lifetime& buffer : buffers) {
            buffer.bytes = 64 * (1 + below(100));
            buffer.first = below(40);
            buffer.last = buffer.first + 1 + below(6);
        }
        const MemoryPlan plan = plan_memory(buffers);
        const double growth = static_cast<double>(plan.bytes) / static_cast<double>(plan.lower_bound);
        CHECK(growth <= 1.1);
        sum += growth;
    }
    CHECK(sum / rounds <= 1.005);
}

TEST_CASE("no buffers need no memory") {
    CHECK(plan_memory({}).bytes == 0);
    CHECK(plan_memory({}).lower_bound == 0);
}

}  // namespace halcyon
