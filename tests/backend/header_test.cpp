#include <doctest/doctest.h>

#include "backend/shell.h"
#include "backend/tiny_model.h"

using namespace halcyon;
using namespace halcyon::tests;

namespace {

/// Whether the header compiles without a warning, twice included, in both languages.
void check_compiles(const std::string& folder) {
    write_file(folder + "/use.c", "#include \"tiny.h\"\n#include \"tiny.h\"\nint unused;\n");
    must("cd " + folder + " && gcc -std=c99 -Wall -Wextra -pedantic -Werror -c use.c -o c.o");
    must("cd " + folder +
         " && gcc -x c++ -std=c++17 -Wall -Wextra -pedantic -Wshadow -Wconversion -Werror -c use.c -o cpp.o");
}

std::string header_of(const TinyModel& model, const LibraryOptions& options = {}) {
    return bytes_of_file(build(model, options), "tiny.h");
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("the header is C99 and C++17 without warnings") {
    for (const bool weights_file : {false, true}) {
        const std::string folder = fresh_folder("header");
        write_files(folder, build(tiny_model(), {.weights_file = weights_file}));
        check_compiles(folder);
    }
}

TEST_CASE("a docstring cannot end the header's comment") {
    TinyModel model = tiny_model();
    model.program.doc = "Ends */ int x; /* begins // and\\\njoins";
    const std::string folder = fresh_folder("docstring");
    write_files(folder, build(model));
    check_compiles(folder);
    CHECK(contains(header_of(model), " * Ends * / int x; / * begins // and\n * joins\n"));
}

TEST_CASE("tensors that are called like words of C or differ in case only keep apart") {
    TinyModel model = tiny_model();
    model.program.inputs[0].name = "double";
    model.program.outputs[0].name = "Double";
    const std::string folder = fresh_folder("words");
    write_files(folder, build(model));
    check_compiles(folder);
    const std::string header = header_of(model);
    CHECK(contains(header, "const float *double_;"));
    CHECK(contains(header, "float *Double;"));
    CHECK(contains(header, "TINY_DOUBLE_SIZE = 128"));
    CHECK(contains(header, "TINY_DOUBLE_SIZE_ = 128"));
}

TEST_CASE("element types are C's, half precision in 16 bits") {
    TinyModel model = tiny_model();
    const Shape shape{128};
    model.program.inputs = {
        {"a", {ElementType::uint8, shape}}, {"b", {ElementType::int8, shape}}, {"c", {ElementType::float16, shape}}};
    model.program.outputs = {{"d", {ElementType::bfloat16, shape}}};
    const std::string header = header_of(model);
    CHECK(contains(header, "const uint8_t *a;"));
    CHECK(contains(header, "const int8_t *b;"));
    CHECK(contains(header, "const uint16_t *c;"));
    CHECK(contains(header, "uint16_t *d;"));
    CHECK(contains(header, " * in  c: float16[128], IEEE half precision in uint16_t\n"));
}

TEST_CASE("sizes count the whole batch, and those beyond int are macros") {
    TinyModel model = tiny_model();
    model.program.batch = 3;
    model.program.inputs[0].type.shape = {1 << 16, 1 << 14};
    const std::string header = header_of(model);
    CHECK(contains(header, "#define TINY_IMAGE_SIZE ((size_t)3221225472u)\n"));
    CHECK(contains(header, "TINY_SCORES_SIZE = 384,\n"));
    CHECK(contains(header, "TINY_BATCH = 3,\n"));
}

TEST_CASE("the header says when weights were not trained") {
    CHECK(contains(header_of(tiny_model(), {.initialized = "initialized with seed 1"}),
                   " * WEIGHTS ARE NOT TRAINED: initialized with seed 1\n"));
    CHECK_FALSE(contains(header_of(tiny_model()), "TRAINED"));
}

TEST_CASE("the C++ face owns its workspace and runs on an executor") {
    const std::string folder = fresh_folder("cpp_face");
    write_files(folder, build(tiny_model()));
    write_file(folder + "/main.cpp", R"(
#include "tiny.h"
#include <cstdio>
#include <type_traits>
static int loops = 0;
static void serial(void *, void (*task)(void *, int, int), void *task_context, int count) {
    ++loops;
    for (int i = 0; i < count; ++i) task(task_context, i, i % 4);
}
static_assert(!std::is_copy_constructible_v<tiny::Model> && !std::is_copy_assignable_v<tiny::Model>);
int main() {
    float image[TINY_IMAGE_SIZE], alone[TINY_SCORES_SIZE], parallel[TINY_SCORES_SIZE];
    for (float &x : image) x = 1;
    const halcyon_executor executor = {nullptr, 4, serial, nullptr, nullptr};
    tiny::Model first, second(&executor);
    std::printf("%d %d ", first(image, alone), second(image, parallel));
    std::printf("%d %g %g", loops, alone[7], parallel[7]);
})");
    must("cd " + folder + " && g++ -std=c++17 -Wall -Wextra -Werror main.cpp libtiny.a -o main");
    CHECK(must(folder + "/main") == "0 0 1 8 8");
}

TEST_CASE("the manifest tells what the library is made of") {
    const std::string manifest = bytes_of_file(build(tiny_model(), {.spec_hash = "5bec"}), "tiny.json");
    CHECK(contains(manifest, "\"spec\": \"5bec\""));
    CHECK(contains(manifest, "\"workspace_first_worker\": 1792"));
    CHECK(contains(manifest, "\"symbol\": \"tiny.sum.elementwise\""));
}
