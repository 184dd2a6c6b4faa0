#include "backend/weights_blob.h"

#include <doctest/doctest.h>

using namespace halcyon;

namespace {

constexpr std::int64_t numbers = 16;  // 64 bytes

/// A program of one call that reads these weights in this order; each is `numbers` floats.
Program program_of(const std::vector<std::string>& weights) {
    Program program;
    program.calls.emplace_back();
    for (const std::string& name : weights) {
        const std::int64_t offset = program.constant_bytes;
        program.constants.push_back({ConstantExpr::weight(name, {numbers}), 0, 0, {numbers}, offset});
        program.calls[0].arguments.push_back({Place::Kind::constant, 0, offset});
        program.constant_bytes += numbers * 4;
    }
    return program;
}

std::string blob_of(const std::string& letters) {
    std::string blob;
    for (const char letter : letters) blob += std::string(numbers * 4, letter);
    return blob;
}

/// Where the program's call and its constants look, in tensors.
std::vector<std::int64_t> places(const Program& program) {
    std::vector<std::int64_t> result;
    for (std::size_t i = 0; i < program.constants.size(); ++i) {
        CHECK(program.constants[i].offset == program.calls[0].arguments[i].offset);
        result.push_back(program.constants[i].offset / (numbers * 4));
    }
    return result;
}

}  // namespace

TEST_CASE("constants that two batch sizes pack alike are stored once") {
    std::vector<Program> programs{program_of({"a", "b"}), program_of({"b", "c", "a"})};
    const std::string blob = share_weights(programs, {blob_of("AB"), blob_of("BCA")});
    CHECK(blob == blob_of("ABC"));
    CHECK(places(programs[0]) == std::vector<std::int64_t>{0, 1});
    CHECK(places(programs[1]) == std::vector<std::int64_t>{1, 2, 0});
    CHECK(programs[0].constant_bytes == 192);
    CHECK(programs[1].constant_bytes == 192);
}

TEST_CASE("one weight packed in two ways, and two weights that happen to be equal, stay apart") {
    std::vector<Program> programs{program_of({"a", "b"}), program_of({"a", "c"})};
    CHECK(share_weights(programs, {blob_of("AB"), blob_of("XB")}) == blob_of("ABXB"));
    CHECK(places(programs[1]) == std::vector<std::int64_t>{2, 3});
}

TEST_CASE("the weights of one batch size stay as they are") {
    std::vector<Program> programs{program_of({"a", "b"})};
    CHECK(share_weights(programs, {blob_of("AB")}) == blob_of("AB"));
    CHECK(places(programs[0]) == std::vector<std::int64_t>{0, 1});
}
