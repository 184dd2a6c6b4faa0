// Runs one model of conv2d.hcn on one input and compares the output with stored ones:
//
//     check INPUT.npy EXPECTED.npy...
//
// Built once per model, with HEADER ("relu_valid.h"), MODEL (relu_valid), PREFIX (RELU_VALID), INPUT (IMAGE) defined.
// Agreement means that the largest difference is at most 1e-5 of the largest magnitude expected.

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include HEADER

#define JOIN(a, b) JOIN_(a, b)
#define JOIN_(a, b) a##b
#define INPUT_SIZE JOIN(PREFIX, JOIN(_, JOIN(INPUT, _SIZE)))
#define OUTPUT_SIZE JOIN(PREFIX, _OUTPUT_SIZE)
#define ALIGNMENT JOIN(PREFIX, _WORKSPACE_ALIGNMENT)
#define WORKSPACE_BYTES JOIN(PREFIX, _WORKSPACE_BYTES)(1)

static const double tolerance = 1e-5;

/// Reads a .npy file of `count` float32 numbers in C order, version 1: 6 bytes of magic, 2 of version, 2 that count the
/// header's bytes, the header, the numbers.
static int read_npy(const char* path, float* numbers, size_t count) {
    unsigned char start[10];
    char header[65536] = "";
    FILE* file = fopen(path, "rb");
    int good = file && fread(start, 1, 10, file) == 10 && memcmp(start, "\x93NUMPY\x01", 7) == 0;
    if (good) {
        const size_t length = start[8] + 256u * start[9];
        good = fread(header, 1, length, file) == length && strstr(header, "'<f4'") &&
               strstr(header, "'fortran_order': False") && fread(numbers, sizeof(float), count, file) == count &&
               fgetc(file) == EOF;
    }
    if (file) fclose(file);
    if (!good) fprintf(stderr, "%s: cannot read %zu float32 numbers from it\n", path, count);
    return good;
}

/// The largest difference as a part of the largest magnitude expected. A NaN anywhere makes it infinite.
static double relative_difference(const float* output, const float* expected, size_t count) {
    double difference = 0, magnitude = 0;
    for (size_t i = 0; i < count; ++i) {
        const double d = fabs((double)output[i] - (double)expected[i]);
        if (!isfinite(d)) return INFINITY;
        difference = fmax(difference, d);
        magnitude = fmax(magnitude, fabs((double)expected[i]));
    }
    return difference / magnitude;
}

int main(int argc, char** argv) {
    static float input[INPUT_SIZE], output[OUTPUT_SIZE], expected[OUTPUT_SIZE];
    if (argc < 3) {
        fprintf(stderr, "usage: check INPUT.npy EXPECTED.npy...\n");
        return 2;
    }
    if (!read_npy(argv[1], input, INPUT_SIZE)) return 1;

    // aligned_alloc wants a multiple of the alignment; a workspace may need no bytes at all.
    const size_t bytes = (WORKSPACE_BYTES / ALIGNMENT + 1) * ALIGNMENT;
    void* workspace = aligned_alloc(ALIGNMENT, bytes);
    if (!workspace) {
        fprintf(stderr, "out of memory\n");
        return 1;
    }
    const JOIN(MODEL, _tensors) tensors = {input, output};
    const int error = JOIN(MODEL, _run)(&tensors, workspace, bytes, NULL);
    free(workspace);
    if (error) {
        fprintf(stderr, "error code %d\n", error);
        return 1;
    }

    int good = 1;
    for (int i = 2; i < argc; ++i) {
        if (!read_npy(argv[i], expected, OUTPUT_SIZE)) return 1;
        const double difference = relative_difference(output, expected, OUTPUT_SIZE);
        printf("  %-42s %.1e%s\n", argv[i], difference, difference <= tolerance ? "" : "  TOO LARGE");
        good = good && difference <= tolerance;
    }
    return good ? 0 : 1;
}
