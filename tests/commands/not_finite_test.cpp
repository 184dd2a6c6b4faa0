#include <doctest/doctest.h>

#include <cmath>

#include "commands/common/not_finite.h"
#include "graph/elaborate.h"
#include "support/check.h"
#include "syntax/parse.h"

using namespace halcyon;

namespace {

/// Where a model of one weight, "conv/kernel", goes astray; "" if it does not.
std::string astray(const std::string& body, const std::vector<double>& input, double weight = 1.0) {
    Sources sources;
    Diagnostics diag;
    const std::string text = "def net(x: float32[1, 2, 1]):\n" + body;
    const auto module = parse(sources, sources.add("net.hcn", text), diag);
    REQUIRE(module.has_value());
    const std::vector<Graph> graphs = elaborate(*module, sources, MemoryFiles(), "", diag);
    REQUIRE_MESSAGE(!diag.has_errors(), render(diag, sources));
    const WeightSource weights = [&](const std::string&) { return Array({1, 1, 1, 1}, weight); };
    const auto found = find_not_finite(graphs[0], weights, evaluate(graphs[0], weights, {Array({1, 2, 1}, input)}));
    return found ? found->sentence : "";
}

}  // namespace

TEST_CASE("finite numbers go nowhere astray") {
    CHECK(astray("    return ReLU()(x)\n", {1.0, -2.0}).empty());
}

TEST_CASE("the first layer with finite inputs and a result that is not is named") {
    CHECK(astray("    y = ReLU()(x)\n    y = Divide(name=\"ratio\")([x, y])\n    return ReLU()(y)\n", {1.0, 0.0}) ==
          "'ratio' gives NaN at (0, 1, 0) from finite inputs between 0 and 1");
}

TEST_CASE("what float32 cannot hold is infinite") {
    CHECK(astray("    y = Exponential(name=\"grow\")(x)\n    return ReLU()(y)\n", {1.0, 100.0}) ==
          "'grow' gives 2.69e+43, which is infinite in float32, at (0, 1, 0) from finite inputs between 1 and 100");
}

TEST_CASE("an input that is not finite is said to be so") {
    CHECK(astray("    return ReLU()(x)\n", {1.0, NAN}) == "the input 'x' holds NaN at (0, 1, 0)");
}

TEST_CASE("a weight that is not finite is the reason") {
    CHECK(astray("    return Conv2D(1, 1, use_bias=False, name=\"conv\")(x)\n", {1.0, 2.0}, -INFINITY) ==
          "'conv' gives -infinity at (0, 0, 0) from finite inputs between 1 and 2; its weight conv/kernel holds "
          "-infinity at (0, 0, 0, 0)");
}
