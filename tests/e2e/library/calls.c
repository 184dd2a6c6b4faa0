/* Right calls write their outputs and the workspace and nothing else, at any alignment of the tensors; wrong calls are
 * answered with error codes and write nothing. */
#include "caller.h"

static void serial(void* context, void (*task)(void*, int, int), void* task_context, int count) {
    (void)context;
    for (int i = 0; i < count; ++i) task(task_context, i, 0);
}

int main(void) {
    static float image[MIXED_IMAGE_SIZE], expected_scores[MIXED_SCORES_SIZE], expected_features[MIXED_FEATURES_SIZE];
    const size_t bytes = MIXED_WORKSPACE_BYTES(1);
    fill_image(image);
    guarded workspace = make_guarded(bytes, MIXED_WORKSPACE_ALIGNMENT);
    mixed_tensors tensors = {image, expected_scores, expected_features};
    REQUIRE(mixed_run(&tensors, workspace.begin, bytes, NULL) == HALCYON_OK);
    REQUIRE(is_intact(workspace));
    REQUIRE(is_plausible(expected_scores));

    for (size_t shift = 0; shift < 64; shift += 4) {
        guarded in = make_guarded(sizeof image + shift, 4), scores = make_guarded(sizeof expected_scores + shift, 4);
        guarded features = make_guarded(sizeof expected_features + shift, 4);
        in.begin += shift, scores.begin += shift, features.begin += shift;
        in.bytes -= shift, scores.bytes -= shift, features.bytes -= shift;
        memcpy(in.begin, image, sizeof image);
        memset(workspace.begin, (int)shift, bytes);
        tensors = (mixed_tensors){(const float*)in.begin, (float*)scores.begin, (float*)features.begin};
        REQUIRE(mixed_run(&tensors, workspace.begin, bytes, NULL) == HALCYON_OK);
        REQUIRE(is_intact(in) && is_intact(scores) && is_intact(features) && is_intact(workspace));
        REQUIRE(memcmp(in.begin, image, sizeof image) == 0);
        REQUIRE(memcmp(scores.begin, expected_scores, sizeof expected_scores) == 0);
        REQUIRE(memcmp(features.begin, expected_features, sizeof expected_features) == 0);
        free(in.all), free(scores.all), free(features.all);
    }

    static float scores[MIXED_SCORES_SIZE], features[MIXED_FEATURES_SIZE], zeros[MIXED_SCORES_SIZE];
    const mixed_tensors good = {image, scores, features};
    const mixed_tensors no_image = {NULL, scores, features}, no_features = {image, scores, NULL};
    const halcyon_executor none = {.worker_count = 0, .parallel_for = serial};
    const halcyon_executor negative = {.worker_count = -1, .parallel_for = serial};
    const halcyon_executor no_function = {.worker_count = 2};
    REQUIRE(mixed_run(NULL, workspace.begin, bytes, NULL) == HALCYON_ERROR_NULL);
    REQUIRE(mixed_run(&no_image, workspace.begin, bytes, NULL) == HALCYON_ERROR_NULL);
    REQUIRE(mixed_run(&no_features, workspace.begin, bytes, NULL) == HALCYON_ERROR_NULL);
    REQUIRE(mixed_run(&good, NULL, bytes, NULL) == HALCYON_ERROR_NULL);
    REQUIRE(mixed_run(&good, workspace.begin, bytes - 1, NULL) == HALCYON_ERROR_WORKSPACE_SIZE);
    REQUIRE(mixed_run(&good, workspace.begin, 0, NULL) == HALCYON_ERROR_WORKSPACE_SIZE);
    REQUIRE(mixed_run(&good, workspace.begin + 16, bytes, NULL) == HALCYON_ERROR_WORKSPACE_ALIGNMENT);
    REQUIRE(mixed_run(&good, workspace.begin, bytes, &none) == HALCYON_ERROR_EXECUTOR);
    REQUIRE(mixed_run(&good, workspace.begin, bytes, &negative) == HALCYON_ERROR_EXECUTOR);
    REQUIRE(mixed_run(&good, workspace.begin, bytes, &no_function) == HALCYON_ERROR_EXECUTOR);
    REQUIRE(memcmp(scores, zeros, sizeof zeros) == 0);
    REQUIRE(is_intact(workspace));
    return 0;
}
