#include "plan/shared_packings.h"

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

#include "compile.h"
#include "graph/elaborating.h"

namespace halcyon::testing {
namespace {

std::string model_spec(const std::string& name) {
    std::ifstream file(std::string(HALCYON_SOURCE_DIR) + "/examples/models/" + name + ".hcn");
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::vector<Plan> plans_for(const std::string& spec, const std::vector<std::string>& targets,
                            const PackedForms& forms = {}) {
    Elaborating e(spec);
    REQUIRE(e.errors() == "");
    std::vector<Plan> plans;
    for (const std::string& target : targets) {
        const CompileOptions options{.spec = "net.hcn", .target = target};
        auto model = plan_model(e.graph(), options, e.sources, MemoryFiles{}, e.diag, forms);
        REQUIRE(e.errors() == "");
        plans.push_back({std::move(model->program), std::move(model->choices)});
    }
    return plans;
}

/// The bytes of all constants with those that have equal forms once.
std::int64_t shared_bytes(const std::vector<Plan>& plans) {
    std::map<std::pair<std::string, PackedForm>, std::int64_t> constants;
    for (const Plan& plan : plans) {
        for (const Constant& constant : plan.program.constants) {
            PackedForm form = constant.packed;
            std::erase(form, 1);
            constants[{constant.value.text(), form}] = aligned(constant.bytes());
        }
    }
    std::int64_t bytes = 0;
    for (const auto& [constant, size] : constants) bytes += size;
    return bytes;
}

double cost_of(const Plan& plan) {
    double cost = 0.0;
    for (const KernelCall& call : plan.program.calls)
        cost += plan.choices.at(static_cast<std::size_t>(call.kernel)).cost;
    return cost;
}

const std::vector<std::string> levels{"x86-64-v4", "x86-64-v3"};

}  // namespace

TEST_CASE("two levels of x86-64 take a tenth more weights than one and lose little time") {
    for (const std::string& name : std::vector<std::string>{"resnet50", "mobilenet_v2", "vgg16"}) {
        CAPTURE(name);
        const std::string spec = model_spec(name);
        const std::vector<Plan> alone = plans_for(spec, levels);
        const std::vector<Plan> together = plans_for(spec, levels, share_packings(alone, default_max_error));
        const double weights = static_cast<double>(shared_bytes(together));
        CHECK(weights <= 1.1 * static_cast<double>(alone[0].program.constant_bytes));
        for (std::size_t i = 0; i < levels.size(); ++i) {
            const double slowdown = cost_of(together[i]) / cost_of(alone[i]);
            CHECK(slowdown <= 1.1);
        }
    }
}

TEST_CASE("without room to grow, every constant that two levels pack comes once") {
    const std::string spec = "def net(x: float32[28, 28, 64]):\n"
                             "    x = Conv2D(64, 3, padding=1)(x)\n"
                             "    x = Conv2D(96, 1)(x)\n"
                             "    return Dense(10)(Flatten()(x))\n";
    const std::vector<Plan> together = plans_for(spec, levels, share_packings(plans_for(spec, levels), 1e-4, 0.0));
    CHECK(shared_bytes(together) == shared_bytes({together[0]}));
    CHECK(shared_bytes(together) == shared_bytes({together[1]}));
}

}  // namespace halcyon::testing
