// Libraries for machines other than this one: that they link, and what they ask for.
#include <doctest/doctest.h>

#include "backend/objects.h"
#include "backend/shell.h"
#include "backend/tiny_model.h"
#include "backend/wasm_symbols.h"

using namespace halcyon;
using namespace halcyon::tests;

namespace {

constexpr const char* wasm_clang = "clang-19 --target=wasm32";
constexpr const char* arm_clang = "clang-19 --target=aarch64-linux-gnu -fPIC";

}  // namespace

TEST_CASE("WebAssembly libraries hide all but their interface, so that two link into one module") {
    const std::string folder = fresh_folder("wasm");
    write_files(folder, build(tiny_model("tiny", "wasm-32", wasm_clang)));
    write_files(folder, build(tiny_model("other", "wasm-32", wasm_clang)));
    CHECK(must("llvm-nm-19 -g --defined-only " + folder + "/libtiny.a | sed -n 's/.* [A-Z] //p'") == "tiny_run\n");
    write_file(folder + "/main.c", R"(
#include "tiny.h"
#include "other.h"
static float image[TINY_IMAGE_SIZE], scores[TINY_SCORES_SIZE];
static _Alignas(64) char workspace[TINY_WORKSPACE_BYTES(1)];
static float value(int which, int index) {
    const tiny_tensors tiny = {image, scores};
    const other_tensors other = {image, scores};
    for (int i = 0; i < TINY_IMAGE_SIZE; ++i) image[i] = 2;
    const int error = which ? other_run(&other, workspace, sizeof workspace, NULL) : tiny_run(&tiny, workspace, sizeof workspace, NULL);
    return error ? -1.0f : scores[index];
}
__attribute__((export_name("first"))) float first(int index) { return value(0, index); }
__attribute__((export_name("second"))) float second(int index) { return value(1, index); }
void *memset(void *to, int byte, size_t count) { for (size_t i = 0; i < count; ++i) ((volatile char *)to)[i] = (char)byte; return to; }
void *memcpy(void *to, const void *from, size_t count) { for (size_t i = 0; i < count; ++i) ((volatile char *)to)[i] = ((const char *)from)[i]; return to; }
)");
    must("cd " + folder +
         " && clang-19 --target=wasm32 -ffreestanding -O1 -c main.c -o main.o && "
         "wasm-ld-19 --no-entry main.o libtiny.a libother.a -o module.wasm");
    if (shell("node --version").status == 0) {
        write_file(folder + "/run.mjs", R"(
import { readFileSync } from "node:fs";
const { instance } = await WebAssembly.instantiate(readFileSync("module.wasm"));
console.log(instance.exports.first(5), instance.exports.second(6));
)");
        CHECK(must("cd " + folder + " && node run.mjs") == "12 14\n");
    }
}

TEST_CASE("WebAssembly libraries keep their layers' names and import memory functions only") {
    const std::string object =
        hide_symbols(merge_objects({rename_kernel(tiny_model("tiny", "wasm-32", wasm_clang).kernels[0].object,
                                                  "tiny.scale.elementwise")},
                                   tiny_model("tiny", "wasm-32", wasm_clang).program.target),
                     {});
    bool named = false;
    (void)edit_wasm_symbols(object, [&](WasmSymbol& symbol) {
        named =
            named || (symbol.name == "tiny.scale.elementwise" && symbol.is_function && symbol.defined && symbol.local);
    });
    CHECK(named);
    CHECK(imports_of(object) == std::vector<std::string>{"halide_free", "halide_malloc"});
}

TEST_CASE("a library for ARM has one global symbol and ARM code") {
    const std::string folder = fresh_folder("arm");
    write_files(folder, build(tiny_model("tiny", "arm-64-linux", arm_clang), {.shared = true}));
    CHECK(must("llvm-nm-19 -g --defined-only " + folder + "/libtiny.a | sed -n 's/.* [A-Z] //p'") == "tiny_run\n");
    CHECK(must("llvm-readelf-19 -h " + folder + "/libtiny.so").find("AArch64") != std::string::npos);
    CHECK(must("llvm-nm-19 -D -u " + folder + "/libtiny.so | grep -vE ' (memset|memcpy)$' || true") == "");
}
