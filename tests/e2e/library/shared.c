/* The shared library, loaded by a program that links nothing of it. */
#include <dlfcn.h>

#include "caller.h"

int main(void) {
    static float image[MIXED_IMAGE_SIZE], scores[MIXED_SCORES_SIZE], features[MIXED_FEATURES_SIZE];
    static _Alignas(64) char workspace[MIXED_WORKSPACE_BYTES(1)];
    const mixed_tensors tensors = {image, scores, features};
    int (*run)(const mixed_tensors*, void*, size_t, const halcyon_executor*);
    fill_image(image);
    void* library = dlopen("./libmixed.so", RTLD_NOW);
    if (!library) puts(dlerror());
    REQUIRE(library != NULL);
    *(void**)&run = dlsym(library, "mixed_run");
    REQUIRE(run != NULL);
    REQUIRE(run(&tensors, workspace, sizeof workspace, NULL) == HALCYON_OK);
    REQUIRE(is_plausible(scores));
    return 0;
}
