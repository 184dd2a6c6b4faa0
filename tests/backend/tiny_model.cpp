#include "backend/tiny_model.h"

#include <doctest/doctest.h>

#include <cstring>

#include "backend/shell.h"

namespace halcyon::tests {

namespace {

constexpr int rows = 8, columns = 16, count = rows * columns;

// As Halide would write them: only the buffers' host pointers are read, everything passes the user context on.
constexpr const char* prelude = R"(
#include <stddef.h>
#include <stdint.h>
typedef struct { uint64_t device; void *interface; float *host; uint64_t flags; int32_t type, dimensions; void *dim, *padding; } buffer;
void *halide_malloc(void *, size_t);
void halide_free(void *, void *);
int halide_do_par_for(void *, int (*)(void *, int, uint8_t *), int, int, uint8_t *);
)";

constexpr const char* scale_source = R"(
int halcyon_kernel(void *context, buffer *image, buffer *weight, buffer *out) {
    float *first = halide_malloc(context, 512), *second = halide_malloc(context, 500);
    if (!first || !second || halide_malloc(context, 1)) return -1;
    for (int i = 0; i < 128; ++i) first[i] = image->host[i];
    halide_free(context, first);
    for (int i = 0; i < 125; ++i) second[i] = first[i];
    for (int i = 0; i < 125; ++i) out->host[i] = second[i] * weight->host[i];
    for (int i = 125; i < 128; ++i) out->host[i] = image->host[i] * weight->host[i];
    halide_free(context, second);
    return 0;
}
)";

constexpr const char* sum_source = R"(
struct closure { float *scaled, *image, *out; };
int halcyon_kernel_par_for_rows(void *context, int y, uint8_t *memory) {
    struct closure *c = (struct closure *)memory;
    float *row = halide_malloc(context, 64);
    for (int i = 0; i < 16; ++i) row[i] = c->scaled[y * 16 + i];
    for (int i = 0; i < 16; ++i) c->out[y * 16 + i] = row[i] + c->image[y * 16 + i];
    halide_free(context, row);
    return 0;
}
int halcyon_kernel(void *context, buffer *scaled, buffer *image, buffer *out) {
    struct closure c = {scaled->host, image->host, out->host};
    return halide_do_par_for(context, halcyon_kernel_par_for_rows, 0, 8, (uint8_t *)&c);
}
)";

CompiledKernel compile(const std::string& compiler, const std::string& source, std::int64_t scratch,
                       std::int64_t worker_scratch) {
    static const std::string folder = fresh_folder("kernels");
    const std::string path = folder + "/kernel";
    write_file(path + ".c", prelude + source);
    must(compiler + " -std=c11 -O2 -ffreestanding -c " + path + ".c -o " + path + ".o");
    return {read_file(path + ".o"), scratch, worker_scratch};
}

Kernel elementwise_kernel(const std::string& name, std::size_t inputs, const std::vector<Shape>& constants) {
    const TensorType type{ElementType::float32, {1, rows, columns}};
    Kernel kernel;
    kernel.name = name;
    kernel.task.inputs.assign(inputs, type);
    kernel.task.output = type;
    kernel.task.constants = constants;
    kernel.candidate.family = "elementwise";
    kernel.candidate.inputs.assign(inputs, dense_layout(type.shape));
    kernel.candidate.output = dense_layout(type.shape);
    return kernel;
}

KernelCall call(int kernel, const std::string& layer, std::vector<Place> arguments) {
    KernelCall result;
    result.kernel = kernel;
    result.layer = layer;
    result.members = {layer};
    result.arguments = std::move(arguments);
    return result;
}

TinyModel tiny_program(const std::string& name, const std::string& target) {
    TinyModel model;
    Program& program = model.program;
    program.model = name;
    std::string why;
    program.target = find_target(target, why).value();
    program.threads = 4;
    const TensorType door{ElementType::float32, {rows, columns}};
    program.inputs = {{"image", door}};
    program.outputs = {{"scores", door}};
    program.kernels = {elementwise_kernel("scale.elementwise", 1, {{rows, columns}}),
                       elementwise_kernel("sum.elementwise", 2, {})};

    using Kind = Place::Kind;
    const Place image{Kind::input, 0, 0}, scores{Kind::output, 0, 0}, scaled{Kind::workspace, 0, 64},
        weight{Kind::constant, 0, 0};
    program.calls = {call(0, "scale", {image, weight, scaled}), call(1, "sum", {scaled, image, scores})};
    program.constants = {{ConstantExpr::weight("scale/weight", {rows, columns}), 0, 0, {rows, columns}, 0}};
    program.constant_bytes = count * 4;
    program.buffer_bytes = 64 + count * 4;

    model.blob.resize(count * 4);
    for (int i = 0; i < count; ++i) {
        const float value = static_cast<float>(i);
        std::memcpy(model.blob.data() + i * 4, &value, 4);
    }
    return model;
}

}  // namespace

TinyModel tiny_model(const std::string& name) {
    static const std::vector<CompiledKernel> kernels = tiny_model("any", "x86-64-v2", "gcc -fPIC").kernels;
    TinyModel model = tiny_program(name, "x86-64-v2");
    model.kernels = kernels;
    return model;
}

TinyModel tiny_model(const std::string& name, const std::string& target, const std::string& compiler) {
    TinyModel model = tiny_program(name, target);
    model.kernels = {compile(compiler, scale_source, 2 * 576, 0), compile(compiler, sum_source, 128, 128)};
    return model;
}

std::vector<LibraryFile> build(const TinyModel& model, const LibraryOptions& options) {
    Diagnostics diag;
    std::vector<LibraryFile> files = build_library({{model.program, model.kernels}}, model.blob, options, diag);
    REQUIRE_FALSE(diag.has_errors());
    return files;
}

void write_files(const std::string& folder, const std::vector<LibraryFile>& files) {
    for (const LibraryFile& file : files) write_file(folder + "/" + file.name, file.bytes);
}

std::string bytes_of_file(const std::vector<LibraryFile>& files, const std::string& name) {
    for (const LibraryFile& file : files) {
        if (file.name == name) return file.bytes;
    }
    FAIL("no file " << name);
    return "";
}

std::string run_c_program(const std::string& folder, const std::string& source, const std::string& libraries) {
    write_file(folder + "/main.c", source);
    must("cd " + folder + " && gcc -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -Wno-unused -O1 main.c " + libraries +
         " -o main -ldl -lpthread");
    return must("cd " + folder + " && ./main");
}

}  // namespace halcyon::tests
