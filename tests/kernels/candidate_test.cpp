#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "kernels/kernel_harness.h"
#include "support/check.h"

using namespace halcyon;
using namespace halcyon::testing;

TEST_CASE("layouts have the names that people use") {
    const Shape image{1, 5, 6, 3};
    CHECK(to_text(dense_layout(image), image) == "nhwc");
    CHECK(to_text(layout_in_order(image, {0, 3, 1, 2}), image) == "nchw");
    CHECK(to_text(Layout{{5 * 6 * 19, 6 * 19, 19, 1}}, image) == "nhwc+16");
    CHECK(to_text(Layout{{90, 18, 3, -1}}, image) == "(90,18,3,-1)");
    CHECK(to_text(Layout{{90, 30, 6, 1}, 16}, image) == "nchw16c");
    CHECK(to_text(dense_layout({2, 10}), {2, 10}) == "nc");
    CHECK(to_text(dense_layout({2, 9, 10}), {2, 9, 10}) == "nwc");
}

TEST_CASE("strides of axes with one element do not matter") {
    CHECK(is_dense(Layout{{7, 999, 3, 1}}, {1, 1, 6, 3}));
    CHECK_FALSE(is_dense(Layout{{18, 18, 4, 1}}, {1, 1, 6, 3}));
}

TEST_CASE("a candidate reads as a line of a schedule file") {
    const Task task = convolution_task({1, 8, 8, 3}, 32, square_window(3, 1, 1, 1));
    Candidate candidate = dense_layouts(task);
    candidate.family = "direct_conv";
    candidate.parameters = {{"tile", {14, 2}}, {"order", {0}}};
    CHECK(to_text(candidate, task) == "direct_conv  layout nhwc -> nhwc  tile 14x2  order 0");
    CHECK(candidate.value("order") == 0);
    CHECK_THROWS_AS((void)candidate.value("rows"), InternalError);
}

TEST_CASE("a candidate survives JSON") {
    const Task task = convolution_task({1, 8, 8, 3}, 32, square_window(3, 1, 1, 1));
    Candidate candidate = cheapest("direct_conv", task, dense_layouts(task));
    candidate.in_place = 1;
    candidate.output.channel_block = 16;
    CHECK(candidate_from_json(nlohmann::json::parse(to_json(candidate).dump())) == candidate);
}

TEST_CASE("families are found by name") {
    CHECK(find_kernel_family("direct_conv")->name == "direct_conv");
    CHECK(find_kernel_family("no_such_family") == nullptr);
}

TEST_CASE("equal tasks have equal candidates, all legal, none twice") {
    const Task task = convolution_task({1, 9, 9, 5}, 40, square_window(3, 1, 1, 1));
    const KernelFamily& family = *find_kernel_family("direct_conv");
    const std::vector<Candidate> all = candidates(family, task, dense_layouts(task), host());
    REQUIRE(all.size() > 10);
    CHECK(all == candidates(family, task, dense_layouts(task), host()));
    for (std::size_t i = 0; i < all.size(); ++i) {
        CHECK(family.legal(task, all[i], host()));
        CHECK(family.cost(task, all[i], host()) > 0.0);
        for (std::size_t j = 0; j < i; ++j) REQUIRE_FALSE(all[i] == all[j]);
    }
}
