#include <doctest/doctest.h>

#include "kernels/target_info.h"

using namespace halcyon;

TEST_CASE("every named target but the hosts can be compiled for anywhere") {
    for (const NamedTarget& named : named_targets()) {
        if (named.name.starts_with("host")) continue;
        std::string why;
        const std::optional<TargetInfo> target = find_target(named.name, why);
        REQUIRE_MESSAGE(target.has_value(), why);
        CHECK(target->name == named.name);
        CHECK(target->vector_lanes * target->vector_registers >= 64);
    }
}

TEST_CASE("the host is one of the named levels, runs here, and has no name of its own") {
    std::string why;
    const std::optional<TargetInfo> host = find_target("host", why);
    REQUIRE_MESSAGE(host.has_value(), why);
    CHECK(host->name != "host");
    CHECK(runs_here(*host));
    CHECK(find_target(host->name, why) == host);
}

TEST_CASE("the native host is at least as able as the named one") {
    std::string why;
    const std::optional<TargetInfo> native = find_target("host-native", why);
    REQUIRE_MESSAGE(native.has_value(), why);
    CHECK(runs_here(*native));
    CHECK(native->vector_lanes >= find_target("host", why)->vector_lanes);
}

TEST_CASE("levels of x86-64 differ in vectors and registers") {
    std::string why;
    CHECK(find_target("x86-64-v2", why)->vector_lanes == 4);
    CHECK(find_target("x86-64-v3", why)->vector_lanes == 8);
    CHECK(find_target("x86-64-v4", why)->vector_lanes == 16);
    CHECK(find_target("x86-64-v3", why)->vector_registers == 16);
    CHECK(find_target("x86-64-v4", why)->vector_registers == 32);
}

TEST_CASE("a full Halide target string is a target under its own name") {
    std::string why;
    const std::optional<TargetInfo> target = find_target("x86-64-linux-avx-avx2-fma-sse41", why);
    REQUIRE_MESSAGE(target.has_value(), why);
    CHECK(target->name == "x86-64-linux-avx-avx2-fma-sse41");
    CHECK(target->vector_lanes == 8);
    CHECK(target->triple == "x86_64-unknown-linux-gnu");
}

TEST_CASE("what is no target is refused with the reason") {
    std::string why;
    CHECK_FALSE(find_target("x86-64-v9", why));
    CHECK(why == "'x86-64-v9' is neither a named target nor a Halide target string");
    CHECK_FALSE(find_target("host-cuda", why));
    CHECK(why == "'host-cuda' is neither a named target nor a Halide target string");
    CHECK_FALSE(find_target("x86-64-windows", why));
    CHECK(why == "libraries are made for x86-64-linux, arm-64-linux and wasm-32 only, not for 'x86-64-windows'");
    CHECK_FALSE(find_target("x86-64-linux-cuda", why));
    CHECK(why == "kernels run on the CPU: 'x86-64-linux-cuda' asks for a graphics card");
    CHECK_FALSE(find_target("", why));
}
TEST_CASE("several levels of x86-64 make one library, best first, and nothing else does") {
    using Names = std::vector<std::string>;
    std::string why;
    CHECK(targets_of_library({"arm-64-linux"}, why) == Names{"arm-64-linux"});
    CHECK(targets_of_library({"x86-64-v2", "x86-64-v4", "x86-64-v3"}, why) ==
          Names{"x86-64-v4", "x86-64-v3", "x86-64-v2"});
    CHECK_FALSE(targets_of_library({"x86-64-v3", "x86-64-v3"}, why).has_value());
    CHECK(why == "'x86-64-v3' comes twice");
    CHECK_FALSE(targets_of_library({"x86-64-v3", "host"}, why).has_value());
    CHECK(why == "of several targets each must be a level of x86-64, such as x86-64-v3, and 'host' is none");
}
