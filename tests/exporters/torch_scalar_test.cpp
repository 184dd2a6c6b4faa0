#include "exporters/torch_scalar.h"

#include <doctest/doctest.h>

#include "layers/common/activations.h"

using namespace halcyon;

namespace {

const ScalarExpr x = ScalarExpr::input(0), y = ScalarExpr::input(1), c = ScalarExpr::constant(0);

std::string module_of(const ScalarExpr& expr) {
    const auto module = activation_module(expr);
    return module ? module->type : "";
}

std::string text(const ScalarExpr& expr) {
    return torch_expression(expr, {"{0}", "{1}"}, {"self.scale"});
}

}  // namespace

TEST_CASE("activations are PyTorch's modules") {
    CHECK(module_of(*scalar_activation("relu")) == "nn.ReLU");
    CHECK(module_of(*scalar_activation("relu6")) == "nn.ReLU6");
    CHECK(module_of(*scalar_activation("silu")) == "nn.SiLU");
    CHECK(module_of(*scalar_activation("hard_silu")) == "nn.Hardswish");
    CHECK(module_of(*scalar_activation("mish")) == "nn.Mish");
    CHECK(module_of(x + 1.0).empty());
}

TEST_CASE("an activation's argument is found in its expression") {
    const auto leaky = activation_module(activations::leaky_relu(x, 0.3));
    REQUIRE(leaky.has_value());
    CHECK(leaky->type == "nn.LeakyReLU");
    CHECK(leaky->arguments[0].value == Value(0.3));
    const auto elu = activation_module(activations::elu(x, 0.7));
    REQUIRE(elu.has_value());
    CHECK(elu->type == "nn.ELU");
    CHECK(elu->arguments[0].value == Value(0.7));
    const auto gelu = activation_module(activations::gelu(x, true));
    REQUIRE(gelu.has_value());
    CHECK(gelu->arguments[0].value == Value("tanh"));
}

TEST_CASE("arithmetic has brackets where Python needs them") {
    CHECK(text((x + y) * c) == "({0} + {1}) * self.scale");
    CHECK(text(x - (y - c)) == "{0} - ({1} - self.scale)");
    CHECK(text(x / (y * c)) == "{0} / ({1} * self.scale)");
    CHECK(text(-(x + y)) == "-({0} + {1})");
    CHECK(text(pow(x, 2.0)) == "{0}**2.0");
    CHECK(text(pow(x + y, 2.0)) == "({0} + {1}) ** 2.0");
}

TEST_CASE("arithmetic reads as a person writes it") {
    CHECK(text(x * (1.0 / 255.0)) == "{0} / 255");
    CHECK(text(x * 2.0 + 0.0) == "{0} * 2.0");
    CHECK(text(x + -1.0) == "{0} - 1.0");
    CHECK(text(clip(x, -1.0, 1.0)) == "{0}.clamp(-1.0, 1.0)");
    CHECK(text(max(x, 0.5)) == "{0}.clamp(min=0.5)");
    CHECK(text(max(x, y)) == "torch.maximum({0}, {1})");
    CHECK(text(select(less(0.0, x), x, y)) == "torch.where({0} > 0.0, {0}, {1})");
}

TEST_CASE("numbers that Python cannot write as digits") {
    CHECK(torch_number(-std::numeric_limits<double>::infinity()) == "-float(\"inf\")");
    CHECK(torch_number(std::numeric_limits<double>::quiet_NaN()) == "float(\"nan\")");
}
