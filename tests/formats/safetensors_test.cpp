#include <doctest/doctest.h>

#include <cstring>

#include "formats/tensor_file.h"
#include "scratch.h"

using namespace halcyon;

namespace {

/// The one error that reading gives, without the file's name; "" when it reads.
std::string refusal(const std::string& bytes) {
    const ScratchFile file("weights.safetensors", bytes);
    Diagnostics diag;
    const auto opened = TensorFile::open(file.path(), diag);
    if (opened) return "";
    REQUIRE(diag.all().size() == 1);
    const std::string& message = diag.all()[0].message;
    REQUIRE(message.starts_with("'" + file.path() + "': "));
    return message.substr(file.path().size() + 4);
}

std::string refusal(std::string_view header, std::string_view numbers) {
    return refusal(safetensors_bytes(header, numbers));
}

std::string floats(std::initializer_list<float> values) {
    std::string bytes;
    for (float value : values) {
        char raw[sizeof value];
        std::memcpy(raw, &value, sizeof value);
        bytes.append(raw, sizeof raw);
    }
    return bytes;
}

}  // namespace

TEST_CASE("safetensors: every tensor is read with its name, type, shape and numbers") {
    const ScratchFile file(
        "weights.safetensors",
        safetensors_bytes(R"({"__metadata__":{"made_by":"test"},"b":{"dtype":"I16","shape":[2],"data_offsets":[8,12]},)"
                          R"("a/kernel":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}   )",
                          floats({1.5F, -2.0F}) + std::string("\xff\xff\x02\x00", 4)));
    Diagnostics diag;
    const auto opened = TensorFile::open(file.path(), diag);
    REQUIRE(opened);
    REQUIRE(opened->tensors().size() == 2);
    const Array a = to_array(opened->tensors().at("a/kernel"));
    CHECK(a.shape() == Shape{1, 2});
    CHECK(a[0] == 1.5);
    CHECK(a[1] == -2.0);
    const Array b = to_array(opened->tensors().at("b"));
    CHECK(b.shape() == Shape{2});
    CHECK(b[0] == -1.0);
    CHECK(b[1] == 2.0);
}

TEST_CASE("half precision converts exactly, subnormals, infinities and signs included") {
    const std::string bytes("\x00\x3c\x01\x00\x00\xfc\x00\x80", 8);  // 1, 2^-24, -inf, -0
    const Array array = to_array({StoredType::float16, {4}, bytes});
    CHECK(array[0] == 1.0);
    CHECK(array[1] == 0x1p-24);
    CHECK(array[2] == -std::numeric_limits<double>::infinity());
    CHECK(array[3] == 0.0);
    CHECK(std::signbit(array[3]));
    const Array brain = to_array({StoredType::bfloat16, {1}, std::string_view("\x80\x3f", 2)});
    CHECK(brain[0] == 1.0);
}

TEST_CASE("safetensors: a scalar and a tensor without elements are read") {
    CHECK(
        refusal(
            R"({"s":{"dtype":"U8","shape":[],"data_offsets":[0,1]},"e":{"dtype":"F32","shape":[0,3],"data_offsets":[1,1]}})",
            "x") == "");
}

TEST_CASE("safetensors: a file that is cut short is refused") {
    CHECK(refusal(std::string("\x40\0\0\0\0\0\0\0{\"a\"", 12)) == "the file ends inside its header");
    CHECK(refusal(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", "1234") ==
          "tensor 'a' lies at bytes 0 to 8, but the file has 4 bytes of numbers");
}

TEST_CASE("safetensors: a header beyond 100 MB is refused without reading it") {
    CHECK(refusal(std::string("\xff\xff\xff\xff\xff\xff\xff\xff{", 9)) ==
          "the header claims 18446744073709551615 bytes; at most 100000000 are read");
}

TEST_CASE("safetensors: sizes that overflow are refused") {
    CHECK(refusal(R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}})", "") ==
          "tensor 'a' of float32 and shape (4294967296, 4294967296) does not take the 0 bytes that it is given");
    CHECK(refusal(R"({"a":{"dtype":"F32","shape":[0,4294967296,4294967296],"data_offsets":[0,0]}})", "") ==
          "tensor 'a' of float32 and shape (0, 4294967296, 4294967296) does not take the 0 bytes that it is given");
    CHECK(refusal(R"({"a":{"dtype":"U8","shape":[18446744073709551615],"data_offsets":[0,0]}})", "") ==
          "the number 18446744073709551615 in the header is too large");
}

TEST_CASE("safetensors: gaps, overlaps and bytes left over are refused") {
    CHECK(
        refusal(
            R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}})",
            "123") == "tensor 'b' begins at byte 2, but the one before it ends at 1");
    CHECK(
        refusal(
            R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})",
            "123") == "tensor 'b' begins at byte 1, but the one before it ends at 2");
    CHECK(refusal(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", "12") ==
          "the tensors end at byte 1, but the file has 2 bytes of numbers");
}

TEST_CASE("safetensors: a name that comes twice is refused") {
    CHECK(
        refusal(
            R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})",
            "12") == "tensor 'a' comes twice");
}

TEST_CASE("safetensors: what the format does not have is refused, whatever it nests") {
    CHECK(refusal(R"({"a":[1]})", "") == "the header holds a list where the format has none");
    CHECK(refusal(R"({"a":{"dtype":"F32","shape":[[1]],"data_offsets":[0,4]}})", "1234") ==
          "the header holds a list where the format has none");
    CHECK(refusal(R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", "1234") ==
          "the header holds the number -1 where the format has none");
    CHECK(refusal(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":0}})", "1234") ==
          "tensor 'a' has an unknown field 'x'");
    CHECK(refusal(R"({"a":{"dtype":"F32","shape":[1]}})", "") ==
          "tensor 'a' lacks dtype, shape or its two data_offsets");
    CHECK(refusal(R"({"a":{"dtype":"C64","shape":[1],"data_offsets":[0,8]}})", "12345678") ==
          "tensor 'a' has the type 'C64', which is not read");
    CHECK(refusal("{\"a\":" + std::string(100'000, '['), "") == "the header holds a list where the format has none");
    CHECK(refusal("{not json}", "") == "the header is not JSON (at its byte 3)");
}

TEST_CASE("a file of another kind is refused by what it is") {
    CHECK(refusal("") == "the file is empty");
    CHECK(refusal("hello, world") == "the file is neither .safetensors nor .npy nor .npz");
    CHECK(refusal("\x89HDF\r\n\x1a\n") == "HDF5 files are read for weights only; save arrays as .npy or .npz");
}

TEST_CASE("a missing file and a folder are one error each") {
    Diagnostics diag;
    CHECK(!TensorFile::open("no/such.safetensors", diag));
    CHECK(!TensorFile::open("/", diag));
    REQUIRE(diag.all().size() == 2);
    CHECK(diag.all()[0].message == "cannot read 'no/such.safetensors': No such file or directory");
    CHECK(diag.all()[1].message == "cannot read '/': Is a directory");
}
