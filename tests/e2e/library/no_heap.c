/* A heap that aborts while the library runs. */
#include "caller.h"

static int running;

void* malloc(size_t bytes) {
    static _Alignas(64) char heap[1 << 20];
    static size_t used;
    if (running) abort();
    used = (used + 63) / 64 * 64 + bytes;
    return used <= sizeof heap ? heap + used - bytes : NULL;
}
void* calloc(size_t count, size_t bytes) {
    return malloc(count * bytes);
}
void* realloc(void* old, size_t bytes) {
    return old ? NULL : malloc(bytes);
}
void* aligned_alloc(size_t alignment, size_t bytes) {
    return alignment <= 64 ? malloc(bytes) : NULL;
}
void free(void* pointer) {
    if (running && pointer) abort();
}

int main(void) {
    static float image[MIXED_IMAGE_SIZE], scores[MIXED_SCORES_SIZE], features[MIXED_FEATURES_SIZE];
    static _Alignas(64) char workspace[MIXED_WORKSPACE_BYTES(1)];
    const mixed_tensors tensors = {image, scores, features};
    fill_image(image);
    running = 1;
    const int error = mixed_run(&tensors, workspace, sizeof workspace, NULL);
    running = 0;
    REQUIRE(error == HALCYON_OK);
    REQUIRE(is_plausible(scores));
    return 0;
}
