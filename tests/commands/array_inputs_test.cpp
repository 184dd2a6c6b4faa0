#include <doctest/doctest.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "commands/common/array_inputs.h"
#include "commands/common/element.h"
#include "support/diagnostics.h"

using namespace halcyon;

namespace {

/// The one input of a file of one array, "" (a .npy), given to a door of that name.
struct Given {
    Given(StoredType type, const Shape& shape, const std::vector<double>& numbers, ElementType door,
          const std::string& name = "") {
        std::string bytes;
        for (double number : numbers) {
            if (type == StoredType::float64) {
                bytes.append(reinterpret_cast<const char*>(&number), sizeof number);
            } else {
                append_exactly(bytes, ElementType::float32, number);
            }
        }
        const std::string path = std::string(HALCYON_TEST_SCRATCH) + "/array_inputs.npy";
        std::ofstream(path, std::ios::binary) << npy_bytes(type, shape, bytes);
        const auto file = TensorFile::open(path, diag);
        REQUIRE(file.has_value());
        inputs = inputs_from(*file, {Door{name, {door, {2}}}}, diag);
        message = diag.all().empty() ? "" : diag.all().front().message;
        std::filesystem::remove(path);
    }
    Diagnostics diag;
    std::optional<RunInputs> inputs;
    std::string message;
};

}  // namespace

TEST_CASE("an array of the input's name is the model's input") {
    const Given given(StoredType::float32, {2}, {1.5, 2.5}, ElementType::float32);
    REQUIRE(given.inputs.has_value());
    CHECK(!given.inputs->batch);
    REQUIRE(given.inputs->items.size() == 1);
    CHECK(array_of({ElementType::float32, {2}}, given.inputs->items[0][0])[1] == 2.5);
}

TEST_CASE("float64 is rounded to float32, as Keras does") {
    const Given given(StoredType::float64, {2}, {0.1, 0.2}, ElementType::float32);
    REQUIRE(given.inputs.has_value());
    CHECK(array_of({ElementType::float32, {2}}, given.inputs->items[0][0])[0] == static_cast<double>(0.1F));
}

TEST_CASE("an axis more in front is a batch") {
    const Given given(StoredType::float32, {3, 2}, {1, 2, 3, 4, 5, 6}, ElementType::float32);
    REQUIRE(given.inputs.has_value());
    CHECK(given.inputs->batch);
    CHECK(given.inputs->items.size() == 3);
}

TEST_CASE("whole numbers of a float array become bytes, others do not") {
    const Given whole(StoredType::float32, {2}, {0, 255}, ElementType::uint8);
    REQUIRE(whole.inputs.has_value());
    CHECK(whole.inputs->items[0][0] == std::string("\0\xff", 2));
    const Given broken(StoredType::float32, {2}, {0.5, 255}, ElementType::uint8);
    CHECK(!broken.inputs.has_value());
    CHECK(broken.message.ends_with("holds numbers that the model's input, uint8, does not"));
}

TEST_CASE("an array that is missing, or of another shape, is an error") {
    CHECK(Given(StoredType::float32, {2}, {0, 1}, ElementType::float32, "image")
              .message.ends_with("has no array 'image' for the model's input"));
    CHECK(Given(StoredType::float32, {3}, {0, 1, 2}, ElementType::float32)
              .message.ends_with("has shape (3,), but the model's input has (2,), or one axis more for a batch"));
}
