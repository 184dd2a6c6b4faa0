# Two libraries in one program, both with parallel kernels, do not meet.
set -euo pipefail
sed 's/def mixed/def other/' "$SOURCE_DIR/tests/e2e/library/mixed.hcn" >other.hcn
"$HALCYON" compile "$SOURCE_DIR/tests/e2e/library/mixed.hcn" --initialize 1 --threads 2 -o build
"$HALCYON" compile other.hcn --initialize 2 --threads 2 -o build

cat >main.c <<'TEXT'
#include "caller.h"
#include "other.h"
int main(void) {
    static float image[MIXED_IMAGE_SIZE], first[MIXED_SCORES_SIZE], second[OTHER_SCORES_SIZE], features[MIXED_FEATURES_SIZE];
    static _Alignas(64) char workspace[MIXED_WORKSPACE_BYTES(1)], other_workspace[OTHER_WORKSPACE_BYTES(1)];
    const mixed_tensors mixed = {image, first, features};
    const other_tensors other = {image, second, features};
    fill_image(image);
    REQUIRE(mixed_run(&mixed, workspace, sizeof workspace, NULL) == HALCYON_OK);
    REQUIRE(other_run(&other, other_workspace, sizeof other_workspace, NULL) == HALCYON_OK);
    REQUIRE(is_plausible(first) && is_plausible(second));
    REQUIRE(memcmp(first, second, sizeof first) != 0);
    return 0;
}
TEXT
gcc -std=c11 -Wall -Wextra -Werror -Ibuild -I"$SOURCE_DIR/tests/e2e/library" main.c build/libmixed.a build/libother.a -lm -o main
./main
