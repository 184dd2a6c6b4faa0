#include "commands/common/progress.h"

#include <doctest/doctest.h>

namespace halcyon {
namespace {

/// What three kernels look like, of which the second is found in the cache, a second for each event.
std::string shown(bool terminal, std::size_t columns, int seconds_per_event) {
    std::string text;
    Progress::Clock::time_point time{};
    Progress::Output output;
    output.terminal = terminal;
    output.columns = columns;
    output.write = [&](std::string_view part) { text += std::string(part) + "|"; };
    output.now = [&] { return time; };
    Progress progress(output);
    std::vector<Kernel> kernels(3);
    kernels[0].name = "conv2d.direct_conv";
    kernels[1].name = "max_pooling2d.pool";
    kernels[2].name = "conv2d_1.winograd_conv";
    const auto tell = [&](std::size_t kernel, bool begins, std::size_t done) {
        time += std::chrono::seconds(seconds_per_event);
        progress({kernels[kernel], begins, done, kernels.size()});
    };
    tell(0, true, 0);
    tell(1, false, 1);
    tell(2, true, 1);
    tell(0, false, 2);
    tell(2, false, 3);
    return text;
}

}  // namespace

TEST_CASE("on a terminal a bar tells the kernels in work and vanishes at the end") {
    CHECK(shown(true, 80, 1) ==
          "\r\x1b[K[------------------------] 0/3 kernels  conv2d.direct_conv|"
          "\r\x1b[K[########----------------] 1/3 kernels  conv2d.direct_conv|"
          "\r\x1b[K[########----------------] 1/3 kernels  conv2d.direct_conv, conv2d_1.winogra...|"
          "\r\x1b[K[################--------] 2/3 kernels  conv2d_1.winograd_conv|"
          "\r\x1b[K|");
}

TEST_CASE("a bar is gone when the compiling ends early, and there is none where all kernels are in the cache") {
    std::string text;
    Progress::Output output;
    output.terminal = true;
    output.write = [&](std::string_view part) { text += part; };
    Kernel kernel;
    kernel.name = "dense.dense";
    {
        Progress progress(output);
        progress({kernel, false, 1, 2});
        CHECK(text == "");
        progress({kernel, true, 1, 2});
    }
    CHECK(text == "\r\x1b[K[############------------] 1/2 kernels  dense.dense\r\x1b[K");
}

TEST_CASE("on a narrow terminal the bar stays on one line") {
    CHECK(shown(true, 20, 1) == "\r\x1b[K[------------------|"
                                "\r\x1b[K[########----------|"
                                "\r\x1b[K[########----------|"
                                "\r\x1b[K[################--|"
                                "\r\x1b[K|");
}

TEST_CASE("elsewhere a plain line comes every few seconds, and none for what is quick") {
    CHECK(shown(false, 80, 3) == "compiled 1 of 3 kernels, last max_pooling2d.pool\n|"
                                 "compiled 2 of 3 kernels, last conv2d.direct_conv\n|");
    CHECK(shown(false, 80, 0) == "");
}

}  // namespace halcyon
