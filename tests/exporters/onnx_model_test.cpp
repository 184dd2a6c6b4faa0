#include "exporters/onnx_model.h"

#include <doctest/doctest.h>

using namespace halcyon;

namespace {

OnnxModel small_model() {
    OnnxModel model;
    model.name = "net";
    model.nodes = {{"Add", "sum", {"x", "conv/bias"}, "y", {}}};
    model.tensors = {{"conv/bias", {3}, std::vector<float>{1.0f, 2.0f, 3.0f}},
                     {"conv/scale", {1}, std::vector<float>{4.0f}},
                     {"shape", {2}, std::vector<std::int64_t>{1, 3}}};
    model.inputs = {{"x", {ElementType::float32, {1, 3}}}};
    model.outputs = {{"y", {ElementType::float32, {1, 3}}}};
    return model;
}

}  // namespace

TEST_CASE("weights are in the model's file while it can hold them") {
    const OnnxFiles files = onnx_files(small_model(), "net.onnx.weights");
    CHECK(files.weights.empty());
    CHECK(files.model.find(std::string("\0\0\x80\x3f\0\0\0\x40\0\0\x40\x40", 12)) != std::string::npos);
}

TEST_CASE("weights beyond that are in a file beside it, each at a multiple of 64 bytes") {
    const OnnxFiles files = onnx_files(small_model(), "net.onnx.weights", 8);
    CHECK(files.weights.size() == 68);
    CHECK(files.weights.substr(0, 4) == std::string("\0\0\x80\x3f", 4));
    CHECK(files.weights.substr(64) == std::string("\0\0\x80\x40", 4));
    CHECK(files.model.find("net.onnx.weights") != std::string::npos);
    // Shapes stay inside.
    CHECK(files.model.find(std::string("\x01\0\0\0\0\0\0\0\x03\0\0\0\0\0\0\0", 16)) != std::string::npos);
}

TEST_CASE("equal models give equal bytes") {
    CHECK(onnx_files(small_model(), "w").model == onnx_files(small_model(), "w").model);
}
