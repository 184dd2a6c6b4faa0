#include <doctest/doctest.h>

#include <cstring>

#include "formats/tensor_file.h"
#include "scratch.h"

using namespace halcyon;

namespace {

std::string npy(std::string header, std::string_view numbers) {
    header += '\n';
    std::string bytes("\x93NUMPY\1\0", 8);
    bytes += {static_cast<char>(header.size() & 0xff), static_cast<char>(header.size() >> 8)};
    return bytes + header + std::string(numbers);
}

struct Read {
    std::optional<TensorFile> file;
    std::string message;  ///< behind the file's name
};

Read read(const std::string& bytes) {
    const ScratchFile file("array.npy", bytes);
    Diagnostics diag;
    Read result{TensorFile::open(file.path(), diag), ""};
    if (!result.file) {
        REQUIRE(diag.all().size() == 1);
        result.message = diag.all()[0].message.substr(file.path().size() + 4);
    }
    return result;
}

}  // namespace

TEST_CASE("npy: what is written is read back") {
    const std::string numbers("\1\2\3\4\5\6", 6);
    const Read back = read(npy_bytes(StoredType::uint8, {2, 3}, numbers));
    REQUIRE(back.file);
    const StoredTensor& tensor = back.file->tensors().at("");
    CHECK(tensor.type == StoredType::uint8);
    CHECK(tensor.shape == Shape{2, 3});
    CHECK(tensor.bytes == numbers);
}

TEST_CASE("npy: the header is padded so that the numbers begin at a multiple of 64") {
    CHECK(npy_bytes(StoredType::float32, {}, "1234").size() % 64 == 4);
    CHECK(npy_bytes(StoredType::float32, {1}, "1234").find("'shape': (1,), }") != std::string::npos);
}

TEST_CASE("npy: Fortran order becomes row-major") {
    const Read back = read(npy("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }", "\1\4\2\5\3\6"));
    REQUIRE(back.file);
    CHECK(back.file->tensors().at("").bytes == "\1\2\3\4\5\6");
}

TEST_CASE("npy: big-endian numbers are swapped") {
    const Read back =
        read(npy("{'descr': '>i2', 'fortran_order': False, 'shape': (2,), }", std::string("\0\1\1\0", 4)));
    REQUIRE(back.file);
    const Array array = to_array(back.file->tensors().at(""));
    CHECK(array[0] == 1.0);
    CHECK(array[1] == 256.0);
}

TEST_CASE("npy: numbers too few or too many for the shape are refused") {
    const std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }";
    CHECK(read(npy(header, "1234")).message ==
          "an array of float32 and shape (2,) does not take the 4 bytes behind the .npy header");
    CHECK(read(npy(header, "123456789")).message ==
          "an array of float32 and shape (2,) does not take the 9 bytes behind the .npy header");
}

TEST_CASE("npy: a type that is not read is named") {
    CHECK(read(npy("{'descr': '<c8', 'fortran_order': False, 'shape': (), }", "12345678")).message ==
          "numbers of NumPy's type '<c8' are not read");
    CHECK(read(npy("{'descr': '|O', 'fortran_order': False, 'shape': (), }", "")).message ==
          "numbers of NumPy's type '|O' are not read");
}

TEST_CASE("npy: a header that is another dict is refused") {
    const std::string refusal = "the .npy header is not a dict of 'descr', 'fortran_order' and 'shape'";
    CHECK(read(npy("{'descr': '<f4', 'shape': (), }", "1234")).message == refusal);
    CHECK(read(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1)}", "1234")).message == refusal);
    CHECK(read(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}", "1234")).message == refusal);
    CHECK(read(npy("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': ()}", "1234")).message ==
          refusal);
    CHECK(read(npy("{'descr': '<f4', 'fortran_order': False, 'shape': ()} + x", "1234")).message == refusal);
    CHECK(read(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}", "")).message ==
          refusal);
}
