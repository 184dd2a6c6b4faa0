#include <doctest/doctest.h>

#include "graph/argument_type.h"

using namespace halcyon;

namespace {

/// The normal form as text, or what is said about the value.
std::string normalized(const ArgumentType& type, const Value& written) {
    std::string why;
    const std::optional<Value> normal = type.normalize(written, why);
    return normal ? to_text(*normal) : "refused" + (why.empty() ? "" : ": " + why);
}

using Sequence = Value::Sequence;

}  // namespace

TEST_CASE("one integer stands for a tuple of them") {
    const ArgumentType type = argument::tuple_of(argument::positive_integer(), 2);
    CHECK(type.description == "a positive integer or a tuple of two");
    CHECK(normalized(type, 3) == "(3, 3)");
    CHECK(normalized(type, Sequence{3, 5}) == "(3, 5)");
    CHECK(normalized(type, Sequence{3}) == "refused: the tuple has 1 elements");
    CHECK(normalized(type, Sequence{3, 0}) == "refused");
    CHECK(normalized(type, Value(true)) == "refused");
    CHECK(normalized(type, 2.5) == "refused");
}

TEST_CASE("an integer beyond 31 bits is refused with the limit") {
    CHECK(normalized(argument::positive_integer(), std::int64_t{1} << 31) == "refused: at most 2147483647 is possible");
}

TEST_CASE("padding is a word, a number, one per axis or a pair per axis") {
    const ArgumentType type = argument::window_padding(2);
    CHECK(normalized(type, "SAME") == "'same'");
    CHECK(normalized(type, 1) == "((1, 1), (1, 1))");
    CHECK(normalized(type, Sequence{1, 2}) == "((1, 1), (2, 2))");
    CHECK(normalized(type, Sequence{Sequence{1, 2}, Sequence{3, 4}}) == "((1, 2), (3, 4))");
    CHECK(normalized(type, "causal") == "refused");
    CHECK(normalized(type, -1) == "refused");
    CHECK(normalized(type, Sequence{1, 2, 3}) == "refused: it has 3 elements for 2 axes");
}

TEST_CASE("with one axis a pair is before and after") {
    CHECK(normalized(argument::explicit_padding(1), Sequence{1, 2}) == "((1, 2),)");
}

TEST_CASE("None stands for channels_last and for the linear activation") {
    CHECK(normalized(argument::data_format(), Value()) == "'channels_last'");
    CHECK(normalized(argument::activation(), Value()) == "'linear'");
}

TEST_CASE("an activation is known by its aliases, and a misspelt one is recognized") {
    CHECK(normalized(argument::activation(), "swish") == "'silu'");
    CHECK(normalized(argument::activation(), "rellu") == "refused: did you mean 'relu'?");
}

TEST_CASE("an initializer is completed from its name or its call") {
    const ArgumentType type = argument::initializer();
    CHECK(normalized(type, "he_normal") == "HeNormal(seed=None)");
    CHECK(normalized(type, "HeNormal") == "HeNormal(seed=None)");
    CHECK(normalized(type, Value::Object{"RandomNormal", {{"stddev", Value(0.01)}}}) ==
          "RandomNormal(mean=0.0, seed=None, stddev=0.01)");
    CHECK(normalized(type, Value::Object{"Constant", {{"value", Value(2)}}}) == "Constant(value=2.0)");
}

TEST_CASE("a mistake in an initializer names what is wrong") {
    const ArgumentType type = argument::initializer();
    CHECK(normalized(type, "he_nromal") == "refused: did you mean 'he_normal'?");
    CHECK(normalized(type, Value::Object{"HeNormal", {{"stddev", Value(1)}}}) == "refused: HeNormal takes seed");
    CHECK(normalized(type, Value::Object{"RandomNormal", {{"stddev", Value(-1)}}}) ==
          "refused: 'stddev' of RandomNormal must be a number of at least 0, got -1");
}

TEST_CASE("values print as Python prints them") {
    CHECK(to_text(Value(1.0)) == "1.0");
    CHECK(to_text(Value(1e-5)) == "1e-05");
    CHECK(to_text(Value(Sequence{Value(1)})) == "(1,)");
    CHECK(to_text(Value("it's")) == "\"it's\"");
    CHECK(to_text(Value(Sequence{Value(), Value(true)})) == "(None, True)");
}
