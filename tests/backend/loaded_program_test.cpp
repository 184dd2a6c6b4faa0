#include "backend/loaded_program.h"

#include <doctest/doctest.h>

#include <vector>

#include "backend/tiny_model.h"

using namespace halcyon;
using namespace halcyon::tests;

namespace {

struct Tensors {
    std::vector<float> image = std::vector<float>(128, 2.0F), scores = std::vector<float>(128, -1.0F);
    const void* inputs[1] = {image.data()};
    void* outputs[1] = {scores.data()};
};

int wrong_scores(const Tensors& tensors) {
    int wrong = 0;
    for (int i = 0; i < 128; ++i) wrong += tensors.scores[i] != 2.0F * static_cast<float>(i) + 2.0F;
    return wrong;
}

}  // namespace

TEST_CASE("a loaded program runs as a library would, on any number of threads") {
    const TinyModel model = tiny_model();
    LoadedProgram loaded(model.program, model.kernels, model.blob);
    CHECK(loaded.input_bytes(0) == 512);
    CHECK(loaded.output_bytes(0) == 512);
    for (const int threads : {1, 4, 2, 7}) {
        Tensors tensors;
        CHECK(loaded.run(tensors.inputs, tensors.outputs, threads) == 0);
        CHECK(wrong_scores(tensors) == 0);
    }
}

TEST_CASE("a loaded program runs call by call, and its memory can be looked at") {
    const TinyModel model = tiny_model();
    LoadedProgram loaded(model.program, model.kernels, model.blob);
    Tensors tensors;
    loaded.bind(tensors.inputs, tensors.outputs);
    CHECK(loaded.run_call(0) == 0);
    const auto* scaled = static_cast<const float*>(loaded.address(model.program.calls[0].arguments[2]));
    CHECK(scaled[3] == 6.0F);
    CHECK(tensors.scores[3] == -1.0F);
    CHECK(loaded.run_call(1) == 0);
    CHECK(wrong_scores(tensors) == 0);
    CHECK(loaded.address({Place::Kind::output, 0, 8}) == tensors.scores.data() + 2);
    CHECK(static_cast<const float*>(loaded.address({Place::Kind::constant, 0, 12}))[0] == 3.0F);
}

TEST_CASE("two programs are loaded at once") {
    const TinyModel first = tiny_model("first");
    TinyModel second = tiny_model("second");
    second.blob.assign(second.blob.size(), '\0');
    LoadedProgram a(first.program, first.kernels, first.blob), b(second.program, second.kernels, second.blob);
    Tensors of_a, of_b;
    CHECK(a.run(of_a.inputs, of_a.outputs) == 0);
    CHECK(b.run(of_b.inputs, of_b.outputs) == 0);
    CHECK(wrong_scores(of_a) == 0);
    CHECK(of_b.scores == of_b.image);
}
