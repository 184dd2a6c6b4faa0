/* Runs a library with every buffer between pages that must not be touched: a read or write outside ends the program.
 *
 *     guarded_run LIBRARY.so SYMBOL WORKSPACE_BYTES WORKERS INPUT_FILE... -- OUTPUT_FILE OUTPUT_BYTES ...
 *
 * Compiled with RUN defined as the symbol it is linked with the library, and the first two words mean nothing.
 *
 * Two runs, with the buffers at the end of their pages and at the beginning, on one thread and on an executor, must
 * give the same bits, whatever the memory held before; they are written to the output files. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { page = 4096, most = 64, alignment = 64 };

typedef struct executor {
    void* context;
    int worker_count;
    void (*parallel_for)(void*, void (*)(void*, int, int), void*, int);
    void (*on_kernel)(void*, int, int, const char*, const char*);
    void* on_kernel_context;
} executor;

typedef int (*run_function)(void* const* tensors, void* workspace, size_t bytes, const executor*);

#ifdef RUN
int RUN(void* const* tensors, void* workspace, size_t bytes, const executor* executor);

static run_function find_run(char** words) {
    (void)words;
    return RUN;
}
#else
static run_function find_run(char** words) {
    run_function run = NULL;
    void* const library = dlopen(words[1], RTLD_NOW);
    if (library) *(void**)&run = dlsym(library, words[2]);
    if (!run) printf("%s\n", dlerror());
    return run;
}
#endif

static size_t pages(size_t bytes) {
    return (bytes + page - 1) / page * page;
}

/* Memory that ends (or begins) next to a page without access, and has another on its other side. */
static char* guarded(size_t bytes, int at_end, int fill) {
    const size_t all = pages(bytes) + (bytes == 0 ? page : 0);
    char* const memory = mmap(NULL, all + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED || mprotect(memory + page, all, PROT_READ | PROT_WRITE) != 0) exit(3);
    memset(memory + page, fill, all);
    return memory + page + (at_end ? all - bytes : 0);
}

/* Last index first, on changing workers: nothing may depend on the order. */
static void backwards(void* context, void (*task)(void*, int, int), void* task_context, int count) {
    const int workers = *(const int*)context;
    for (int i = count; i-- > 0;) task(task_context, i, i % workers);
}

static char* read_file(const char* path, size_t* bytes) {
    FILE* const file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END) != 0) exit(4);
    *bytes = (size_t)ftell(file);
    rewind(file);
    char* const text = malloc(*bytes + 1);
    if (fread(text, 1, *bytes, file) != *bytes) exit(4);
    fclose(file);
    return text;
}

int main(int count, char** words) {
    if (count < 6) return 2;
    const run_function run = find_run(words);
    if (!run) return 3;
    const size_t workspace_bytes = strtoul(words[3], NULL, 10);
    int workers = atoi(words[4]);
    const executor parallel = {&workers, workers, backwards, NULL, NULL};

    char *input[most], *result[2][most];
    const char* path[most];
    size_t input_bytes[most], output_bytes[most];
    int inputs = 0, outputs = 0, word = 5;
    for (; word < count && strcmp(words[word], "--") != 0; ++word, ++inputs)
        input[inputs] = read_file(words[word], &input_bytes[inputs]);
    for (++word; word + 1 < count; word += 2, ++outputs) {
        path[outputs] = words[word];
        output_bytes[outputs] = strtoul(words[word + 1], NULL, 10);
    }

    for (int round = 0; round < 2; ++round) {
        const int at_end = round == 0, fill = at_end ? 0xff : 0x5a;
        void* tensors[2 * most];
        for (int i = 0; i < inputs; ++i) {
            tensors[i] = guarded(input_bytes[i], at_end, fill);
            memcpy(tensors[i], input[i], input_bytes[i]);
        }
        for (int i = 0; i < outputs; ++i) {
            tensors[inputs + i] = result[round][i] = guarded(output_bytes[i], at_end, fill);
        }
        char* const workspace = guarded(workspace_bytes, at_end, fill);
        const int status = run(tensors, workspace, workspace_bytes, round == 0 ? NULL : &parallel);
        if (status != 0) return printf("run answered %d\n", status), 5;
        for (int i = 0; i < inputs; ++i) {
            if (memcmp(tensors[i], input[i], input_bytes[i]) != 0) return printf("input %d was written\n", i), 5;
        }
    }
    for (int i = 0; i < outputs; ++i) {
        if (memcmp(result[0][i], result[1][i], output_bytes[i]) != 0)
            return printf("output %d depends on where memory lies, what it held, or the executor\n", i), 6;
        FILE* const file = fopen(path[i], "wb");
        if (!file || fwrite(result[0][i], 1, output_bytes[i], file) != output_bytes[i] || fclose(file) != 0) return 4;
    }
    return 0;
}
