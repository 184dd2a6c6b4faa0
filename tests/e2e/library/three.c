/* Three models share one pool, called at once from three threads, each with the bits that it has alone; shortly after the
 * last call the process uses no CPU. */
#include <pthread.h>
#include <time.h>

#include "caller.h"
#include "digits.h"
#include "halcyon/pool.h"
#include "lenet5.h"

enum { workers = 3, calls = 200 };
static halcyon_pool* pool;

/* One model: runs it alone, then often on the pool; returns how often its bits were others. */
#define DEFINE_MODEL(model, MODEL, input, output, INPUT, OUTPUT, type)                   \
    static void* run_##model(void* unused) {                                             \
        static type in[MODEL##_##INPUT##_SIZE];                                          \
        static float expected[MODEL##_##OUTPUT##_SIZE], result[MODEL##_##OUTPUT##_SIZE]; \
        unsigned state = 7;                                                              \
        for (int i = 0; i < MODEL##_##INPUT##_SIZE; ++i) {                               \
            state = state * 1664525u + 1013904223u;                                      \
            in[i] = (type)((state >> 8) % 256);                                          \
        }                                                                                \
        const halcyon_executor executor = halcyon_pool_executor(pool);                   \
        const size_t bytes = MODEL##_WORKSPACE_BYTES(workers);                           \
        void* workspace = aligned_alloc(64, bytes);                                      \
        const model##_tensors alone = {.input = in, .output = expected MORE_##MODEL};    \
        const model##_tensors shared = {.input = in, .output = result MORE_##MODEL};     \
        long wrong = model##_run(&alone, workspace, bytes, NULL) != HALCYON_OK;          \
        for (int i = 0; i < calls; ++i) {                                                \
            memset(result, 0, sizeof result);                                            \
            wrong += model##_run(&shared, workspace, bytes, &executor) != HALCYON_OK ||  \
                     memcmp(result, expected, sizeof result) != 0;                       \
        }                                                                                \
        free(workspace);                                                                 \
        (void)unused;                                                                    \
        return (void*)wrong;                                                             \
    }

static float features[MIXED_FEATURES_SIZE];
#define MORE_MIXED , .features = features
#define MORE_DIGITS
#define MORE_LENET5
DEFINE_MODEL(mixed, MIXED, image, scores, IMAGE, SCORES, float)
DEFINE_MODEL(digits, DIGITS, image, scores, IMAGE, SCORES, uint8_t)
DEFINE_MODEL(lenet5, LENET5, image, scores, IMAGE, SCORES, float)

static double cpu_seconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void sleep_milliseconds(long milliseconds) {
    const struct timespec time = {0, milliseconds * 1000000};
    nanosleep(&time, NULL);
}

int main(void) {
    pool = halcyon_pool_create(workers);
    REQUIRE(pool != NULL);
    void* (*const models[])(void*) = {run_mixed, run_digits, run_lenet5};
    pthread_t threads[3];
    for (int i = 0; i < 3; ++i) REQUIRE(pthread_create(&threads[i], NULL, models[i], NULL) == 0);
    for (int i = 0; i < 3; ++i) {
        void* wrong = NULL;
        pthread_join(threads[i], &wrong);
        REQUIRE(wrong == NULL);
    }
    sleep_milliseconds(5);
    const double begin = cpu_seconds();
    sleep_milliseconds(100);
    const double used = cpu_seconds() - begin;
    if (used > 0.001) printf("%.2f ms of CPU time in an idle tenth of a second\n", used * 1e3);
    REQUIRE(used <= 0.001);
    halcyon_pool_destroy(pool);
    return 0;
}
