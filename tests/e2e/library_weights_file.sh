# Weights in a file give the bits that embedded ones give, and damaged or foreign files are refused.
set -euo pipefail
programs=$SOURCE_DIR/tests/e2e/library
"$HALCYON" compile "$programs/mixed.hcn" --initialize 1 --weights-file -o file
"$HALCYON" compile "$programs/mixed.hcn" --initialize 1 -o embedded
gcc -std=c11 -O1 -Wall -Wextra -Werror -Ifile -I"$programs" "$programs/weights_file.c" file/libmixed.a -lm -o from_file
cat >main.c <<'TEXT'
#include "caller.h"
int main(void) {
    static float image[MIXED_IMAGE_SIZE], scores[MIXED_SCORES_SIZE], features[MIXED_FEATURES_SIZE];
    static _Alignas(64) char workspace[MIXED_WORKSPACE_BYTES(1)];
    const mixed_tensors tensors = {image, scores, features};
    fill_image(image);
    REQUIRE(mixed_run(&tensors, workspace, sizeof workspace, NULL) == HALCYON_OK);
    for (int i = 0; i < MIXED_SCORES_SIZE; ++i) printf("%a\n", scores[i]);
    return 0;
}
TEXT
gcc -std=c11 -O1 -Wall -Wextra -Werror -Iembedded -I"$programs" main.c embedded/libmixed.a -lm -o from_library
(cd file && ../from_file) >scores_file
./from_library >scores_library
cmp scores_file scores_library

# Other numbers for the same model fit; the library is the same.
"$HALCYON" compile "$programs/mixed.hcn" --initialize 2 --weights-file -o other
cmp file/libmixed.a other/libmixed.a
! cmp -s file/mixed.weights other/mixed.weights
cp other/mixed.weights file/
(cd file && ../from_file) >scores_other
! cmp -s scores_file scores_other
