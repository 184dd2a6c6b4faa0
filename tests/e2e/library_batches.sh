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
