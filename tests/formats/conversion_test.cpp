#include <doctest/doctest.h>

#include <algorithm>

#include "formats/tensor_file.h"
#include "scratch.h"

using namespace halcyon;

namespace {

/// 0.5, -1.25 and 65280, exact in all types here, as one safetensors file.
TensorFile safetensors(std::string_view dtype, std::string_view numbers) {
    const std::string header =
        fmt::format(R"({{"w":{{"dtype":"{}","shape":[3],"data_offsets":[0,{}]}}}})", dtype, numbers.size());
    const ScratchFile file("w.safetensors", safetensors_bytes(header, numbers));
    Diagnostics diag;
    auto opened = TensorFile::open(file.path(), diag);
    REQUIRE(opened);
    return *std::move(opened);
}

bool holds_the_numbers(const StoredTensor& tensor) {
    const Array array = to_array(tensor);
    return array.shape() == Shape{3} && std::ranges::equal(array.values(), std::vector<double>{0.5, -1.25, 65280.0});
}

}  // namespace

TEST_CASE("safetensors: float16 is converted") {
    const TensorFile file = safetensors("F16", std::string_view("\x00\x38\x00\xbd\xf8\x7b", 6));
    CHECK(file.tensors().at("w").type == StoredType::float16);
    CHECK(holds_the_numbers(file.tensors().at("w")));
}

TEST_CASE("safetensors: bfloat16 is converted") {
    const TensorFile file = safetensors("BF16", std::string_view("\x00\x3f\xa0\xbf\x7f\x47", 6));
    CHECK(file.tensors().at("w").type == StoredType::bfloat16);
    CHECK(holds_the_numbers(file.tensors().at("w")));
}

TEST_CASE("safetensors: float64 is converted") {
    const TensorFile file = safetensors("F64", std::string_view("\0\0\0\0\0\0\xe0\x3f"
                                                                "\0\0\0\0\0\0\xf4\xbf"
                                                                "\0\0\0\0\0\xe0\xef\x40",
                                                                24));
    CHECK(file.tensors().at("w").type == StoredType::float64);
    CHECK(holds_the_numbers(file.tensors().at("w")));
}

TEST_CASE("npz: float16 and float64 are converted") {
    Diagnostics diag;
    const auto file = TensorFile::open(std::string(HALCYON_TEST_DATA) + "/keras_files/types.npz", diag);
    REQUIRE(file);
    CHECK(file->tensors().at("half").type == StoredType::float16);
    CHECK(holds_the_numbers(file->tensors().at("half")));
    CHECK(file->tensors().at("double").type == StoredType::float64);
    CHECK(holds_the_numbers(file->tensors().at("double")));
}
