/* The same bits from one thread, from pools of any size, from a strange executor, and from eight threads at once. */
#include <pthread.h>

#include "caller.h"
#include "halcyon/pool.h"

static float image[MIXED_IMAGE_SIZE], expected[MIXED_SCORES_SIZE];

static int run_with(const halcyon_executor* executor, int workers) {
    float scores[MIXED_SCORES_SIZE], features[MIXED_FEATURES_SIZE];
    guarded workspace = make_guarded(MIXED_WORKSPACE_BYTES(workers), 64);
    const mixed_tensors tensors = {image, scores, features};
    const int error = mixed_run(&tensors, workspace.begin, workspace.bytes, executor);
    const int same = memcmp(scores, expected, sizeof expected) == 0 && is_intact(workspace);
    free(workspace.all);
    return error == HALCYON_OK && same;
}

static void backwards(void* context, void (*task)(void*, int, int), void* task_context, int count) {
    *(int*)context += 1;
    for (int i = count - 1; i >= 0; --i) task(task_context, i, i % 5);
}

static void* run_often(void* pool) {
    const halcyon_executor executor = halcyon_pool_executor(pool);
    long wrong = 0;
    for (int i = 0; i < 50; ++i) wrong += !run_with(NULL, 1) + !run_with(&executor, executor.worker_count);
    return (void*)wrong;
}

int main(void) {
    fill_image(image);
    float features[MIXED_FEATURES_SIZE];
    guarded workspace = make_guarded(MIXED_WORKSPACE_BYTES(1), 64);
    const mixed_tensors tensors = {image, expected, features};
    REQUIRE(mixed_run(&tensors, workspace.begin, workspace.bytes, NULL) == HALCYON_OK);
    REQUIRE(is_plausible(expected));

    int loops = 0;
    const halcyon_executor strange = {.context = &loops, .worker_count = 5, .parallel_for = backwards};
    REQUIRE(run_with(&strange, 5));
    REQUIRE(loops > 0);
    for (int workers = 1; workers <= 8; ++workers) {
        halcyon_pool* pool = halcyon_pool_create(workers);
        const halcyon_executor executor = halcyon_pool_executor(pool);
        for (int i = 0; i < 20; ++i) REQUIRE(run_with(&executor, workers));
        halcyon_pool_destroy(pool);
    }

    halcyon_pool* pool = halcyon_pool_create(3);
    pthread_t threads[8];
    for (int i = 0; i < 8; ++i) REQUIRE(pthread_create(&threads[i], NULL, run_often, pool) == 0);
    for (int i = 0; i < 8; ++i) {
        void* wrong = NULL;
        pthread_join(threads[i], &wrong);
        REQUIRE(wrong == NULL);
    }
    halcyon_pool_destroy(pool);
    return 0;
}
