#include <doctest/doctest.h>

#include "formats/common/keras_contents.h"

using namespace halcyon;

namespace {

std::string answer(std::string_view numbers, std::string_view header) {
    std::string bytes = fmt::format("{}{}", numbers, header);
    for (int i = 0; i < 8; ++i) bytes += static_cast<char>(header.size() >> (8 * i) & 0xff);
    return bytes;
}

std::string layer(std::string_view tensors) {
    return fmt::format(R"({{"architecture":"","keras_version":"","layers":[)"
                       R"({{"place":"layers/dense","names":["d"],"class":"dense","tensors":[{}]}}]}})",
                       tensors);
}

/// What the answer is refused with; "" when it is read.
std::string refusal(const std::string& bytes) {
    const auto contents = read_answer(bytes);
    const auto* mistake = std::get_if<FormatError>(&contents);
    return mistake == nullptr ? "" : mistake->message;
}

const std::string_view bad = "reading it went wrong";

}  // namespace

TEST_CASE("a child's answer gives the tensors that lie within it") {
    const std::string bytes = answer("1234", layer(R"({"name":"bias","type":4,"shape":[2],"offset":2})"));
    const auto contents = read_answer(bytes);
    REQUIRE(std::holds_alternative<KerasContents>(contents));
    const KerasLayerWeights& found = std::get<KerasContents>(contents).layers.at(0);
    CHECK(found.place == "layers/dense");
    CHECK(found.names == std::vector<std::string>{"d"});
    CHECK(found.tensors.at(0).name == "bias");
    CHECK(found.tensors.at(0).value.type == StoredType::uint8);
    CHECK(found.tensors.at(0).value.bytes == "34");
}

TEST_CASE("a child's problem is told, control characters aside, under no other code than those of Keras files") {
    const auto contents = read_answer(answer("", R"({"code":501,"problem":"it is\u001b[31m red"})"));
    REQUIRE(std::holds_alternative<FormatError>(contents));
    CHECK(std::get<FormatError>(contents).message == "it is?[31m red");
    CHECK(std::get<FormatError>(contents).code == Code::bad_keras_file);
}

TEST_CASE("tensors outside a child's answer, and answers of another form, are refused") {
    CHECK(refusal(answer("1234", layer(R"({"name":"","type":4,"shape":[2],"offset":2})"))) == "");
    CHECK(refusal(answer("1234", layer(R"({"name":"","type":4,"shape":[3],"offset":2})"))) == bad);
    CHECK(refusal(answer("1234", layer(R"({"name":"","type":4,"shape":[0],"offset":5})"))) == bad);
    CHECK(refusal(answer("1234", layer(R"({"name":"","type":4,"shape":[1],"offset":18446744073709551615})"))) == bad);
    CHECK(refusal(answer("1234", layer(R"({"name":"","type":1,"shape":[4294967296,4294967296],"offset":0})"))) == bad);
    CHECK(refusal(answer("1234", layer(R"({"name":"","type":99,"shape":[1],"offset":0})"))) == bad);
    CHECK(refusal(answer("1234", layer(R"({"name":"","type":4,"shape":[-1],"offset":0})"))) == bad);
    CHECK(refusal(answer("1234", layer(R"({"name":7,"type":4,"shape":[1],"offset":0})"))) == bad);
    CHECK(refusal(answer("1234", layer("1"))) == bad);
    CHECK(refusal(answer("1234", "[]")) == bad);
    CHECK(refusal(answer("1234", "{")) == bad);
    CHECK(refusal("1234") == bad);
    CHECK(refusal(std::string(16, '\xff')) == bad);
}
