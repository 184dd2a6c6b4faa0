/* What the code of other tuners gets beside image and result: weights and bias, from files. */
#pragma once

#include <stdio.h>
#include <stdlib.h>

/* Aligned, and never freed. */
static inline float* read_array(const char* path) {
    FILE* file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END) != 0) exit(1);
    const size_t bytes = (size_t)ftell(file);
    rewind(file);
    float* values = aligned_alloc(64, (bytes + 63) / 64 * 64);
    if (!values || fread(values, 1, bytes, file) != bytes) exit(1);
    fclose(file);
    return values;
}

typedef struct {
    float *image, *result;
} layer_tensors;
#define LAYER_WORKSPACE_BYTES(threads) 64
