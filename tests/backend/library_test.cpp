#include "backend/library.h"

#include <doctest/doctest.h>

#include <cstdlib>

#include "backend/shell.h"
#include "backend/tiny_model.h"

using namespace halcyon;
using namespace halcyon::tests;

namespace {

// What every program here begins with: a tensor, and a check of the result.
const std::string common = R"(
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tiny.h"
static float image[TINY_IMAGE_SIZE], scores[TINY_SCORES_SIZE];
static _Alignas(64) char workspace[TINY_WORKSPACE_BYTES(8)];
static void fill(void) { for (int i = 0; i < TINY_IMAGE_SIZE; ++i) image[i] = (float)(i % 7); }
static int right(const float *s) {
    for (int i = 0; i < TINY_SCORES_SIZE; ++i) if (s[i] != (float)(i % 7) * (float)i + (float)(i % 7)) return 0;
    return 1;
}
)";

}  // namespace

TEST_CASE("a library computes what its program says") {
    const std::string folder = fresh_folder("computes");
    write_files(folder, build(tiny_model()));
    const std::string output = run_c_program(folder, common + R"(
int main(void) {
    fill();
    const tiny_tensors tensors = {image, scores};
    const int error = tiny_run(&tensors, workspace, TINY_WORKSPACE_BYTES(1), NULL);
    printf("%s, %s", halcyon_error_text(error), right(scores) ? "right" : "wrong");
})",
                                             "libtiny.a");
    CHECK(output == "no error, right");
}

TEST_CASE("a library imports nothing but memory functions and libm") {
    const std::string folder = fresh_folder("imports");
    write_files(folder, build(tiny_model()));
    const std::string undefined = must("nm -u " + folder + "/libtiny.a | sed -n 's/^ *U //p' | sort -u");
    std::string allowed = undefined;
    // The table is the linker's own.
    for (const char* name : {"_GLOBAL_OFFSET_TABLE_\n", "memcpy\n", "memset\n", "memmove\n"}) {
        if (const std::size_t at = allowed.find(name); at != std::string::npos)
            allowed.erase(at, std::string(name).size());
    }
    CHECK(allowed == "");
}

TEST_CASE("the only global symbol of a library is its interface") {
    const std::string folder = fresh_folder("globals");
    write_files(folder, build(tiny_model()));
    CHECK(must("nm -g --defined-only " + folder + "/libtiny.a | sed -n 's/.* [A-Z] //p'") == "tiny_run\n");
}

TEST_CASE("functions keep their layers' names, for profilers and debuggers") {
    const std::string folder = fresh_folder("names");
    write_files(folder, build(tiny_model()));
    const std::string functions = must("nm " + folder + "/libtiny.a | sed -n 's/.* t tiny/tiny/p' | sort");
    CHECK(functions == "tiny.scale.elementwise\n"
                       "tiny.sum.elementwise\n"
                       "tiny.sum.elementwise_par_for_rows\n");
}

TEST_CASE("every function of a library has an unwind table, and none asks for an executable stack") {
    const std::string folder = fresh_folder("sections");
    write_files(folder, build(tiny_model()));
    const std::string sections = must("readelf -SW " + folder + "/libtiny.a");
    CHECK(sections.find(" .eh_frame ") != std::string::npos);
    CHECK(sections.find(" .note.GNU-stack ") != std::string::npos);
    CHECK(sections.find(" .comment ") == std::string::npos);
    const std::string functions = must("nm " + folder + "/libtiny.a | grep -c ' [tT] '");
    CHECK(must("readelf --debug-dump=frames " + folder + "/libtiny.a | grep -c ' FDE '") == functions);
}

TEST_CASE("two libraries live in one program") {
    const std::string folder = fresh_folder("two");
    write_files(folder, build(tiny_model("tiny")));
    write_files(folder, build(tiny_model("other")));
    const std::string output = run_c_program(folder, common + R"(
#include "other.h"
static _Alignas(64) char other_workspace[OTHER_WORKSPACE_BYTES(1)];
int main(void) {
    fill();
    float second[OTHER_SCORES_SIZE];
    const tiny_tensors tensors = {image, scores};
    const other_tensors other = {image, second};
    if (tiny_run(&tensors, workspace, sizeof workspace, NULL) || other_run(&other, other_workspace, sizeof other_workspace, NULL)) return 1;
    printf("%d %d", right(scores), right(second));
})",
                                             "libtiny.a libother.a");
    CHECK(output == "1 1");
}

TEST_CASE("a run allocates nothing") {
    const std::string folder = fresh_folder("malloc");
    write_files(folder, build(tiny_model()));
    const std::string output = run_c_program(folder, common + R"(
#include <unistd.h>
static int running;
void *malloc(size_t n) { static char heap[1 << 20]; static size_t used; if (running) abort(); used = (used + 63) & ~63ul; used += n; return heap + used - n; }
void *calloc(size_t a, size_t b) { return malloc(a * b); }
void *realloc(void *p, size_t n) { (void)p; return malloc(n); }
void free(void *p) { (void)p; if (running) abort(); }
int main(void) {
    fill();
    const tiny_tensors tensors = {image, scores};
    running = 1;
    const int error = tiny_run(&tensors, workspace, sizeof workspace, NULL);
    running = 0;
    printf("%d %d", error, right(scores));
})",
                                             "libtiny.a");
    CHECK(output == "0 1");
}

TEST_CASE("wrong calls are answered with error codes") {
    const std::string folder = fresh_folder("wrong");
    write_files(folder, build(tiny_model()));
    const std::string output = run_c_program(folder, common + R"(
static void serial(void *context, void (*task)(void *, int, int), void *task_context, int count) {
    (void)context;
    for (int i = 0; i < count; ++i) task(task_context, i, 0);
}
static void wrong_worker(void *context, void (*task)(void *, int, int), void *task_context, int count) {
    (void)context;
    for (int i = 0; i < count; ++i) task(task_context, i, 7);
}
int main(void) {
    const tiny_tensors good = {image, scores}, no_image = {NULL, scores}, no_scores = {image, NULL};
    const size_t bytes = TINY_WORKSPACE_BYTES(1);
    const halcyon_executor none = {.parallel_for = serial}, no_function = {.worker_count = 2};
    const halcyon_executor two = {.worker_count = 2, .parallel_for = serial}, liar = {.worker_count = 2, .parallel_for = wrong_worker};
    printf("%d ", tiny_run(NULL, workspace, bytes, NULL) == HALCYON_ERROR_NULL);
    printf("%d ", tiny_run(&no_image, workspace, bytes, NULL) == HALCYON_ERROR_NULL);
    printf("%d ", tiny_run(&no_scores, workspace, bytes, NULL) == HALCYON_ERROR_NULL);
    printf("%d ", tiny_run(&good, NULL, bytes, NULL) == HALCYON_ERROR_NULL);
    printf("%d ", tiny_run(&good, workspace, bytes - 1, NULL) == HALCYON_ERROR_WORKSPACE_SIZE);
    printf("%d ", tiny_run(&good, workspace, 0, NULL) == HALCYON_ERROR_WORKSPACE_SIZE);
    printf("%d ", tiny_run(&good, workspace, TINY_WORKSPACE_BYTES(2) - 1, &two) == HALCYON_ERROR_WORKSPACE_SIZE);
    printf("%d ", tiny_run(&good, workspace + 32, bytes, NULL) == HALCYON_ERROR_WORKSPACE_ALIGNMENT);
    printf("%d ", tiny_run(&good, workspace, bytes, &none) == HALCYON_ERROR_EXECUTOR);
    printf("%d ", tiny_run(&good, workspace, bytes, &no_function) == HALCYON_ERROR_EXECUTOR);
    printf("%d ", tiny_run(&good, workspace, TINY_WORKSPACE_BYTES(2), &liar) == HALCYON_ERROR_EXECUTOR);
    printf("%d", tiny_run(&good, workspace, TINY_WORKSPACE_BYTES(2), &two));
})",
                                             "libtiny.a");
    CHECK(output == "1 1 1 1 1 1 1 1 1 1 1 0");
}

TEST_CASE("nothing outside of outputs and workspace is written") {
    const std::string folder = fresh_folder("canaries");
    write_files(folder, build(tiny_model()));
    const std::string output = run_c_program(folder, common + R"(
enum { guard = 256 };
static _Alignas(64) unsigned char memory[3][guard + 65536 + guard];
static void *guarded(int which, size_t bytes) {
    memset(memory[which], 0xa5, sizeof memory[which]);
    return memory[which] + (guard + 65536 - bytes) / 64 * 64;
}
static int intact(int which, const void *begin, size_t bytes) {
    for (const unsigned char *p = memory[which]; p < memory[which] + sizeof memory[which]; ++p) {
        const int inside = p >= (const unsigned char *)begin && p < (const unsigned char *)begin + bytes;
        if (!inside && *p != 0xa5) return 0;
    }
    return 1;
}
static void serial(void *context, void (*task)(void *, int, int), void *task_context, int count) {
    (void)context;
    for (int i = count - 1; i >= 0; --i) task(task_context, i, i % 3);
}
int main(void) {
    fill();
    for (int workers = 1; workers <= 3; workers += 2) {
        const size_t bytes = TINY_WORKSPACE_BYTES(workers);
        float *in = guarded(0, sizeof image), *out = guarded(1, sizeof scores);
        void *work = guarded(2, bytes);
        memcpy(in, image, sizeof image);
        const halcyon_executor executor = {.worker_count = 3, .parallel_for = serial};
        const tiny_tensors tensors = {in, out};
        if (tiny_run(&tensors, work, bytes, workers == 1 ? NULL : &executor)) return 1;
        printf("%d%d%d%d%d ", intact(0, in, sizeof image), !memcmp(in, image, sizeof image), intact(1, out, sizeof scores), intact(2, work, bytes), right(out));
    }
})",
                                             "libtiny.a");
    CHECK(output == "11111 11111 ");
}

TEST_CASE("a program that watches is told of every kernel's beginning and end, with its layer and its name") {
    const std::string folder = fresh_folder("watch");
    write_files(folder, build(tiny_model()));
    const std::string output = run_c_program(folder, common + R"(
static void watch(void *context, int event, int index, const char *layer, const char *kernel) {
    printf("%s%d %s %d %s %s", *(int *)context ? "; " : "", *(int *)context, event == HALCYON_KERNEL_BEGINS ? "begins" : "ends", index, layer, kernel);
    ++*(int *)context;
}
int main(void) {
    fill();
    int events = 0;
    const halcyon_executor alone = {.worker_count = 1, .on_kernel = watch, .on_kernel_context = &events};
    const tiny_tensors tensors = {image, scores};
    if (tiny_run(&tensors, workspace, TINY_WORKSPACE_BYTES(1), &alone)) return 1;
    printf("; %d", right(scores));
})",
                                             "libtiny.a");
    CHECK(output == "0 begins 0 scale tiny.scale.elementwise; 1 ends 0 scale tiny.scale.elementwise; "
                    "2 begins 1 sum tiny.sum.elementwise; 3 ends 1 sum tiny.sum.elementwise; 1");
}

TEST_CASE("eight threads share one library, and get the same bits") {
    const std::string folder = fresh_folder("threads");
    write_files(folder, build(tiny_model()));
    const std::string output = run_c_program(folder, common + R"(
#include <pthread.h>
static void *run(void *argument) {
    long wrong = 0;
    float mine[TINY_SCORES_SIZE];
    void *own = aligned_alloc(64, TINY_WORKSPACE_BYTES(1));
    const tiny_tensors tensors = {image, mine};
    for (int i = 0; i < 2000; ++i) {
        memset(mine, 0, sizeof mine);
        wrong += tiny_run(&tensors, own, TINY_WORKSPACE_BYTES(1), NULL) != 0 || memcmp(mine, argument, sizeof mine) != 0;
    }
    free(own);
    return (void *)wrong;
}
int main(void) {
    fill();
    const tiny_tensors tensors = {image, scores};
    if (tiny_run(&tensors, workspace, sizeof workspace, NULL)) return 1;
    pthread_t threads[8];
    long wrong = 0;
    for (int i = 0; i < 8; ++i) pthread_create(&threads[i], NULL, run, scores);
    for (int i = 0; i < 8; ++i) { void *result; pthread_join(threads[i], &result); wrong += (long)result; }
    printf("%ld wrong, %d", wrong, right(scores));
})",
                                             "libtiny.a");
    CHECK(output == "0 wrong, 1");
}

TEST_CASE("two builds of one program are equal byte for byte, wherever they are made") {
    const TinyModel model = tiny_model();
    const LibraryOptions options{.shared = true, .weights_file = false};
    const std::vector<LibraryFile> first = build(model, options);
    const std::string elsewhere = fresh_folder("elsewhere");
    setenv("TMPDIR", elsewhere.c_str(), 1);
    const std::vector<LibraryFile> second = build(model, options);
    unsetenv("TMPDIR");
    REQUIRE(first.size() == second.size());
    for (std::size_t i = 0; i < first.size(); ++i) {
        CHECK(first[i].name == second[i].name);
        CHECK(first[i].bytes == second[i].bytes);
    }
}

TEST_CASE("a library is made without any program in PATH") {
    const TinyModel model = tiny_model();
    const std::string path = getenv("PATH");
    setenv("PATH", "", 1);
    Diagnostics diag;
    const std::size_t files =
        build_library({{model.program, model.kernels}}, model.blob, {.shared = true}, diag).size();
    setenv("PATH", path.c_str(), 1);
    CHECK(files == 4);
}

TEST_CASE("a shared library loads with dlopen and runs") {
    const std::string folder = fresh_folder("shared");
    write_files(folder, build(tiny_model(), {.shared = true}));
    const std::string output = run_c_program(folder, common + R"(
#include <dlfcn.h>
int main(void) {
    fill();
    void *library = dlopen("./libtiny.so", RTLD_NOW);
    if (!library) { puts(dlerror()); return 1; }
    int (*run)(const tiny_tensors *, void *, size_t, const halcyon_executor *);
    *(void **)&run = dlsym(library, "tiny_run");
    const tiny_tensors tensors = {image, scores};
    const int error = run(&tensors, workspace, sizeof workspace, NULL);
    printf("%d %d", error, right(scores));
})",
                                             "");
    CHECK(output == "0 1");
    CHECK(must("readelf -dW " + folder + "/libtiny.so | grep SONAME").find("[libtiny.so]") != std::string::npos);
    CHECK(must("nm -D --defined-only " + folder + "/libtiny.so | sed 's/.* //'") == "tiny_run\n");
}

TEST_CASE("weights in a file are checked and used") {
    const std::string folder = fresh_folder("weights_file");
    TinyModel model = tiny_model();
    write_files(folder, build(model, {.weights_file = true}));
    model.program.constants[0].offset = 64;
    model.program.constant_bytes += 64;
    model.blob += std::string(64, '\0');
    write_file(folder + "/foreign.weights", bytes_of_file(build(model, {.weights_file = true}), "tiny.weights"));
    const std::string output = run_c_program(folder, common + R"(
static _Alignas(64) char weights[4096], foreign[4096];
static size_t load(const char *name, char *bytes) {
    FILE *file = fopen(name, "rb");
    const size_t size = fread(bytes, 1, 4096, file);
    fclose(file);
    return size;
}
int main(void) {
    fill();
    const size_t size = load("tiny.weights", weights), foreign_size = load("foreign.weights", foreign);
    tiny_tensors tensors = {image, scores, weights, size};
    const int error = tiny_run(&tensors, workspace, sizeof workspace, NULL);
    printf("%d %d %d, ", tiny_check_weights(weights, size), error, right(scores));
    printf("%d ", tiny_check_weights(weights, size - 1) == HALCYON_ERROR_WEIGHTS);
    printf("%d ", tiny_check_weights(foreign, foreign_size) == HALCYON_ERROR_WEIGHTS);
    printf("%d ", tiny_check_weights(NULL, size) == HALCYON_ERROR_NULL);
    printf("%d ", tiny_check_weights(weights + 4, size) == HALCYON_ERROR_WEIGHTS_ALIGNMENT);
    weights[size - 5] ^= 1;
    printf("%d ", tiny_check_weights(weights, size) == HALCYON_ERROR_WEIGHTS);
    tensors.weights_bytes = 3;
    printf("%d ", tiny_run(&tensors, workspace, sizeof workspace, NULL) == HALCYON_ERROR_WEIGHTS);
    tensors.weights = NULL;
    printf("%d", tiny_run(&tensors, workspace, sizeof workspace, NULL) == HALCYON_ERROR_NULL);
})",
                                             "libtiny.a");
    CHECK(output == "0 0 1, 1 1 1 1 1 1 1");
    CHECK(must("nm -g --defined-only " + folder + "/libtiny.a | sed -n 's/.* [A-Z] //p' | sort") ==
          "tiny_check_weights\ntiny_run\n");
}

TEST_CASE("a library without the instructions that it needs says so") {
    TinyModel model = tiny_model();
    std::string why;
    model.program.target = find_target("x86-64-linux-avx-avx2-avx512-avx512_knl-f16c-fma-sse41", why).value();
    const std::string folder = fresh_folder("cpu");
    write_files(folder, build(model));
    const std::string output = run_c_program(folder, common + R"(
int main(void) {
    const tiny_tensors tensors = {image, scores};
    puts(halcyon_error_text(tiny_run(&tensors, workspace, sizeof workspace, NULL)));
})",
                                             "libtiny.a");
    CHECK(output == "this CPU lacks instructions that the library was compiled for\n");
}

TEST_CASE("the workspace is buffers, then a part for each worker") {
    const TinyModel model = tiny_model();
    const WorkspaceSize size = workspace_size(model.program, model.kernels);
    CHECK(size.first_worker == 64 + 512 + 64 + 1152);
    CHECK(size.further_worker == 64 + 128);
}

TEST_CASE("weights beyond what a library can hold are a diagnostic") {
    TinyModel model = tiny_model();
    model.program.constant_bytes = (std::int64_t{1} << 30) + 64;
    model.blob.assign(static_cast<std::size_t>(model.program.constant_bytes), '\0');
    Diagnostics diag;
    CHECK(build_library({{model.program, model.kernels}}, model.blob, {}, diag).empty());
    REQUIRE(diag.all().size() == 1);
    CHECK(diag.all()[0].message == "the weights of 'tiny' take 1073741888 bytes; a library holds at most 1073741824");
}

TEST_CASE("a temporary folder that cannot be written is a diagnostic") {
    const TinyModel model = tiny_model();
    setenv("TMPDIR", "/nonexistent", 1);
    Diagnostics diag;
    const std::size_t files = build_library({{model.program, model.kernels}}, model.blob, {}, diag).size();
    unsetenv("TMPDIR");
    CHECK(files == 0);
    REQUIRE(diag.all().size() == 1);
    CHECK(diag.all()[0].code == Code::unwritable_file);
    CHECK(diag.all()[0].message == "cannot make a temporary folder: No such file or directory");
}
