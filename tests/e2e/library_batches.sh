# One library for several batch sizes: a function, sizes and a C++ class for each; weights that are packed alike come
# once.
set -euo pipefail
"$HALCYON" compile "$SOURCE_DIR/examples/digits/digits.hcn" --batch 2,8 -o both
"$HALCYON" compile "$SOURCE_DIR/examples/digits/digits.hcn" --batch 8 -o eight

[[ $(nm -g --defined-only both/libdigits.a | sed -n 's/.* [A-Z] //p' | sort | xargs) == "digits_run digits_run_batch8" ]]
packed() { sed -n 's/^ *"weights": \([0-9]*\),$/\1/p' "$1/digits.json"; }
(($(packed both) < 2 * $(packed eight))) || { echo "weights: $(packed both) bytes, for one size $(packed eight)"; exit 1; }
grep -q '"run": "digits_run_batch8"' both/digits.json

cat >main.cpp <<'TEXT'
#include "digits.h"

#include <cstdio>
#include <cstring>

static uint8_t image[DIGITS_BATCH8_IMAGE_SIZE];
static float two[DIGITS_SCORES_SIZE], eight[DIGITS_BATCH8_SCORES_SIZE];

int main() {
    static_assert(DIGITS_BATCH == 2 && DIGITS_IMAGE_SIZE == 2 * 64 && DIGITS_BATCH8_IMAGE_SIZE == 8 * 64);
    for (int i = 0; i < DIGITS_BATCH8_IMAGE_SIZE; ++i) image[i] = static_cast<uint8_t>(i * i / 7);
    digits::Model model_of_two;
    digits::ModelBatch8 model_of_eight;
    if (model_of_eight(image, eight)) return 1;
    for (int i = 0; i < 8; i += 2) {
        if (model_of_two(image + i * 64, two)) return 2;
        for (int j = 0; j < 20; ++j) {
            const float difference = two[j] - eight[i * 10 + j];
            if (!(difference < 1e-6f && difference > -1e-6f)) return 3;
        }
    }
    static char workspace[64];
    const digits_tensors tensors = {image, eight}, none = {image, nullptr};
    if (digits_run_batch8(&none, workspace, 64, nullptr) != HALCYON_ERROR_NULL) return 4;
    return digits_run_batch8(&tensors, workspace, 0, nullptr) == HALCYON_ERROR_WORKSPACE_SIZE ? 0 : 5;
}
TEXT
g++ -std=c++17 -Wall -Wextra -Werror -Iboth main.cpp both/libdigits.a -o main
./main

# The side file belongs to the library with the same sizes, and to no other.
"$HALCYON" compile "$SOURCE_DIR/examples/digits/digits.hcn" --batch 2,8 --weights-file -o file
"$HALCYON" compile "$SOURCE_DIR/examples/digits/digits.hcn" --batch 2 --weights-file -o two
cat >file.c <<'TEXT'
#include <stdio.h>
#include "digits.h"
static _Alignas(64) char weights[1 << 20], workspace[DIGITS_BATCH8_WORKSPACE_BYTES(1)];
static uint8_t image[DIGITS_BATCH8_IMAGE_SIZE];
static float scores[DIGITS_BATCH8_SCORES_SIZE];
int main(int argc, char **argv) {
    FILE *file = fopen(argv[argc - 1], "rb");
    const size_t bytes = fread(weights, 1, sizeof weights, file);
    const digits_tensors tensors = {image, scores, weights, bytes};
    fclose(file);
    printf("%d ", digits_check_weights(weights, bytes));
    printf("%d ", digits_run(&tensors, workspace, sizeof workspace, NULL));
    printf("%d\n", digits_run_batch8(&tensors, workspace, sizeof workspace, NULL));
    return 0;
}
TEXT
gcc -std=c11 -Wall -Wextra -Werror -Ifile file.c file/libdigits.a -o from_file
[[ $(./from_file file/digits.weights) == "0 0 0" ]]
[[ $(./from_file two/digits.weights) == "5 5 5" ]]

# Sizes that include 1 make one function for any number of items, with the bits of the functions that it calls.
"$HALCYON" compile "$SOURCE_DIR/examples/digits/digits.hcn" --batch 1,8,3 --weights-file -o any
"$HALCYON" compile "$SOURCE_DIR/examples/digits/digits.hcn" --batch 1,8,3 -o any_inside
[[ $(nm -g --defined-only any_inside/libdigits.a | sed -n 's/.* [A-Z] //p' | sort | xargs) == \
    "digits_run digits_run_batch3 digits_run_batch8 digits_run_items" ]]
! grep -q run_items both/digits.h
grep -q '"run_items": "digits_run_items"' any/digits.json
cat >any.cpp <<'TEXT'
#include <cstdio>
#include <cstring>
#include <vector>

#include "digits.h"

int main() {
    // 14 = 8 + 3 + 3, 13 = 8 + 3 + 1 + 1.
    enum { most = 14, in = DIGITS_IMAGE_SIZE, out = DIGITS_SCORES_SIZE };
    static uint8_t image[most * in];
    static float scores[most * out + 1], expected[most * out];
    for (int i = 0; i < most * in; ++i) image[i] = static_cast<uint8_t>(i * i / 7);
#ifdef WITH_FILE
    alignas(64) static char weights[1 << 20];
    FILE *file = std::fopen("any/digits.weights", "rb");
    const size_t bytes = std::fread(weights, 1, sizeof weights, file);
    std::fclose(file);
    digits::ModelItems model(weights, bytes);
    digits::Model one(weights, bytes);
    digits::ModelBatch3 three(weights, bytes);
    digits::ModelBatch8 eight(weights, bytes);
#else
    digits::ModelItems model;
    digits::Model one;
    digits::ModelBatch3 three;
    digits::ModelBatch8 eight;
#endif
    for (int items = 0; items <= most; ++items) {
        int done = 0;
        for (; items - done >= 8; done += 8) eight(image + done * in, expected + done * out);
        for (; items - done >= 3; done += 3) three(image + done * in, expected + done * out);
        for (; items - done >= 1; done += 1) one(image + done * in, expected + done * out);
        std::memset(scores, 0x5a, sizeof scores);
        if (model(static_cast<size_t>(items), image, scores)) return 1;
        if (std::memcmp(scores, expected, sizeof(float) * out * static_cast<size_t>(items))) return 2;
        for (size_t i = sizeof(float) * out * static_cast<size_t>(items); i < sizeof scores; ++i)
            if (reinterpret_cast<char *>(scores)[i] != 0x5a) return 3;
    }
    static_assert(DIGITS_ITEMS_WORKSPACE_BYTES(4) >= DIGITS_WORKSPACE_BYTES(4) &&
                  DIGITS_ITEMS_WORKSPACE_BYTES(4) >= DIGITS_BATCH8_WORKSPACE_BYTES(4));
    if (model(3, nullptr, scores) != HALCYON_ERROR_NULL || model(3, image, nullptr) != HALCYON_ERROR_NULL) return 4;
    if (digits_run_items(nullptr, 1, nullptr, 0, nullptr) != HALCYON_ERROR_NULL) return 5;
    digits_tensors tensors = {};
    tensors.image = image, tensors.scores = scores;
    alignas(64) static char workspace[64];
    return digits_run_items(&tensors, 9, workspace, 64, nullptr) == HALCYON_OK ? 6 : 0;
}
TEXT
g++ -std=c++17 -Wall -Wextra -Werror -Wno-missing-field-initializers -DWITH_FILE -Iany any.cpp any/libdigits.a -o any_from_file
./any_from_file
g++ -std=c++17 -Wall -Wextra -Werror -Wno-missing-field-initializers -Iany_inside any.cpp any_inside/libdigits.a -o any_items
./any_items

# A network whose values leave the caches with all items is computed item by item, and its dense layers for all items.
cat >large.hcn <<'TEXT'
def large(image: float32[64, 64, 3]):
    x = Conv2D(16, 3, padding="same", activation="relu")(image)
    y = Conv2D(16, 3, padding="same")(x)
    x = Concatenate()([ReLU()(y + x), x])
    x = MaxPooling2D(16)(Conv2D(24, 1)(x))
    x = Dense(64, activation="relu")(Flatten()(x))
    return {"scores": Dense(10)(x), "picture": y}
TEXT
"$HALCYON" compile large.hcn --initialize 1 --batch 1,6 --threads 2 --emit program | grep -q "for each of 6 items in parallel"
"$HALCYON" compile large.hcn --initialize 1 --batch 1,6 --threads 2 -o large
cat >large.cpp <<'TEXT'
#include <cmath>
#include <vector>

#include "halcyon/pool.h"
#include "large.h"

int main() {
    enum { batch = 6, in = LARGE_IMAGE_SIZE, scores = LARGE_SCORES_SIZE, picture = LARGE_PICTURE_SIZE };
    std::vector<float> images(batch * in), all(batch * scores), all_pictures(batch * picture);
    for (int i = 0; i < batch * in; ++i) images[i] = static_cast<float>(i * 7 % 1013) / 1013 - 0.5f;
    halcyon_pool *pool = halcyon_pool_create(2);
    const halcyon_executor executor = halcyon_pool_executor(pool);
    std::vector<float> of_two(all.size()), pictures_of_two(all_pictures.size());
    large::ModelBatch6 six, six_of_two(&executor);
    large::Model model;
    if (six(images.data(), all.data(), all_pictures.data())) return 1;
    if (six_of_two(images.data(), of_two.data(), pictures_of_two.data())) return 2;
    if (all != of_two || all_pictures != pictures_of_two) return 3;
    // Watched, the items come one after the other, with the same bits.
    halcyon_executor watched = executor;
    int kernels = 0;
    watched.on_kernel = [](void *count, int, int, const char *, const char *) { ++*static_cast<int *>(count); };
    watched.on_kernel_context = &kernels;
    large::ModelBatch6 six_watched(&watched);
    if (six_watched(images.data(), of_two.data(), pictures_of_two.data())) return 7;
    if (all != of_two || all_pictures != pictures_of_two || kernels <= 2 * 6) return 8;
    halcyon_pool_destroy(pool);
    for (int item = 0; item < batch; ++item) {
        float one[scores];
        std::vector<float> one_picture(picture);
        if (model(images.data() + item * in, one, one_picture.data())) return 4;
        float largest = 0;
        for (int i = 0; i < scores; ++i) largest = std::fmax(largest, std::fabs(one[i]));
        for (int i = 0; i < scores; ++i)
            if (!(std::fabs(one[i] - all[item * scores + i]) < 1e-5f * largest)) return 5;
        for (int i = 0; i < picture; ++i)
            if (!(std::fabs(one_picture[i] - all_pictures[item * picture + i]) < 1e-5f)) return 6;
    }
    return 0;
}
TEXT
built=$(dirname "$HALCYON")
g++ -std=c++17 -Wall -Wextra -Werror -Ilarge -I"$built/include" large.cpp large/liblarge.a "$built/lib/libhalcyon_pool.a" \
    -lpthread -o large_program
./large_program
