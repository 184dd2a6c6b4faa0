#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "../graph/elaborating.h"
#include "formats/keras_file.h"
#include "formats/weights.h"

using namespace halcyon;

namespace {

const std::string folder = std::string(HALCYON_TEST_DATA) + "/keras_files/";

std::string text_of(const std::string& path) {
    const auto text = DiskFiles().read(path, 1 << 20);
    REQUIRE(std::holds_alternative<std::string>(text));
    return std::get<std::string>(text);
}

/// The network of net.hcn.
const Graph& net() {
    static const Elaborating elaborated(text_of(folder + "net.hcn"), {}, "net");
    REQUIRE(elaborated.errors() == "");
    return elaborated.graph();
}

/// The largest difference between the file's weights and those of net.npz, relative to each number.
double difference(const std::string& file, Diagnostics& diag) {
    const auto expected = TensorFile::open(folder + "net.npz", diag);
    const auto weights = load_weights(net(), "net.hcn", {.file = folder + file}, diag);
    REQUIRE(expected);
    REQUIRE_MESSAGE(weights, render(diag, Sources()));
    CHECK(expected->tensors().size() == weights_of(net()).size());
    double most = 0;
    for (const auto& [name, tensor] : expected->tensors()) {
        CAPTURE(name);
        const Array wanted = to_array(tensor);
        const Array got = weights->source(name);
        REQUIRE(got.shape() == wanted.shape());
        for (std::int64_t i = 0; i < wanted.size(); ++i)
            most = std::max(most, std::abs(got[i] - wanted[i]) / std::abs(wanted[i]));
    }
    return most;
}

std::string refusal(const std::string& file) {
    Diagnostics diag;
    CHECK(!KerasFile::open(folder + file, diag));
    CHECK(diag.error_count() == 1);
    return diag.all().at(0).message.substr(fmt::format("'{}{}': ", folder, file).size());
}

}  // namespace

TEST_CASE("weights come from each of Keras's formats under the network's names") {
    for (const char* file : {"net.keras", "net.h5", "net.weights.h5", "net_keras2.h5", "net_keras2_weights.h5"}) {
        CAPTURE(file);
        Diagnostics diag;
        CHECK(difference(file, diag) == 0.0);
        CHECK(diag.all().empty());
    }
}

TEST_CASE("optimizer, metrics and random seeds in a file are no weights") {
    Diagnostics diag;
    CHECK(difference("net_trained.keras", diag) == 0.0);
    CHECK(diag.all().empty());
}

TEST_CASE("packed datasets are unpacked") {
    Diagnostics diag;
    CHECK(difference("net_packed.weights.h5", diag) == 0.0);
}

TEST_CASE("float16 weights of a Keras file are converted exactly") {
    Diagnostics diag;
    CHECK(difference("net_float16.keras", diag) == 0.0);
}

TEST_CASE("bfloat16 weights of a Keras file are converted, rounded as Keras rounded them") {
    Diagnostics diag;
    const double rounding = difference("net_bfloat16.keras", diag);
    CHECK(rounding > 0.0);
    CHECK(rounding <= std::ldexp(1.0, -8));
}

TEST_CASE("float64 weights of a Keras file are converted exactly") {
    Diagnostics diag;
    CHECK(difference("net_float64.weights.h5", diag) == 0.0);
}

TEST_CASE("a file without names gives its weights by the order of layers, and a note says so") {
    Diagnostics diag;
    CHECK(difference("net_nameless.weights.h5", diag) == 0.0);
    REQUIRE(diag.all().size() == 1);
    CHECK(diag.all()[0].severity == Severity::note);
    CHECK(diag.all()[0].message == "layers are named otherwise in '" + folder +
                                       "net_nameless.weights.h5' than in 'net': they are paired by their order");
}

TEST_CASE("a Keras file tells its version and the architecture, a file of weights alone neither") {
    Diagnostics diag;
    const auto whole = KerasFile::open(folder + "net.keras", diag);
    REQUIRE(whole);
    CHECK(whole->keras_version().starts_with("3."));
    CHECK(whole->architecture().starts_with(R"({"module": "keras.src.models.functional", "class_name": "Functional")"));
    const auto old = KerasFile::open(folder + "net_keras2.h5", diag);
    REQUIRE(old);
    CHECK(old->keras_version() == "2.11.0");
    CHECK(old->architecture() == R"({"class_name": "Functional", "config": {"name": "net"}})");
    const auto weights = KerasFile::open(folder + "net.weights.h5", diag);
    REQUIRE(weights);
    CHECK(weights->keras_version().empty());
    CHECK(weights->architecture().empty());
}

TEST_CASE("a Keras file's layers are in the model's order") {
    Diagnostics diag;
    const auto file = KerasFile::open(folder + "net.keras", diag);
    REQUIRE(file);
    std::string names;
    for (const KerasLayerWeights& layer : file->layers()) names += layer.names.at(0) + " ";
    CHECK(names ==
          "scale left_conv conv2d batch_normalization separable_conv2d p_re_lu layer_normalization shared dense ");
    CHECK(file->layers()[1].place == "layers/conv2d");
    CHECK(file->layers()[1].class_name == "conv2d");
}

TEST_CASE("a Keras file that does not fit lists what is missing, misshapen and left over under Keras's names") {
    const Elaborating spec("def net(image: float32[6, 6, 2]):\n"
                           "    x = Normalization(name='scale')(image)\n"
                           "    x = Conv2D(4, 3, name='left_conv')(x)\n"
                           "    x = Conv2D(3, 1, name='new')(x)\n"
                           "    return Flatten()(x)\n");
    REQUIRE(spec.errors() == "");
    Diagnostics diag;
    CHECK(!load_weights(spec.graph(), "net.hcn", {.file = folder + "net.h5"}, diag));
    REQUIRE(diag.all().size() == 1);
    CHECK(diag.all()[0].message ==
          "the weights in '" + folder +
              "net.h5' do not fit the network 'net':\n"
              "    missing    new/kernel (1, 1, 4, 3)\n"
              "    missing    new/bias (3,)\n"
              "    misshapen  left_conv/kernel is (3, 3, 2, 3) in the file, but the network's is (3, 3, 2, 4)\n"
              "    misshapen  left_conv/bias is (3,) in the file, but the network's is (4,)\n"
              "    left over  batch_normalization/beta (3,)\n"
              "    left over  batch_normalization/gamma (3,)\n"
              "    left over  batch_normalization/moving_mean (3,)\n"
              "    left over  batch_normalization/moving_variance (3,)\n"
              "    left over  conv2d/bias (3,)\n"
              "    left over  conv2d/kernel (1, 1, 3, 3)\n"
              "    left over  dense/kernel (3, 2)\n"
              "    left over  layer_normalization/beta (3,)\n"
              "    left over  layer_normalization/gamma (3,)\n"
              "    left over  p_re_lu/alpha (1, 1, 3)\n"
              "    left over  separable_conv2d/bias (3,)\n"
              "    left over  separable_conv2d/depthwise_kernel (3, 3, 2, 1)\n"
              "    left over  separable_conv2d/pointwise_kernel (1, 1, 2, 3)\n"
              "    left over  shared/bias (3,)\n"
              "    left over  shared/kernel (3, 3)");
}

TEST_CASE("links and numbers outside the file are refused, not followed") {
    CHECK(refusal("refused_external_link.h5") ==
          "'layers/dense/vars/0' is a link to another place or file, which is not followed");
    CHECK(refusal("refused_soft_link.h5") ==
          "'layers/dense/vars/0' is a link to another place or file, which is not followed");
    CHECK(refusal("refused_external_storage.h5") == "dataset 'layers/dense/vars/0' has its numbers in other files");
    CHECK(refusal("refused_virtual.h5") == "dataset 'layers/dense/vars/0' is put together from other datasets");
    CHECK(refusal("refused_circle.h5") == "'layers/dense/vars/again' is an object that has another name too");
    CHECK(refusal("refused_twice.h5") == "'layers/dense/vars/1' is an object that has another name too");
}

TEST_CASE("shapes beyond what the file holds are refused before memory is taken") {
    CHECK(refusal("refused_never_written.h5") ==
          "dataset 'layers/dense/vars/0' of shape (1048576, 1048576) claims more numbers than the file can hold");
    CHECK(refusal("refused_overflowing.h5") ==
          "dataset 'layers/dense/vars/0' has an impossible shape (1099511627776, 1099511627776)");
    CHECK(refusal("refused_huge_chunk.h5") ==
          "dataset 'layers/dense/vars/0' of shape (2, 3) claims more numbers than the file can hold");
}

TEST_CASE("datasets that are packed otherwise or hold no numbers are refused") {
    CHECK(refusal("refused_lzf.h5") ==
          "dataset 'layers/dense/vars/0' is packed by a filter other than gzip, shuffle and fletcher32");
    CHECK(refusal("refused_text.h5") == "dataset 'layers/dense/vars/0' holds no numbers that are read");
    CHECK(refusal("refused_complex.h5") == "dataset 'layers/dense/vars/0' holds no numbers that are read");
}

TEST_CASE("HDF5 files that Keras has not written are refused") {
    CHECK(refusal("refused_not_keras.h5") == "the HDF5 file holds no weights in any of Keras's layouts");
    CHECK(refusal("refused_listed_not_there.h5") == "the layer '../../etc' that it lists is not there");
}

TEST_CASE("archives with parts that are missing, twice, unsound or out of place are refused") {
    CHECK(refusal("refused_no_config.keras") == "the archive has no entry 'config.json'");
    CHECK(refusal("refused_no_weights.keras") == "the archive has no entry 'model.weights.h5'");
    CHECK(refusal("refused_duplicate_entry.keras") == "the archive is not sound: File already exists");
    CHECK(refusal("refused_traversal.keras") == "entry '../../evil.txt' has no place in a .keras file");
    CHECK(refusal("refused_traversal_in_assets.keras") ==
          "entry 'assets/../../evil.txt' has no place in a .keras file");
    CHECK(refusal("refused_config_not_json.keras") == "the architecture is not JSON");
    CHECK(refusal("refused_config_deep.keras") == "the architecture is nested more than 128 deep");
    CHECK(refusal("refused_weights_not_hdf5.keras") == "model.weights.h5 is no HDF5 file");
    CHECK(refusal("refused_encrypted.keras") == "entry 'metadata.json' is encrypted");
    CHECK(refusal("refused_truncated.keras") == "the archive is not sound: Not a zip archive");
    CHECK(refusal("refused_wrong_checksum.keras") == "entry 'model.weights.h5' cannot be unpacked: CRC error");
}
