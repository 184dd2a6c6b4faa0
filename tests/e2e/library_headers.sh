# The header compiles without a warning as C99 and as C++17, also beside another model's, and its C++ face runs.
set -euo pipefail
"$HALCYON" compile "$SOURCE_DIR/tests/e2e/library/mixed.hcn" --initialize 1 -o build
"$HALCYON" compile "$SOURCE_DIR/examples/models/lenet5.hcn" --initialize 1 -o build
"$HALCYON" compile "$SOURCE_DIR/examples/digits/digits.hcn" -o build

"$HALCYON" compile "$SOURCE_DIR/tests/e2e/library/families.hcn" --initialize 1 --batch 1,2,5 --weights-file -o build
grep -q '^ \* LeNet-5' build/lenet5.h

printf '#include "mixed.h"\n#include "lenet5.h"\n#include "digits.h"\n#include "families.h"\n#include "mixed.h"\nint one = MIXED_SCORES_SIZE;\n' >use.c
for compiler in gcc clang-19; do
    for standard in c99 c11; do
        $compiler -std=$standard -Wall -Wextra -pedantic-errors -Werror -Ibuild -c use.c
    done
    for standard in c++17 c++20; do
        $compiler -x c++ -std=$standard -Wall -Wextra -pedantic-errors -Wshadow -Wconversion -Werror -Ibuild -c use.c
    done
done

cat >main.cpp <<'TEXT'
#include "digits.h"
#include "lenet5.h"
int main() {
    static float image[LENET5_IMAGE_SIZE], scores[LENET5_SCORES_SIZE];
    static uint8_t picture[DIGITS_IMAGE_SIZE];
    lenet5::Model lenet5;
    digits::Model digits;
    return lenet5(image, scores) || digits(picture, scores);
}
TEXT
g++ -std=c++17 -Ibuild main.cpp build/liblenet5.a build/libdigits.a -lm -o main
./main
