/* What Halide has made of a layer, as driver.c calls a model. Macros: KERNEL and BIAS (files), IMAGE_EXTENTS, KERNEL_EXTENTS,
 * BIAS_EXTENTS, RESULT_EXTENTS (innermost last). */
#pragma once

#include <halcyon/pool.h>

#include "arrays.h"
#include "layer.h"

enum { MOST_DIMENSIONS = 4 };

static inline halide_buffer_t buffer_of(float* values, halide_dimension_t* dimensions, const int* extents, int count) {
    int stride = 1;
    for (int i = 0; i < count; ++i) {
        const int extent = extents[count - 1 - i];
        dimensions[i] = (halide_dimension_t){0, extent, stride, 0};
        stride *= extent;
    }
    return (halide_buffer_t){
        .host = (uint8_t*)values, .type = {halide_type_float, 32, 1}, .dimensions = count, .dim = dimensions};
}

static inline int layer_run(const layer_tensors* tensors, void* workspace, size_t bytes,
                            const halcyon_executor* executor) {
    (void)workspace, (void)bytes, (void)executor;
    static const int image_extents[] = IMAGE_EXTENTS, kernel_extents[] = KERNEL_EXTENTS, bias_extents[] = BIAS_EXTENTS,
                     result_extents[] = RESULT_EXTENTS;
    static halide_dimension_t dimensions[4][MOST_DIMENSIONS];
    static halide_buffer_t image, kernel, bias, result;
    if (!kernel.host) {
#define BUFFER(values, number, extents) buffer_of(values, dimensions[number], extents, sizeof extents / sizeof *extents)
        kernel = BUFFER(read_array(KERNEL), 0, kernel_extents);
        bias = BUFFER(read_array(BIAS), 1, bias_extents);
        image = BUFFER(tensors->image, 2, image_extents);
        result = BUFFER(tensors->result, 3, result_extents);
    }
    return layer(&image, &kernel, &bias, &result);
}
