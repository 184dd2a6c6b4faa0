#include "schedule/network_plan.h"

#include <doctest/doctest.h>

using namespace halcyon;

namespace {

/// What an entry for the network "net" with this line gives.
struct Reading {
    explicit Reading(const std::string& line) {
        const std::string text =
            "halcyon-schedules 1\ntarget x86-64-v4\nnetwork net batch 1 threads 2 {\n    " + line + "\n}\n";
        const Schedules schedules = Schedules::parse(sources, sources.add("net.hcs", text), diag);
        plan = network_plan(schedules, network_task("net", 1, 2), "x86-64-v4", diag);
        elsewhere = network_plan(schedules, network_task("net", 8, 2), "x86-64-v4", diag);
    }

    Sources sources;
    Diagnostics diag;
    NetworkPlan plan, elsewhere;
};

}  // namespace

TEST_CASE("a network's plan is read as it is written, for its batch and threads alone") {
    NetworkPlan plan;
    plan.fuse_pooling = false;
    plan.spread_pixels = false;
    const Reading reading(to_text(plan));
    CHECK(render(reading.diag, reading.sources).empty());
    CHECK(reading.plan == plan);
    CHECK(reading.elsewhere == NetworkPlan{});
}

TEST_CASE("what a network's entry does not mention stays as usual") {
    NetworkPlan plan;
    plan.order_pooling = false;
    CHECK(Reading("plan order_pooling 0").plan == plan);
    CHECK(Reading("plan").plan == NetworkPlan{});
}

TEST_CASE("a network's plan with another name, value or family is an error at its line") {
    const auto error = [](const std::string& line) {
        const Reading reading(line);
        return render(reading.diag, reading.sources);
    };
    const std::string legal =
        "hint: legal values: order_pooling 0 1; fuse_pooling 0 1; fuse_prologues 0 1; cut_bands 0 1; spread_pixels 0 1";
    for (const char* line : {"plan fuse_poling 0", "plan fuse_pooling 2", "plan fuse_pooling 0x1"}) {
        CAPTURE(line);
        CHECK(error(line).find("net.hcs:4:5: error[E0602]: these parameters of 'plan' are not legal") == 0);
        CHECK(error(line).find(legal) != std::string::npos);
    }
    CHECK(error("direct_conv tile 1x1").find("'direct_conv' says nothing of a whole network") != std::string::npos);
}
