// Kernels' heap: a stack in the worker's part of the workspace. Each block has a header of 64 bytes before it and is
// rounded up to a multiple of 64. A block freed while others lie above it stays until those are freed too.
//
// Sizes of arenas are computed from the kernels' own order of allocation, so a null pointer from here is a defect of
// Halcyon; it is still better than a write outside of the caller's memory.

#include "workspace.h"

void* halide_malloc(void* user_context, size_t bytes);
void halide_free(void* user_context, void* pointer);

void* halide_malloc(void* user_context, size_t bytes) {
    halcyon_worker* worker = user_context;
    const size_t room = (size_t)(worker->end - worker->next);
    if (bytes > SIZE_MAX - 2 * HALCYON_ALIGNMENT) return 0;
    const size_t rounded = (bytes + HALCYON_ALIGNMENT - 1) / HALCYON_ALIGNMENT * HALCYON_ALIGNMENT + HALCYON_ALIGNMENT;
    if (rounded > room) return 0;

    halcyon_block* block = (halcyon_block*)worker->next;
    block->below = worker->top;
    block->freed = 0;
    worker->top = block;
    worker->next += rounded;
    return (uint8_t*)block + HALCYON_ALIGNMENT;
}

void halide_free(void* user_context, void* pointer) {
    halcyon_worker* worker = user_context;
    if (!pointer) return;
    ((halcyon_block*)((uint8_t*)pointer - HALCYON_ALIGNMENT))->freed = 1;
    while (worker->top && worker->top->freed) {
        worker->next = (uint8_t*)worker->top;
        worker->top = worker->top->below;
    }
}
