#include <doctest/doctest.h>

#include "schedule/choose.h"

namespace halcyon::testing {
namespace {

std::string conv(const std::string& input, int filters, const std::string& rest = "") {
    return fmt::format("conv2d float32 {} -> {} kernel 3x3 stride 1 pad 1,1,1,1 constants {}{}", input, filters,
                       filters, rest);
}

/// The place of the entry that is nearest to `task` among those of these tasks, by their number.
int nearest_of(const std::vector<std::string>& tasks, const std::string& task) {
    std::string text = "halcyon-schedules 1\ntarget x86-64-v4\n";
    for (const std::string& each : tasks) text += each + " {\n    direct_conv tile 1x1\n}\n";
    Sources sources;
    Diagnostics diag;
    const Schedules schedules = Schedules::parse(sources, sources.add("net.hcs", text), diag);
    REQUIRE_MESSAGE(!diag.has_errors(), render(diag, sources));
    CHECK(schedules.find_nearest(task, "x86-64-v3") == nullptr);
    const Schedules::Entry* found = schedules.find_nearest(task, "x86-64-v4");
    return found == nullptr ? -1 : static_cast<int>(found - schedules.entries().data());
}

}  // namespace

TEST_CASE("the nearest task is the one whose extents differ by the smallest factors") {
    const std::vector<std::string> tasks{conv("1x56x56x64", 64), conv("1x28x28x128", 128), conv("1x14x14x256", 256)};
    CHECK(nearest_of(tasks, conv("1x28x28x96", 128)) == 1);
    CHECK(nearest_of(tasks, conv("1x14x14x256", 512)) == 2);
}

TEST_CASE("another epilogue is nearer than other extents") {
    const std::vector<std::string> tasks{conv("1x28x28x64", 64, " epilogue x + b"), conv("1x28x28x128", 64)};
    CHECK(nearest_of(tasks, conv("1x28x28x64", 64, " epilogue max(x + b, 0)")) == 0);
}

TEST_CASE("what computes something else is not near, and neither is what is far larger") {
    const std::vector<std::string> tasks{
        "conv2d float32 1x28x28x64 -> 64 kernel 5x5 stride 1 pad 2,2,2,2 constants 64",
        "conv2d float32 1x28x28x64 -> 64 kernel 3x3 stride 2 pad 1,1,1,1 constants 64",
        "conv2d uint8 1x28x28x64 -> 64 kernel 3x3 stride 1 pad 1,1,1,1 constants 64",
        "conv2d float32 1x28x28x64 -> 64 kernel 3x3 stride 1 pad 1,1,1,1 constants 64 threads 2",
        "max_pool float32 1x28x28x64 -> 1x28x28x64 kernel 3x3 stride 1 pad 1,1,1,1",
        conv("1x224x224x64", 64)};
    CHECK(nearest_of(tasks, conv("1x28x28x64", 64)) == -1);
}

TEST_CASE("depthwise convolutions with other channels are near") {
    const auto depthwise = [](int channels) {
        return fmt::format("conv2d float32 1x28x28x{} -> {} kernel 3x3 stride 1 pad 1,1,1,1 groups {}", channels,
                           channels, channels);
    };
    CHECK(nearest_of({depthwise(64)}, depthwise(128)) == 0);
}

}  // namespace halcyon::testing
