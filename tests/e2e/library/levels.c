/* Runs the digits' library of two levels on each of them, and on the best. With a name as argument, that must be the best;
 * with "none", the CPU has neither. Prints the scores of each level in use, or the error. */
#include <stdio.h>
#include <string.h>

#include "digits.h"

static _Alignas(64) unsigned char workspace[DIGITS_WORKSPACE_BYTES(1)];
static uint8_t image[DIGITS_IMAGE_SIZE];
static float scores[DIGITS_SCORES_SIZE];

static int compute(void) {
    const digits_tensors tensors = {image, scores};
    return digits_run(&tensors, workspace, sizeof workspace, NULL);
}

static void print_run(void) {
    const int error = compute();
    if (error) {
        printf("%s: error %d\n", digits_target(), error);
        return;
    }
    printf("%s:", digits_target());
    for (int i = 0; i < DIGITS_SCORES_SIZE; ++i) printf(" %.9g", (double)scores[i]);
    printf("\n");
}

int main(int count, char** words) {
    if (fread(image, 1, sizeof image, stdin) != sizeof image) return 2;
    if (digits_use_target("x86-64") != HALCYON_ERROR_TARGET) return 3;
    if (digits_use_target("x86-64-v2") != HALCYON_ERROR_TARGET) return 4;
    if (digits_use_target("") != HALCYON_ERROR_TARGET) return 5;
    print_run();
    const char* names[] = {"x86-64-v3", "x86-64-v4"};
    for (int i = 0; i < 2; ++i) {
        const int error = digits_use_target(names[i]);
        if (error)
            printf("%s: cannot be used: %d\n", names[i], error);
        else
            print_run();
    }
    if (digits_use_target(NULL)) return 6;
    return count > 1 && strcmp(words[1], digits_target()) != 0 ? 7 : 0;
}
