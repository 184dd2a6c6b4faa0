#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <vector>

#include "formats/keras_file.h"
#include "formats/tensor_file.h"

using namespace halcyon;

namespace {

const std::string folder = std::string(HALCYON_TEST_DATA) + "/bad_weights";

/// What NumPy reads: the arrays of each file that it does not refuse, in order of their names.
std::map<std::string, std::vector<std::vector<double>>> numpy_reads() {
    std::map<std::string, std::vector<std::vector<double>>> arrays;
    std::ifstream in(folder + "/numpy.txt");
    for (std::string line; std::getline(in, line);) {
        std::istringstream words(line);
        std::string name;
        words >> name;
        std::vector<double> values;
        // strtod reads the subnormal numbers that stream extraction refuses.
        for (std::string word; words >> word;) values.push_back(std::strtod(word.c_str(), nullptr));
        arrays[name].push_back(std::move(values));
    }
    return arrays;
}

}  // namespace

TEST_CASE("a malformed .npy or .npz file is refused with one error or read as NumPy reads it") {
    const auto arrays = numpy_reads();
    int refused = 0;
    int read = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        const std::string name = entry.path().filename().string();
        if (!name.ends_with(".npy") && !name.ends_with(".npz")) continue;
        CAPTURE(name);
        Diagnostics diag;
        const auto file = TensorFile::open(entry.path().string(), diag);
        if (!file) {
            CHECK(diag.error_count() == 1);
            ++refused;
            continue;
        }
        ++read;
        CHECK(diag.all().empty());
        if (file->tensors().empty()) continue;
        const auto expected = arrays.find(name);
        REQUIRE(expected != arrays.end());
        REQUIRE(expected->second.size() == file->tensors().size());
        auto values = expected->second.begin();
        for (const auto& [key, tensor] : file->tensors()) {
            const Array array = to_array(tensor);
            CHECK(array.shape() == Shape{2, 3, 4});
            CHECK(std::ranges::equal(array.values(), *values++));
        }
    }
    CHECK(refused == 76);
    CHECK(read == 8);
}

TEST_CASE("names inside an .npz file are names, whatever path they look like") {
    Diagnostics diag;
    const auto file = TensorFile::open(folder + "/npz_traversal.npz", diag);
    REQUIRE(file);
    CHECK(file->tensors().contains("../../../tmp/evil"));
    CHECK(file->tensors().contains("/etc/evil"));
}

TEST_CASE("a malformed .h5 file is refused with one error or read as it was before it was damaged") {
    int refused = 0;
    int read = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        const std::string name = entry.path().filename().string();
        if (!name.ends_with(".h5")) continue;
        CAPTURE(name);
        Diagnostics diag;
        const auto file = KerasFile::open(entry.path().string(), diag);
        if (!file) {
            CHECK(diag.error_count() == 1);
            ++refused;
            continue;
        }
        ++read;
        CHECK(diag.all().empty());
        REQUIRE(file->layers().size() == 1);
        REQUIRE(file->layers()[0].tensors.size() == 1);
        const Array kernel = to_array(file->layers()[0].tensors[0].value);
        CHECK(kernel.shape() == Shape{3, 3, 4, 8});
        CHECK(std::ranges::all_of(kernel.values(), [](double value) { return value == 1.0; }));
    }
    CHECK(refused == 23);
    CHECK(read == 18);
}
