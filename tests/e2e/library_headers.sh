# The header compiles without a warning as C99 and as C++17, also beside another model's, and its C++ face runs.
set -euo pipefail
"$HALCYON" compile "$SOURCE_DIR/tests/e2e/library/mixed.hcn" --initialize 1 -o build
"$HALCYON" compile "$SOURCE_DIR/examples/models/lenet5.hcn" --initialize 1 -o build
"$HALCYON" compile "$SOURCE_DIR/examples/digits/digits.hcn" -o build

printf '#include "mixed.h"\n#include "lenet5.h"\n#include "digits.h"\n#include "mixed.h"\nint one = MIXED_SCORES_SIZE;\n' >use.c
gcc -std=c99 -Wall -Wextra -pedantic -Werror -Ibuild -c use.c
g++ -x c++ -std=c++17 -Wall -Wextra -pedantic -Wshadow -Wconversion -Werror -Ibuild -c use.c

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
