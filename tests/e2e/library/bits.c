/* An item's results are the same bits on one thread, on pools of any size, on an executor as hostile as its contract
 * allows, wherever it lies in a batch, at any alignment of the tensors, and every time. Prints them, so that they can be
 * compared with other libraries'. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "families.h"
#include "halcyon/pool.h"

enum { items = 3, in = FAMILIES_IMAGE_SIZE, out = FAMILIES_SCORES_SIZE, most_workers = 8 };

#define REQUIRE(condition)                                                 \
    do {                                                                   \
        if (!(condition)) {                                                \
            printf("%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
            exit(1);                                                       \
        }                                                                  \
    } while (0)

static float images[items][in], alone[items][out], together[items][out];
static unsigned state = 1;

static unsigned next_random(void) {
    state = state * 1664525u + 1013904223u;
    return state >> 8;
}

typedef struct one_task {
    void (*task)(void*, int, int);
    void* context;
    int index, worker;
} one_task;

static void* run_task(void* argument) {
    const one_task* one = argument;
    one->task(one->context, one->index, one->worker);
    return NULL;
}

/* One index at a time, in random order, each on a thread of its own as some worker. */
static void hostile(void* loops, void (*task)(void*, int, int), void* context, int count) {
    int* order = malloc(sizeof *order * (size_t)count);
    for (int i = 0; i < count; ++i) {
        const int j = (int)(next_random() % (unsigned)(i + 1));
        order[i] = order[j];
        order[j] = i;
    }
    for (int i = 0; i < count; ++i) {
        one_task one = {task, context, order[i], (int)(next_random() % 5)};
        pthread_t thread;
        REQUIRE(pthread_create(&thread, NULL, run_task, &one) == 0);
        pthread_join(thread, NULL);
    }
    free(order);
    *(int*)loops += 1;
}

/* Runs `count` items, 1 or 3, in memory `shift` bytes beyond an address that suits everything. */
static void run(const int* order, int count, const halcyon_executor* executor, size_t shift, float (*results)[out]) {
    const int workers = executor ? executor->worker_count : 1;
    const size_t bytes = count == 1 ? FAMILIES_WORKSPACE_BYTES(workers) : FAMILIES_BATCH3_WORKSPACE_BYTES(workers);
    char* workspace = aligned_alloc(64, (bytes + 63) / 64 * 64);
    char* memory = aligned_alloc(64, (sizeof images + sizeof alone + 128) / 64 * 64 + 64);
    float* image = (float*)(memory + shift);
    float* scores = image + count * in;
    memset(workspace, (int)(next_random() & 255), bytes);
    for (int i = 0; i < count; ++i) memcpy(image + i * in, images[order[i]], sizeof images[0]);
    const families_tensors tensors = {image, scores};
    REQUIRE((count == 1 ? families_run : families_run_batch3)(&tensors, workspace, bytes, executor) == HALCYON_OK);
    memcpy(results, scores, sizeof results[0] * (size_t)count);
    free(workspace);
    free(memory);
}

static void check(const halcyon_executor* executor, size_t shift) {
    static const int orders[][items] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0},
                                        {2, 0, 1}, {2, 1, 0}, {0, 0, 0}, {2, 2, 1}};
    float results[items][out];
    for (int i = 0; i < items; ++i) {
        run(&i, 1, executor, shift, results);
        REQUIRE(memcmp(results[0], alone[i], sizeof alone[i]) == 0);
    }
    for (size_t o = 0; o < sizeof orders / sizeof orders[0]; ++o) {
        run(orders[o], items, executor, shift, results);
        for (int i = 0; i < items; ++i) REQUIRE(memcmp(results[i], together[orders[o][i]], sizeof results[i]) == 0);
    }
}

int main(int argc, char** argv) {
    const int is_parallel = argc > 1 && atoi(argv[1]) > 1;
    for (int i = 0; i < items * in; ++i) images[i / in][i % in] = (float)next_random() / (float)(1 << 24) - 0.5f;
    for (int i = 0; i < items; ++i) run(&i, 1, NULL, 0, &alone[i]);
    run((const int[]){0, 1, 2}, items, NULL, 0, together);
    REQUIRE(memcmp(alone[0], alone[1], sizeof alone[0]) != 0 && memcmp(alone[1], alone[2], sizeof alone[1]) != 0);

    for (size_t shift = 0; shift < 64; shift += 4) check(NULL, shift);
    for (int workers = 1; workers <= most_workers; ++workers) {
        halcyon_pool* pool = halcyon_pool_create(workers);
        REQUIRE(pool != NULL);
        const halcyon_executor executor = halcyon_pool_executor(pool);
        for (size_t shift = 0; shift < 64; shift += 20) check(&executor, shift);
        halcyon_pool_destroy(pool);
    }
    int loops = 0;
    const halcyon_executor executor = {.context = &loops, .worker_count = 5, .parallel_for = hostile};
    check(&executor, 4);
    REQUIRE((loops > 0) == is_parallel);

    for (int i = 0; i < items * out; ++i) printf("%a %a\n", alone[i / out][i % out], together[i / out][i % out]);
    return 0;
}
