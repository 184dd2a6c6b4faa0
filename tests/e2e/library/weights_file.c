/* Weights from the side file: the right ones run, others are refused. */
#include "caller.h"

static char* load(const char* name, size_t* bytes) {
    FILE* file = fopen(name, "rb");
    REQUIRE(file != NULL);
    char* memory = aligned_alloc(64, 1 << 20);
    *bytes = fread(memory, 1, 1 << 20, file);
    fclose(file);
    return memory;
}

int main(void) {
    static float image[MIXED_IMAGE_SIZE], scores[MIXED_SCORES_SIZE], features[MIXED_FEATURES_SIZE];
    static _Alignas(64) char workspace[MIXED_WORKSPACE_BYTES(1)];
    fill_image(image);
    size_t bytes;
    char* weights = load("mixed.weights", &bytes);
    mixed_tensors tensors = {image, scores, features, weights, bytes};
    REQUIRE(mixed_check_weights(weights, bytes) == HALCYON_OK);
    REQUIRE(mixed_run(&tensors, workspace, sizeof workspace, NULL) == HALCYON_OK);
    for (int i = 0; i < MIXED_SCORES_SIZE; ++i) printf("%a\n", scores[i]);

    REQUIRE(mixed_check_weights(NULL, bytes) == HALCYON_ERROR_NULL);
    REQUIRE(mixed_check_weights(weights, bytes - 64) == HALCYON_ERROR_WEIGHTS);
    REQUIRE(mixed_check_weights(weights, 0) == HALCYON_ERROR_WEIGHTS);
    REQUIRE(mixed_check_weights(weights + 16, bytes) == HALCYON_ERROR_WEIGHTS_ALIGNMENT);
    for (size_t i = 0; i < bytes; i += 97) {
        weights[i] ^= 16;
        REQUIRE(mixed_check_weights(weights, bytes) == HALCYON_ERROR_WEIGHTS || (i >= 40 && i < 64));
        weights[i] ^= 16;
    }
    weights[0] ^= 1;
    REQUIRE(mixed_run(&tensors, workspace, sizeof workspace, NULL) == HALCYON_ERROR_WEIGHTS);
    tensors.weights = NULL;
    REQUIRE(mixed_run(&tensors, workspace, sizeof workspace, NULL) == HALCYON_ERROR_NULL);
    return 0;
}
